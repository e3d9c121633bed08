"""What a KPI declares of itself: its question, what is divided by what, who may see it, and its one formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from monitoring.domain.counted import Counted, Summary
from monitoring.domain.facts import Records
from monitoring.domain.figure import Part, Tally
from monitoring.domain.period import Period


class Unit(StrEnum):
    """What a value counts."""

    NUMBER = "number"
    PER_CENT = "per_cent"
    HOURS = "hours"
    DAYS = "days"
    POUNDS = "pounds"


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher_is_better"
    LOWER = "lower_is_better"
    NEITHER = "neither"


class Reader(StrEnum):
    """The kinds of organisation that may see a figure, each over its own records only; the consortium over all."""

    COUNCIL = "council"
    AGENCY = "agency"
    CONSORTIUM = "consortium"


class Owner(StrEnum):
    """The office that answers for a figure: it is asked when the figure moves. Roles of the consortium's officers."""

    PROJECT_MANAGER = "project_manager"
    PROCUREMENT_LEAD = "procurement_lead"
    SPECIFICATION_LEAD = "specification_lead"
    COMMUNICATION_LEAD = "communication_lead"


class Dimension(StrEnum):
    """What a figure can be asked for separately."""

    COUNCIL = "council"
    AGENCY = "agency"
    LOT = "lot"


EVERYBODY = frozenset(Reader)
BUYERS = frozenset({Reader.COUNCIL, Reader.CONSORTIUM})
ANY_WAY = frozenset(Dimension)
BY_COUNCIL_AND_LOT = frozenset({Dimension.COUNCIL, Dimension.LOT})
BY_COUNCIL_AND_AGENCY = frozenset({Dimension.COUNCIL, Dimension.AGENCY})
BY_COUNCIL = frozenset({Dimension.COUNCIL})

Formula = Callable[[Records, Period], tuple[Counted, ...]]
"""The records that a KPI counts in a period, each with what it adds."""
Parts = Callable[[Sequence[Tally]], tuple[Part, ...]]
"""What a KPI tells beside its value, from the sums of its parts."""


def no_parts(tallies: Sequence[Tally]) -> tuple[Part, ...]:
    """Nothing beside the value."""
    return ()


@dataclass(frozen=True, slots=True)
class Definition:
    """One KPI. ``numerator`` and ``denominator`` say in words what the formula counts; a count has no denominator."""

    name: str
    title: str
    question: str
    numerator: str
    denominator: str | None
    unit: Unit
    direction: Direction
    seen_by: frozenset[Reader]
    divided_by: frozenset[Dimension]
    formula: Formula
    summary: Summary
    counted_in: Unit = Unit.NUMBER
    """What numerator and denominator are counted in."""
    parts: Parts = no_parts
    counted_as: str = ""
    """The KPI whose records are this one's too, summed up in another way: they are kept once, under its name."""
    each_month: bool = False
    """Whether a record has a row in each calendar month it lasts: a stay is one record however many months it is paid for.

    Its ``once`` is set in the first of them alone.
    """

    owner: Owner = Owner.PROJECT_MANAGER
    target: Decimal | None = None
    """What the consortium wants it to be, if it has said so."""
    sources: tuple[str, ...] = ()
    """Which event, and which field of it, each part comes from. Owner, target and sources are data: kpi_sources.csv."""

    @property
    def kept_as(self) -> str:
        """Under which name its records are kept."""
        return self.counted_as or self.name
