"""Periods: days of the UK calendar, sensible by default, refused with every reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.period import Period, PeriodRule, months_and_days, period_asked_for, quarters, return_year_of, whole_months

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def test_without_days_the_period_is_eleven_whole_months_and_this_one_to_today() -> None:
    assert period_asked_for(None, None, today=date(2026, 11, 22)) == Period(date(2025, 12, 1), date(2026, 11, 22))
    assert period_asked_for(None, None, today=date(2027, 1, 1)) == Period(date(2026, 2, 1), date(2027, 1, 1))
    assert period_asked_for(None, date(2026, 3, 31), today=date(2026, 11, 22)) == Period(date(2025, 4, 1), date(2026, 3, 31))


def test_a_year_that_ends_on_29_february_begins_on_1_march() -> None:
    assert period_asked_for(None, None, today=date(2028, 2, 29)) == Period(date(2027, 3, 1), date(2028, 2, 29))


@given(DAYS, DAYS)
def test_whole_months_and_the_days_after_them_are_the_period(first: date, last: date) -> None:
    parts = months_and_days(Period(first, last))
    if parts is None:
        assert first.day != 1 or first >= last.replace(day=1)
        return
    whole, days = parts
    assert whole_months(whole)
    assert (whole.first, whole.last + timedelta(days=1), days.last) == (first, days.first, last)
    assert days.first == last.replace(day=1)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    assert period_asked_for(date(2026, 2, 1), date(2026, 1, 31), today=date(2026, 3, 1)) == (PeriodRule.STARTS_BEFORE_IT_ENDS,)


def test_ten_years_are_allowed_and_a_day_more_is_not() -> None:
    assert isinstance(period_asked_for(date(2016, 4, 2), date(2026, 4, 1), today=date(2026, 4, 1)), Period)
    assert period_asked_for(date(2016, 4, 1), date(2026, 4, 1), today=date(2026, 4, 1)) == (PeriodRule.AT_MOST_TEN_YEARS,)


def test_a_year_nobody_lives_in_is_refused_and_not_a_fault() -> None:
    for day in (date.min, date.max):
        assert period_asked_for(day, None, today=date(2026, 4, 1)) == (PeriodRule.BETWEEN_2000_AND_2100,)
        assert period_asked_for(None, day, today=date(2026, 4, 1)) == (PeriodRule.BETWEEN_2000_AND_2100,)


def test_a_summer_day_begins_at_23_00_utc_of_the_day_before() -> None:
    day = Period(date(2026, 7, 1), date(2026, 7, 1))
    assert day.opens == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert day.holds(datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert not day.holds(datetime(2026, 7, 1, 23, 0, tzinfo=UTC))


@given(DAYS, st.integers(0, 3600))
def test_quarters_cut_a_period_into_pieces_that_leave_no_day_out_and_take_none_twice(first: date, length: int) -> None:
    period = Period(first, min(first + timedelta(days=length), date(2100, 12, 31)))
    parts = [quarter.period for quarter in quarters(period)]
    assert parts[0].first == period.first
    assert parts[-1].last == period.last
    assert all(later.first == earlier.last + timedelta(days=1) for earlier, later in pairwise(parts))
    assert len({quarter.label for quarter in quarters(period)}) == len(parts)


def test_quarters_are_those_of_the_financial_year_and_say_when_they_are_cut() -> None:
    found = quarters(Period(date(2026, 3, 31), date(2026, 7, 1)))
    assert [(q.label, q.whole) for q in found] == [("2025-26 Q4", False), ("2026-27 Q1", True), ("2026-27 Q2", False)]


@given(DAYS.filter(lambda day: day.year > 2000))
def test_a_return_year_begins_on_the_last_1_april_before(day: date) -> None:
    begins = return_year_of(day)
    assert (begins.month, begins.day) == (4, 1)
    assert timedelta(0) <= day - begins < timedelta(days=366)
