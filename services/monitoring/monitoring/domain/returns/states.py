"""A return as it stands: opened, drafted, accepted, late; and its accepted versions, which nothing changes any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from monitoring.domain.returns.lines import Cell, Line, Value


class State(StrEnum):
    """How a return stands on a day."""

    NOT_BEGUN = "not_begun"
    DRAFT = "draft"
    OVERDUE = "overdue"
    """Past its day and not accepted, whether or not it was begun."""
    ON_TIME = "on_time"
    LATE = "late"


class CorrectionReason(StrEnum):
    """Why an accepted return is made again."""

    MISCOUNTED = "miscounted"
    NEWS_CAME_LATE = "news_came_late"
    ASKED_BY_COUNCIL = "asked_by_council"
    ASKED_BY_CONSORTIUM = "asked_by_consortium"
    OTHER = "other"


CORRECTION_REASONS: Mapping[CorrectionReason, str] = {
    CorrectionReason.MISCOUNTED: "We counted wrongly",
    CorrectionReason.NEWS_CAME_LATE: "We learned of something only later",
    CorrectionReason.ASKED_BY_COUNCIL: "A council asked us to look again",
    CorrectionReason.ASKED_BY_CONSORTIUM: "The project manager asked us to look again",
    CorrectionReason.OTHER: "Another reason, in a few words",
}


@dataclass(frozen=True, slots=True)
class Key:
    """Which return: the form, the first day of its period, the agency by its Ofsted number."""

    form: str
    begins: date
    agency: str


@dataclass(frozen=True, slots=True)
class Head:
    """A return's standing, as agency and consortium both see it. ``version`` is raised by every change, ``accepted`` by each acceptance."""

    key: Key
    form_version: int
    ends: date
    due_on: date
    version: int = 0
    opened_at: datetime | None = None
    drafted_at: datetime | None = None
    """When the draft was last saved; None while there is none."""
    accepted: int = 0
    received_on: date | None = None
    """The UK day of the first acceptance: what decides whether it was on time."""
    accepted_at: datetime | None = None
    brought_in: bool = False

    def state(self, today: date) -> State:
        """How it stands on a day. A correction of an accepted return changes nothing of whether it came on time."""
        if self.received_on is not None:
            return State.ON_TIME if self.received_on <= self.due_on else State.LATE
        if today > self.due_on:
            return State.OVERDUE
        return State.DRAFT if self.drafted_at is not None else State.NOT_BEGUN

    def days_late(self, today: date) -> int:
        """Days after the due day on which it came, or so far; 0 when it is on time."""
        return max(0, ((self.received_on or today) - self.due_on).days)


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agency has typed so far, and for a correction the reason of it."""

    lines: tuple[Line, ...]
    reason: CorrectionReason | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of an accepted version: the figure, what Hearth held then, and the reason where the agency gave one."""

    line: Line
    value: Value
    held: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted version. Of a council's copy the lines are that council's alone."""

    key: Key
    version: int
    form_version: int
    ends: date
    due_on: date
    received_on: date
    accepted_at: datetime
    lines: tuple[Kept, ...]
    reason: CorrectionReason | None = None
    words: str = ""
    brought_in: bool = False

    def values(self) -> dict[Cell, Value]:
        """Each line's figure."""
        return {kept.line.cell: kept.value for kept in self.lines}


def same_lines(one: Sequence[Kept], other: Sequence[Kept]) -> bool:
    """Whether two returns say the same with the same reasons, whatever Hearth held and in whatever order."""

    def said(lines: Sequence[Kept]) -> set[tuple[Cell, Value, object, str]]:
        return {(each.line.cell, each.value, each.line.reason, each.line.words) for each in lines}

    return said(one) == said(other)
