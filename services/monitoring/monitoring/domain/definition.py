"""What a KPI declares of itself: its question, what is divided by what, who may see it, and its one formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from monitoring.domain.facts import Records
from monitoring.domain.figure import Figure
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

Formula = Callable[[Records, Period], Figure]


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
    counted_in: Unit = Unit.NUMBER
    """What numerator and denominator are counted in."""
