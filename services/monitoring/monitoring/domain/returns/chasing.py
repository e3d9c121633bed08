"""When a return is chased: some days before it is due, on the day, and every so many days after, until it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST = timedelta(days=182)
"""After half a year nobody is chased any more by rote: that is for people."""


class Chaser(StrEnum):
    """What a chaser says."""

    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class DueSettings:
    """What the project manager sets for one form: days after the period until it is due, and when it is chased."""

    due_after_days: int
    chase_before_days: int
    chase_every_days: int


@dataclass(frozen=True, slots=True)
class Chased:
    """One chaser of one return: for which day, and what it says."""

    day: date
    chaser: Chaser


def chaser_due(due: date, settings: DueSettings, today: date) -> Chased | None:
    """The chaser an unreturned return is due at ``today``: the last whose day has come, so that nobody gets two at once."""
    if today < due - timedelta(days=settings.chase_before_days) or today > due + LONGEST:
        return None
    if today < due:
        return Chased(due - timedelta(days=settings.chase_before_days), Chaser.DUE_SOON)
    every = settings.chase_every_days
    after = (today - due).days // every * every
    return Chased(due + timedelta(days=after), Chaser.OVERDUE if after else Chaser.DUE_TODAY)
