"""One record as one KPI counts it: what every figure, chart, table and drill-down is added up from.

A formula gives the records it counted, each with its part of the numerator and of the denominator; a figure is their summary. So a
figure and the records behind it cannot disagree, and a month, a quarter, a council or an agency is a choice of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Summary(StrEnum):
    """How the records of a figure become its value."""

    TOTAL = "total"
    """The sum of the numerators."""
    RATIO = "ratio"
    """The sum of the numerators by the sum of the denominators: a share in per cent, a rate, a mean."""
    MEDIAN = "median"
    NINTH_DECILE = "ninth_decile"
    """Over the numerators, one a record."""
    LATEST_TOTAL = "latest_total"
    LATEST_RATIO = "latest_ratio"
    """As total and ratio, but of how things stood at the end of the last month of the period only."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A record and what it adds to one KPI. ``on`` is the UK day it counts on; ``part`` its slice (a tier, a side, an urgency)."""

    kind: str
    """What the record is: referral, offer, placement, agency, return, month."""
    id: str
    on: date
    numerator: Decimal
    denominator: Decimal | None = None
    council: str | None = None
    agency: str | None = None
    lot: str | None = None
    part: str = ""
