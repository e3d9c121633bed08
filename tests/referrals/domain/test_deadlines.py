"""When a referral closes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.deadlines import BANK_HOLIDAYS, DeadlineRules, closing_time, is_working_day, next_working_day
from shared.contracts.words import Urgency
from shared.uk_time import UK, in_uk_words
from tests.referrals.domain.records import LAW

RULES = DeadlineRules()
moments = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
working = st.sampled_from([Urgency.PLANNED, Urgency.LONG_TERM])
rules = st.builds(DeadlineRules, st.integers(1, 24), st.integers(1, 24), st.integers(1, 20), st.integers(1, 60), st.integers(8, 20))


def uk(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UK)


@pytest.mark.parametrize(
    ("urgency", "sent_at", "closes_at", "because"),
    [
        (Urgency.PLANNED, uk(2026, 11, 23, 10), uk(2026, 11, 25, 16), "Monday morning: two working days on"),
        (Urgency.PLANNED, uk(2026, 11, 23, 15, 59), uk(2026, 11, 25, 16), "a minute before the cut-off"),
        (Urgency.PLANNED, uk(2026, 11, 23, 16), uk(2026, 11, 26, 16), "at the cut-off it counts from Tuesday"),
        (Urgency.PLANNED, uk(2026, 11, 20, 10), uk(2026, 11, 24, 16), "Friday: over the weekend"),
        (Urgency.PLANNED, uk(2026, 11, 21, 10), uk(2026, 11, 25, 16), "Saturday counts from Monday"),
        (Urgency.PLANNED, uk(2026, 12, 24, 10), uk(2026, 12, 30, 16), "Christmas, and Boxing Day's substitute on Monday 28"),
        (Urgency.LONG_TERM, uk(2026, 3, 30, 9), uk(2026, 4, 8, 16), "Good Friday and Easter Monday"),
        (Urgency.PLANNED, uk(2026, 3, 27, 15), uk(2026, 3, 31, 16), "over the night the clocks go forward, at 16:00 by the new time"),
        (Urgency.PLANNED, uk(2026, 10, 23, 15), uk(2026, 10, 27, 16), "over the night the clocks go back"),
        (Urgency.EMERGENCY, uk(2026, 12, 25, 3), uk(2026, 12, 25, 5), "an emergency runs on Christmas night too"),
    ],
)
def test_a_referral_closes_on_the_working_calendar_of_england(
    urgency: Urgency, sent_at: datetime, closes_at: datetime, because: str
) -> None:
    assert closing_time(urgency, sent_at, RULES) == closes_at, because


def test_an_emergency_lasts_two_real_hours_while_the_clocks_go_back() -> None:
    sent_at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30 BST, half an hour before the clocks go back
    assert closing_time(Urgency.EMERGENCY, sent_at, RULES) == sent_at + timedelta(hours=2)
    assert in_uk_words(sent_at + timedelta(hours=2)) == "Sunday 25 October 2026 at 02:30 GMT (02:30 UTC)"


@LAW
@given(working, moments, rules)
def test_a_closing_time_is_the_cut_off_hour_of_a_working_day(urgency: Urgency, sent_at: datetime, given_rules: DeadlineRules) -> None:
    local = closing_time(urgency, sent_at, given_rules).astimezone(UK)
    assert is_working_day(local.date())
    assert (local.hour, local.minute) == (given_rules.cut_off_hour, 0)


@LAW
@given(st.sampled_from(Urgency), moments, st.timedeltas(timedelta(0), timedelta(days=40)), rules)
def test_what_is_sent_later_never_closes_sooner(urgency: Urgency, sent_at: datetime, later: timedelta, given_rules: DeadlineRules) -> None:
    assert closing_time(urgency, sent_at, given_rules) <= closing_time(urgency, sent_at + later, given_rules)


@LAW
@given(working, moments, rules)
def test_a_provider_has_at_least_the_full_number_of_working_days(urgency: Urgency, sent_at: datetime, given_rules: DeadlineRules) -> None:
    wanted = given_rules.planned_working_days if urgency is Urgency.PLANNED else given_rules.long_term_working_days
    closes = closing_time(urgency, sent_at, given_rules).astimezone(UK)
    day, counted = sent_at.astimezone(UK).date(), 0
    while day < closes.date():
        day += timedelta(days=1)
        counted += is_working_day(day)
    assert counted in (wanted, wanted + 1)
    assert closes - sent_at >= timedelta(days=wanted)


def test_a_bank_holiday_is_no_working_day() -> None:
    assert not is_working_day(date(2026, 12, 28))
    assert next_working_day(date(2026, 12, 24)) == date(2026, 12, 29)


def test_england_and_wales_keep_the_same_bank_holidays() -> None:
    wales = holidays.country_holidays("GB", subdiv="WLS")
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(20 * 366)]
    assert [day for day in days if (day in BANK_HOLIDAYS) != (day in wales)] == []


@pytest.mark.parametrize(
    "day",
    [
        *(date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25), date(2026, 8, 31)),
        *(date(2026, 12, 25), date(2026, 12, 28), date(2027, 12, 27), date(2027, 12, 28), date(2022, 9, 19), date(2023, 5, 8)),
    ],
)
def test_the_bank_holidays_of_the_gazette_are_kept_with_substitutes_and_single_occasions(day: date) -> None:
    assert not is_working_day(day)


@LAW
@given(st.sampled_from([Urgency.EMERGENCY, Urgency.SAME_DAY]), moments, rules)
def test_an_emergency_and_a_same_day_close_so_many_real_hours_later_whatever_the_clocks_do(
    urgency: Urgency, sent_at: datetime, given_rules: DeadlineRules
) -> None:
    hours = given_rules.emergency_hours if urgency is Urgency.EMERGENCY else given_rules.same_day_hours
    for moment in (sent_at, sent_at.astimezone(UK)):
        assert closing_time(urgency, moment, given_rules) - sent_at == timedelta(hours=hours)


def test_an_emergency_sent_in_each_of_the_two_hours_called_half_past_one_closes_an_hour_apart() -> None:
    first, second = datetime(2026, 10, 25, 1, 30, tzinfo=UK), datetime(2026, 10, 25, 1, 30, tzinfo=UK, fold=1)
    closings = [closing_time(Urgency.EMERGENCY, sent, RULES) for sent in (first, second)]
    assert closings[1] - closings[0] == timedelta(hours=1)
    assert [in_uk_words(closing) for closing in closings] == [
        "Sunday 25 October 2026 at 02:30 GMT (02:30 UTC)",
        "Sunday 25 October 2026 at 03:30 GMT (03:30 UTC)",
    ]


def test_an_emergency_sent_before_the_spring_change_closes_at_an_hour_that_exists() -> None:
    closes = closing_time(Urgency.EMERGENCY, datetime(2026, 3, 29, 0, 0, tzinfo=UTC), RULES)
    assert in_uk_words(closes) == "Sunday 29 March 2026 at 03:00 BST (02:00 UTC)"


@LAW
@given(working, moments, rules)
def test_sent_before_the_cut_off_hour_of_a_working_day_it_counts_from_that_day_and_at_it_from_the_next(
    urgency: Urgency, sent_at: datetime, given_rules: DeadlineRules
) -> None:
    day = next_working_day(sent_at.astimezone(UK).date())
    cut_off = datetime(day.year, day.month, day.day, given_rules.cut_off_hour, tzinfo=UK)
    before, at = cut_off - timedelta(microseconds=1), cut_off
    after = closing_time(urgency, at, given_rules).astimezone(UK).date()
    assert next_working_day(closing_time(urgency, before, given_rules).astimezone(UK).date()) == after
