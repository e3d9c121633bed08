"""The periods a form is returned for: quarters of the calendar, fortnights from a fixed Monday. A period is named by its first day."""

from __future__ import annotations

from datetime import date, timedelta

from monitoring.domain.forms.form import Every
from monitoring.domain.period import EARLIEST, LATEST, Period, quarters

FORTNIGHT = timedelta(days=14)
FIRST_FORTNIGHT = date(2012, 4, 2)
"""A Monday; every other Monday before and after it begins a fortnight."""
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def period_beginning(every: Every, begins: date) -> Period | None:
    """The period that begins on a day; None when none does, or outside 2000 to 2100."""
    found = period_holding(every, begins) if EARLIEST <= begins <= LATEST else None
    return found if found is not None and found.first == begins else None


def period_holding(every: Every, day: date) -> Period:
    """The period a day lies in. A quarter ends on 31 March, 30 June, 30 September or 31 December."""
    if every is Every.FORTNIGHT:
        first = day - timedelta(days=(day - FIRST_FORTNIGHT).days % FORTNIGHT.days)
        return Period(first, first + FORTNIGHT - timedelta(days=1))
    first = date(day.year, 1 + 3 * ((day.month - 1) // 3), 1)
    after = date(day.year + 1, 1, 1) if first.month == 10 else date(day.year, first.month + 3, 1)
    return Period(first, after - timedelta(days=1))


def period_before(every: Every, period: Period) -> Period:
    """The one that ends the day before it begins."""
    return period_holding(every, period.first - timedelta(days=1))


def ended_periods(every: Every, since: date, today: date) -> tuple[Period, ...]:
    """Every period that begins on or after ``since`` and has ended before ``today``, the newest first."""
    found = []
    period = period_before(every, period_holding(every, today))
    while period.first >= max(since, EARLIEST):
        found.append(period)
        period = period_before(every, period)
    return tuple(found)


def due_on(period: Period, after_days: int) -> date:
    """The last day on which a return of the period is on time."""
    return period.last + timedelta(days=after_days)


def in_words(every: Every, period: Period) -> str:
    """``July to September 2012 (2012-13 Q2)``; ``2 to 15 April 2012``."""
    first, last = period.first, period.last
    if every is Every.QUARTER:
        return f"{MONTHS[first.month - 1]} to {MONTHS[last.month - 1]} {last.year} ({quarters(period)[0].label})"
    begins = f"{first.day}" if first.month == last.month else f"{first.day} {MONTHS[first.month - 1]}"
    return f"{begins} to {last.day} {MONTHS[last.month - 1]} {last.year}"
