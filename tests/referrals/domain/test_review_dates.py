"""When reviews are due: working days and months counted by another hand, dates missed, dates answered late."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.episodes import CarePeriod
from referrals.domain.review_dates import ReviewState, missed_in_a_row, open_date, schedule
from tests.referrals.domain.records import LAW

BEGAN = date(2026, 1, 5)
FIRST = date(2026, 2, 2)  # twenty working days after Monday 5 January
HELD, LATE, MISSED, DUE = ReviewState.HELD, ReviewState.HELD_LATE, ReviewState.MISSED, ReviewState.DUE


def period(began_on: date = BEGAN, ended_on: date | None = None, first_reason: str = "S") -> CarePeriod:
    return CarePeriod(began_on, "N1", ended_on, "E4A" if ended_on else None, first_reason=first_reason)


def shown(today: date, *held: date, of: CarePeriod | None = None) -> list[tuple[int, date, ReviewState]]:
    return [(each.number, each.due_on, each.state) for each in schedule(of or period(), held, today)]


@pytest.mark.parametrize(
    ("began_on", "first"),
    [
        (date(2026, 1, 5), date(2026, 2, 2)),
        (date(2026, 1, 3), date(2026, 1, 30)),  # a Saturday
        (date(2026, 3, 20), date(2026, 4, 21)),  # Good Friday and Easter Monday between
        (date(2026, 12, 10), date(2027, 1, 12)),  # Christmas, Boxing Day's substitute, New Year
    ],
)
def test_the_first_is_due_within_twenty_working_days_of_england(began_on: date, first: date) -> None:
    assert shown(began_on, of=period(began_on)) == [(1, first, DUE)]


@LAW
@given(st.dates(date(2020, 1, 1), date(2032, 12, 31)))
def test_twenty_working_days_lie_between_the_beginning_and_the_first(began_on: date) -> None:
    first = schedule(period(began_on), (), began_on)[0].due_on
    closed = holidays.country_holidays("GB", subdiv="ENG")
    between = [began_on + timedelta(number) for number in range(1, (first - began_on).days + 1)]
    assert sum(1 for day in between if day.weekday() < 5 and day not in closed) == 20
    assert first.weekday() < 5
    assert first not in closed


def test_the_second_is_due_three_months_after_the_first_and_every_later_one_six_months_after_that_before() -> None:
    held = (date(2026, 1, 30), date(2026, 4, 29), date(2026, 10, 29))
    assert shown(date(2026, 11, 1), *held) == [
        (1, FIRST, HELD), (2, date(2026, 4, 30), HELD), (3, date(2026, 10, 29), HELD), (4, date(2027, 4, 29), DUE),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),  # a leap year
        (date(2026, 1, 31), date(2026, 4, 30)),
        (date(2026, 11, 15), date(2027, 2, 15)),
    ],
)
def test_months_end_where_the_shorter_month_ends(first: date, second: date) -> None:
    assert shown(first, first, of=period(first - timedelta(5)))[1] == (2, second, DUE)


@LAW
@given(st.dates(date(2020, 1, 1), date(2032, 12, 31)), st.sampled_from([1, 2, 5]))
def test_the_next_is_due_on_the_same_day_of_a_later_month_or_its_last(day: date, number: int) -> None:
    months = 3 if number == 1 else 6
    held = [day - timedelta(200 * (number - 1 - place)) for place in range(number)]
    due = schedule(period(held[0] - timedelta(2)), held, held[-1])[-1].due_on
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    assert due == date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def test_a_date_is_missed_from_the_day_after_and_the_next_is_counted_from_it() -> None:
    assert shown(FIRST) == [(1, FIRST, DUE)]
    assert shown(FIRST + timedelta(1)) == [(1, FIRST, MISSED), (2, date(2026, 5, 2), DUE)]
    assert shown(date(2026, 5, 3)) == [(1, FIRST, MISSED), (2, date(2026, 5, 2), MISSED), (3, date(2026, 11, 2), DUE)]


def test_a_review_held_late_closes_the_date_and_it_stays_marked_late() -> None:
    found = schedule(period(), [date(2026, 2, 20)], date(2026, 3, 1))
    assert [(each.due_on, each.state, each.days_late) for each in found] == [(FIRST, LATE, 18), (date(2026, 5, 20), DUE, 0)]
    assert missed_in_a_row(found) == ()
    assert shown(date(2027, 1, 1), date(2026, 2, 20), date(2026, 5, 20))[0] == (1, FIRST, LATE), "whatever is held afterwards"


def test_a_review_after_two_missed_dates_closes_the_second_late_and_the_first_stays_missed() -> None:
    held = date(2026, 6, 1)
    assert shown(held, held) == [(1, FIRST, MISSED), (2, date(2026, 5, 2), LATE), (3, date(2026, 12, 1), DUE)]


def test_dates_missed_in_a_row_are_those_since_the_last_review() -> None:
    dates = schedule(period(), [date(2026, 6, 1)], date(2027, 7, 1))
    assert [each.due_on for each in missed_in_a_row(dates)] == [date(2026, 12, 1), date(2027, 6, 1)]
    waits = open_date(dates)
    assert waits is not None
    assert waits.due_on == date(2027, 6, 1)


def test_nothing_is_due_after_care_has_ended() -> None:
    ended = period(ended_on=date(2026, 3, 1))
    assert shown(date(2027, 1, 1), of=ended) == [(1, FIRST, MISSED)]
    assert shown(date(2027, 1, 1), of=period(ended_on=FIRST)) == [], "a review due on the day of leaving is owed no more"
    assert open_date(schedule(ended, (), date(2027, 1, 1))) is None


def test_of_a_beginning_that_is_not_known_dates_are_six_months_apart_and_carry_no_number() -> None:
    unknown = replace(period(), first_reason="P")
    assert shown(date(2026, 8, 1), of=unknown) == [(0, date(2026, 7, 5), MISSED), (0, date(2027, 1, 5), DUE)]
    assert shown(date(2026, 8, 1), date(2026, 3, 1), of=unknown) == [(0, date(2026, 7, 5), HELD), (0, date(2026, 9, 1), DUE)]


@LAW
@given(st.lists(st.integers(0, 1500), max_size=8, unique=True), st.integers(0, 1500), st.booleans())
def test_every_review_answers_one_date_and_every_date_lies_within_six_months_of_the_one_before(
    days: list[int], now: int, known: bool
) -> None:
    today = BEGAN + timedelta(now)
    held = sorted(BEGAN + timedelta(day) for day in days if day <= now)
    found = schedule(period(first_reason="S" if known else "P"), held, today)
    assert [each.held_on for each in found if each.held_on] == held
    assert [each.state for each in found].count(DUE) == 1
    assert found[-1].state is DUE
    assert found[-1].due_on >= today or (held and held[-1] == today)
    for each in found:
        assert (each.held_on is not None) == (each.state in (HELD, LATE))
        assert each.held_on is None or (each.held_on > each.due_on) == (each.state is LATE)
    for before, after in pairwise(found):
        since = before.held_on or before.due_on
        assert timedelta(0) < after.due_on - since <= timedelta(184)
