"""When the full agreement of a placement is due, and when it is asked for.

A placement may begin with the emergency form, or with nothing signed at all. The full agreement is due so many working days after the
placement's first day (the council's setting); the reminder comes shortly before and once more when the day has passed.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from referrals.domain.agreement import Version
from referrals.domain.agreement_terms import Form
from referrals.domain.deadlines import BANK_HOLIDAYS, is_working_day, next_working_day
from referrals.domain.placement_rules import PlacementRules


class DueState(StrEnum):
    """Whether the full agreement may still come in time."""

    DUE = "due"
    OVERDUE = "overdue"


class Stage(StrEnum):
    """For what a reminder is recorded: each once for a day on which an agreement is due."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Due:
    """A full agreement that is not there yet: the last day for it, the day of its reminder, and how it stands today."""

    due_on: date
    remind_on: date
    state: DueState
    days_overdue: int


@lru_cache(10_000)  # a council has hundreds of placements, which began on the same few hundred days
def working_days_after(day: date, days: int, bank_holidays: Container[date] = BANK_HOLIDAYS) -> date:
    """The day so many working days of England after a day, which itself is not counted."""
    for _ in range(days):
        day = next_working_day(day, bank_holidays)
    return day


@lru_cache(10_000)
def working_days_before(day: date, days: int, bank_holidays: Container[date] = BANK_HOLIDAYS) -> date:
    """The day so many working days of England before a day."""
    for _ in range(days):
        day = date.fromordinal(day.toordinal() - 1)
        while not is_working_day(day, bank_holidays):
            day = date.fromordinal(day.toordinal() - 1)
    return day


def complete(versions: Sequence[Version]) -> bool:
    """Whether a full agreement is in force; the emergency form is none."""
    return any(version.in_force and version.terms.form is Form.FULL for version in versions)


def due(first_day: date, rules: PlacementRules, today: date) -> Due:
    """When the full agreement of a placement that began on ``first_day`` is due; overdue from the day after."""
    due_on = working_days_after(first_day, rules.agreement_working_days)
    late = max((today - due_on).days, 0)
    state = DueState.OVERDUE if late else DueState.DUE
    return Due(due_on, working_days_before(due_on, rules.reminder_working_days), state, late)


def stages_reached(found: Due, today: date) -> Iterator[Stage]:
    """What reminders the day calls for: the one before it is due from its day on, the one that it is overdue once it is."""
    if today >= found.remind_on:
        yield Stage.DUE_SOON
    if found.state is DueState.OVERDUE:
        yield Stage.OVERDUE
