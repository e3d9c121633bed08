"""The national return's codes and years, a council's settings, placements in a year, miles that settle nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.deadlines import DeadlineRules
from referrals.domain.distance import within_twenty_miles
from referrals.domain.placement import Stay, number_in_year
from referrals.domain.reasons import (
    CANCELLATION_SIDE,
    WITHDRAWAL_SIDE,
    CancellationReason,
    InHouseReason,
    WithdrawalReason,
    may_skip_asking,
)
from referrals.domain.referral import Act, State, refusal
from referrals.domain.settings import CouncilSettings, broken_rules
from referrals.domain.ssda903 import LISTS, good_code, return_year, year_start
from shared.contracts.referrals import WithinTwentyMiles
from shared.contracts.words import Urgency
from tests.referrals.domain.records import LAW


@pytest.mark.parametrize(
    ("name", "code", "day", "good"),
    [
        ("PLACE", "H5", date(2025, 3, 31), True),
        ("PLACE", "H5", date(2025, 4, 1), False),
        ("PLACE", "K3", date(2025, 3, 31), False),
        ("PLACE", "K3", date(2025, 4, 1), True),
        ("SEX", "1", date(2024, 3, 31), True),
        ("SEX", "M", date(2024, 3, 31), False),
        ("SEX", "M", date(2024, 4, 1), True),
        ("LS", "C2", date(2026, 1, 1), True),
        ("LS", "C3", date(2026, 1, 1), False),
    ],
)
def test_a_code_is_good_in_the_return_years_it_was_in_the_list(name: str, code: str, day: date, good: bool) -> None:
    assert good_code(name, code, day) is good


@LAW
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_day_lies_in_the_return_year_that_began_last(day: date) -> None:
    year = return_year(day)
    assert year_start(year) <= day < year_start(year + 1)


def test_every_list_of_codes_has_a_meaning_for_each() -> None:
    assert all(entry.meaning for codes in LISTS.values() for entry in codes.values())


@pytest.mark.parametrize(
    ("earlier", "number"),
    [
        ([], 1),
        ([Stay(date(2026, 5, 1), date(2026, 6, 1))], 2),
        ([Stay(date(2025, 5, 1), date(2026, 4, 2))], 2),
        ([Stay(date(2025, 5, 1), date(2026, 4, 1))], 1),
        ([Stay(date(2025, 5, 1), None)], 2),
        ([Stay(date(2025, 1, 1), date(2026, 4, 3)), Stay(date(2026, 4, 3), date(2026, 9, 1))], 3),
    ],
)
def test_a_placement_is_counted_with_those_the_child_slept_in_since_1_april(earlier: list[Stay], number: int) -> None:
    assert number_in_year(date(2026, 9, 1), earlier) == number


@LAW
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 30)), max_size=6))
def test_the_number_in_the_year_never_depends_on_the_order_of_the_earlier_stays(parts: list[tuple[int, int]]) -> None:
    started = date(2026, 9, 1)
    stays = [Stay(started - timedelta(days=ago), started - timedelta(days=ago) + timedelta(days=length)) for ago, length in parts]
    assert number_in_year(started, stays) == number_in_year(started, stays[::-1]) <= 1 + len(stays)


@pytest.mark.parametrize(
    ("measured", "about", "answer"),
    [
        ("20.0", "99", WithinTwentyMiles.YES),
        ("20.1", "1", WithinTwentyMiles.NO),
        ("999.9", "14.9", WithinTwentyMiles.YES),
        (None, "15.0", WithinTwentyMiles.UNDECIDED),
        (None, "25.0", WithinTwentyMiles.UNDECIDED),
        (None, "25.1", WithinTwentyMiles.NO),
        (None, None, WithinTwentyMiles.UNDECIDED),
        ("999.9", None, WithinTwentyMiles.UNDECIDED),
    ],
)
def test_twenty_miles_are_settled_by_measurement_else_only_where_districts_leave_no_doubt(
    measured: str | None, about: str | None, answer: WithinTwentyMiles
) -> None:
    assert within_twenty_miles(Decimal(measured) if measured else None, Decimal(about) if about else None) is answer


def test_all_broken_settings_are_named_at_once() -> None:
    wrong = CouncilSettings(DeadlineRules(0, 0, 0, 0, 3), 0, {"distance": Decimal(101), "siblings": Decimal(-5)}, 0)
    assert {reason.field for reason in broken_rules(wrong)} == {
        "deadlines.emergency_hours", "deadlines.same_day_hours", "deadlines.planned_working_days", "deadlines.long_term_working_days",
        "deadlines.cut_off_hour", "approval_miles", "retention_years", "weights", "weights.distance", "weights.siblings",
    }  # fmt: skip
    assert broken_rules(CouncilSettings()) == ()


def test_weights_of_fit_add_up_to_100() -> None:
    settings = CouncilSettings()
    weights = {**settings.weights, "distance": Decimal("30.01")}
    assert [reason.rule for reason in broken_rules(replace(settings, weights=weights))] == ["add_up_to_100"]


def test_every_coded_reason_says_whose_side_it_is_on() -> None:
    assert set(WITHDRAWAL_SIDE) == set(WithdrawalReason)
    assert set(CANCELLATION_SIDE) == set(CancellationReason)


def test_only_an_urgent_referral_out_of_hours_may_skip_asking_the_in_house_service() -> None:
    allowed = {(reason, urgency) for reason in InHouseReason for urgency in Urgency if may_skip_asking(reason, urgency)}
    assert allowed == {(InHouseReason.OUT_OF_HOURS_EMERGENCY, urgency) for urgency in (Urgency.EMERGENCY, Urgency.SAME_DAY)}


def test_nothing_is_broadcast_without_an_in_house_decision() -> None:
    assert [state for state in State if refusal(Act.BROADCAST, state) is None] == [State.IN_HOUSE_DECIDED]


def test_every_refusal_says_what_to_do_next() -> None:
    words = {refusal(act, state) for act in Act for state in State} - {None}
    assert all(word and word.endswith(".") and (":" in word or "make a new referral" in word) for word in words)
