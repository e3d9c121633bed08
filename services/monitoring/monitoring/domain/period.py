"""The span of days a figure is about, in UK local time, and the quarters and return years inside it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
EARLIEST = date(2000, 1, 1)
LATEST = date(2100, 12, 31)
LONGEST_YEARS = 10


class PeriodRule(StrEnum):
    """What a period asked for must keep to."""

    STARTS_BEFORE_IT_ENDS = "starts_before_it_ends"
    AT_MOST_TEN_YEARS = "at_most_ten_years"
    BETWEEN_2000_AND_2100 = "between_2000_and_2100"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both counted, as the calendar on a wall in England has them."""

    first: date
    last: date

    @property
    def opens(self) -> datetime:
        """The first instant of the first day, in UTC."""
        return _midnight(self.first)

    @property
    def closes(self) -> datetime:
        """The first instant after the last day, in UTC: itself no longer in the period."""
        return _midnight(self.last + timedelta(days=1))

    def holds(self, moment: datetime | None) -> bool:
        """Whether something happened in the period; what has not happened did not."""
        return moment is not None and self.opens <= moment < self.closes

    def holds_day(self, day: date | None) -> bool:
        """Whether a day is one of the period's; no day is not."""
        return day is not None and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Quarter:
    """The part of one quarter of a financial year (April to March) that falls in a period."""

    label: str
    period: Period
    whole: bool
    """False when the period asked for cuts the quarter short, so that nobody compares it with a whole one."""


def period_asked_for(first: date | None, last: date | None, *, today: date) -> Period | tuple[PeriodRule, ...]:
    """The period between two days, by default today's month to today and the eleven whole months before; or every rule it breaks.

    A missing ``last`` is today. A missing ``first`` is the first day of the month eleven months before the last one's, because whole
    months are counted ahead. Refused: the first day after the last, more than ten years, a year outside 2000 to 2100.
    """
    last = today if last is None else last
    if not EARLIEST <= last <= LATEST or (first is not None and not EARLIEST <= first <= LATEST):
        return (PeriodRule.BETWEEN_2000_AND_2100,)
    first = next_month(month_of(a_year_before(last))) if first is None else first
    broken = []
    if first > last:
        broken.append(PeriodRule.STARTS_BEFORE_IT_ENDS)
    if first.year + LONGEST_YEARS < last.year or (
        first.year + LONGEST_YEARS == last.year and (first.month, first.day) <= (last.month, last.day)
    ):
        broken.append(PeriodRule.AT_MOST_TEN_YEARS)
    return tuple(broken) if broken else Period(first, last)


def return_year_of(day: date) -> date:
    """The 1 April that begins the national return's year in which ``day`` falls."""
    return date(day.year if day.month >= 4 else day.year - 1, 4, 1)


def quarters(period: Period) -> tuple[Quarter, ...]:
    """The quarters of the financial year that a period touches, in order, each cut to the period."""
    found = []
    begins = quarter_of(period.first)
    while begins <= period.last:
        following = date(begins.year + 1, 1, 1) if begins.month == 10 else date(begins.year, begins.month + 3, 1)
        ends = following - timedelta(days=1)
        part = Period(max(begins, period.first), min(ends, period.last))
        found.append(Quarter(_label(begins), part, whole=part == Period(begins, ends)))
        begins = following
    return tuple(found)


def uk_day(moment: datetime) -> date:
    """The day on a wall calendar in England."""
    return moment.astimezone(UK).date()


def month_of(day: date) -> date:
    """The first day of a day's month: by it a month is named."""
    return day.replace(day=1)


def quarter_of(day: date) -> date:
    """The first day of a day's quarter."""
    return date(day.year, 1 + 3 * ((day.month - 1) // 3), 1)


def end_of_month(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def span_of(months: Sequence[date]) -> Period:
    """From the first of these months, in order, to the last one's end."""
    return Period(months[0], end_of_month(months[-1]))


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months(period: Period) -> tuple[Period, ...]:
    """The calendar months that a period touches, in order, each cut to the period."""
    found = []
    begins = month_of(period.first)
    while begins <= period.last:
        following = next_month(begins)
        found.append(Period(max(begins, period.first), min(following - timedelta(days=1), period.last)))
        begins = following
    return tuple(found)


def whole_months(period: Period) -> bool:
    """Whether a period begins and ends where months do."""
    return period.first.day == 1 and (period.last + timedelta(days=1)).day == 1


def months_and_days(period: Period) -> tuple[Period, Period] | None:
    """The whole months of a period that begins where a month does, and its days of the month it ends in, which may be all of them; None
    for a period that begins within a month or ends in the month it begins in."""
    ends_in = month_of(period.last)
    if period.first.day != 1 or period.first >= ends_in:
        return None
    return Period(period.first, ends_in - timedelta(days=1)), Period(ends_in, period.last)


def _label(begins: date) -> str:
    year = return_year_of(begins).year
    return f"{year}-{(year + 1) % 100:02d} Q{(begins.month - 4) % 12 // 3 + 1}"


def a_year_before(day: date) -> date:
    """The same day last year; 29 February becomes the 28th."""
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


@lru_cache(maxsize=1024)  # asked for every record of a figure; the same few days each time
def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UK).astimezone(UTC)
