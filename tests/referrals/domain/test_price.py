"""What a placement costs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.price import charge, charge_between, nights, total_to_date
from tests.referrals.domain.records import LAW

ARRIVED = date(2026, 4, 1)
fees = st.decimals(min_value=0, max_value=5000, places=2)
stays = st.integers(0, 4000)


@pytest.mark.parametrize(
    ("left", "expected"),
    [(date(2026, 4, 1), "0.00"), (date(2026, 4, 2), "116.07"), (date(2026, 4, 8), "812.50"), (date(2027, 4, 1), "42366.07")],
)
def test_the_day_of_arrival_counts_and_the_day_of_leaving_does_not(left: date, expected: str) -> None:
    assert charge(Decimal("812.50"), ARRIVED, left) == Decimal(expected)


@LAW
@given(fees, stays)
def test_a_charge_is_the_weekly_fee_by_the_night_rounded_once_half_up(fee: Decimal, days: int) -> None:
    exact_pence = Fraction(fee) * 100 * days / 7  # recomputed in fractions, independently of decimals
    whole, rest = divmod(exact_pence, 1)
    assert charge(fee, ARRIVED, ARRIVED + timedelta(days=days)) * 100 == whole + (1 if rest >= Fraction(1, 2) else 0)


@LAW
@given(fees, stays, st.data())
def test_a_stay_split_at_any_days_adds_up_to_the_whole(fee: Decimal, days: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, days), max_size=5)))
    edges = [ARRIVED + timedelta(days=day) for day in (0, *cuts, days)]
    parts = [charge_between(fee, ARRIVED, begin, end) for begin, end in pairwise(edges)]
    assert sum(parts) == charge(fee, ARRIVED, ARRIVED + timedelta(days=days))
    assert all(part >= 0 for part in parts)


def test_a_whole_number_of_weeks_costs_the_weekly_fee_that_often() -> None:
    assert charge(Decimal("550.01"), ARRIVED, ARRIVED + timedelta(weeks=12)) == Decimal("550.01") * 12


def test_the_total_to_date_stops_at_the_leaving_day_and_begins_with_the_stay() -> None:
    fee, left = Decimal("700.00"), date(2026, 4, 11)
    assert total_to_date(fee, None, None, left) == 0
    assert total_to_date(fee, ARRIVED, None, date(2026, 4, 4)) == Decimal("300.00")
    assert total_to_date(fee, ARRIVED, left, date(2027, 1, 1)) == Decimal("1000.00")
    assert total_to_date(fee, left, None, ARRIVED) == 0


def test_a_stay_that_ends_before_it_begins_has_no_nights() -> None:
    with pytest.raises(ValueError, match="before"):
        nights(ARRIVED, ARRIVED - timedelta(days=1))
