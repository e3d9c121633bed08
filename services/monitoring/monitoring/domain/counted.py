"""One record as one KPI counts it: what every figure, chart, table and drill-down is added up from.

A formula gives the records it counted, each with its part of the numerator and of the denominator; a figure is their summary. So a
figure and the records behind it cannot disagree, and a month, a quarter, a council or an agency is a choice of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

NOUGHT, ONE = Decimal(0), Decimal(1)
EVERY = "*"
"""As a row's agency: it stands in every agency's figure alike, as a referral does that all of them could answer."""
LEFT_OUT = "left out: "
"""How the part of a row begins that is stated beside a figure and not counted in it; the reason follows."""


class Summary(StrEnum):
    """How the records of a figure become its value."""

    TOTAL = "total"
    """The sum of the numerators."""
    DISTINCT = "distinct"
    """How many different ``once`` there are: needs, each counted once however often it was referred."""
    RATIO = "ratio"
    """The sum of the numerators by the sum of the denominators: a share in per cent, a rate, a mean."""
    MEDIAN = "median"
    NINTH_DECILE = "ninth_decile"
    """Over the numerators; of rows with the same ``once`` the smallest alone. All rows of such a case are of one day and one council,
    so that what is kept of a month's cases is whole."""
    LATEST_TOTAL = "latest_total"
    LATEST_RATIO = "latest_ratio"
    """As total and ratio, but of how things stood at the end of the last month of the period only."""

    @property
    def latest(self) -> bool:
        """Whether only the last month of a period says how things are."""
        return self in (Summary.LATEST_TOTAL, Summary.LATEST_RATIO)

    @property
    def divides(self) -> bool:
        """Whether the value is numerators by denominators."""
        return self in (Summary.RATIO, Summary.LATEST_RATIO)

    @property
    def of_each(self) -> bool:
        """Whether the value is found among single records, not from sums."""
        return self in (Summary.MEDIAN, Summary.NINTH_DECILE)


@dataclass(frozen=True, slots=True)
class Counted:
    """A record and what it adds to one KPI. ``on`` is the UK day it counts on; ``part`` its slice (a tier, a side, an urgency)."""

    kind: str
    """What the record is: referral, offer, placement, agency, return, month."""
    id: str
    on: date
    numerator: Decimal
    denominator: Decimal | None = None
    """Where the KPI divides by nothing, what it tells beside: nights, children, beds held."""
    council: str | None = None
    agency: str | None = None
    lot: str | None = None
    """One lot's code; a bed offered in several has them joined by ``+``."""
    part: str = ""
    once: str = ""
    """Rows that share it are one case: the first of several offers, one need referred again."""

    @property
    def left_out(self) -> bool:
        """Whether it is only stated, not counted."""
        return self.part.startswith(LEFT_OUT)

    def of(self, *, council: str | None, agency: str | None, lot: str | None) -> bool:
        """Whether it is a row of that council, agency and lot; None asks for all.

        What belongs to no council (a bed of an agency) is its agency's, whichever council asks about the agency.
        """
        its_council = council is None or self.council == council or (self.council is None and agency is not None)
        its_agency = agency is None or self.agency in (agency, EVERY)
        return its_council and its_agency and (lot is None or (self.lot is not None and lot in self.lot.split("+")))
