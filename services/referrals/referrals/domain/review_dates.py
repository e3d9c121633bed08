"""When a looked-after child's reviews are due, which were missed, and which were held late.

The first is due within 20 working days of the day the child began to be looked after, the second within three months of the first, every
later one within six months of the one before (Care Planning, Placement and Case Review Regulations 2010, regulation 33). Working days are
England's; three months after 30 November is the last day of February. A date that passes without a review is missed, and the next is
counted from it; a review held after it, before the next date passes, closes it and stays marked late. What is due next is counted from the
day a review was held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from referrals.domain.agreement_due import working_days_after
from referrals.domain.episodes import STARTED, CarePeriod

FIRST_WORKING_DAYS = 20
SECOND = relativedelta(months=3)
LATER = relativedelta(months=6)


class ReviewState(StrEnum):
    """What became of a date on which a review was due."""

    HELD = "held"
    HELD_LATE = "held_late"
    MISSED = "missed"
    DUE = "due"


@dataclass(frozen=True)
class DueReview:
    """One date: its number since the child began to be looked after (0: it cannot be known), what became of it, and the review held."""

    number: int
    due_on: date
    state: ReviewState
    held_on: date | None = None

    @property
    def days_late(self) -> int:
        """Days from the date to the review held late; 0 for every other."""
        return (self.held_on - self.due_on).days if self.state is ReviewState.HELD_LATE and self.held_on else 0


def schedule(period: CarePeriod, held: Iterable[date], today: date) -> tuple[DueReview, ...]:
    """Every date on which a review of this time in care was due until today or its end, and the next one while it lasts; oldest first.

    Of a time in care whose beginning is not known here (a history that began before the records did), the reviews before the first on
    record are not known either: dates are counted six months apart, and carry no number.
    """
    known = period.first_reason == STARTED
    ends = period.ended_on
    days = sorted(day for day in set(held) if day >= period.began_on and (ends is None or day <= ends))
    number = 1 if known else 0
    due_on = working_days_after(period.began_on, FIRST_WORKING_DAYS) if known else period.began_on + LATER
    found: list[DueReview] = []
    for day in days:
        while day > due_on and day > (following := _next(number, due_on)):
            found.append(DueReview(number, due_on, ReviewState.MISSED))
            number, due_on = _after(number), following
        found.append(DueReview(number, due_on, ReviewState.HELD if day <= due_on else ReviewState.HELD_LATE, day))
        number, due_on = _after(number), _next(number, day)
    while due_on < today and (ends is None or due_on < ends):
        found.append(DueReview(number, due_on, ReviewState.MISSED))
        number, due_on = _after(number), _next(number, due_on)
    if ends is None:
        found.append(DueReview(number, due_on, ReviewState.DUE))
    return tuple(found)


def _after(number: int) -> int:
    return number + 1 if number else 0


def _next(number: int, day: date) -> date:
    following: date = day + (SECOND if number == 1 else LATER)
    return following


def missed_in_a_row(dates: Sequence[DueReview]) -> tuple[DueReview, ...]:
    """The dates that have passed without a review since the last one held; none once a review is held, late or not."""
    found: list[DueReview] = []
    for each in dates:
        if each.state is ReviewState.MISSED:
            found.append(each)
        elif each.state in (ReviewState.HELD, ReviewState.HELD_LATE):
            found = []
    return tuple(found)


def open_date(dates: Sequence[DueReview]) -> DueReview | None:
    """The date that a review held now would answer: the last one missed, else the next that is due; None once care has ended."""
    if not dates or dates[-1].state is not ReviewState.DUE:
        return None
    missed = missed_in_a_row(dates)
    return missed[-1] if missed else dates[-1]
