"""Chances, funnels and changed shares: against whole counting with exact fractions, and by laws."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.chance import binomial_tails, same_share_tails, wilson
from monitoring.domain.changed_share import THRESHOLD, MonthShare, changed, excess_of
from monitoring.domain.funnel import Measured, Standing, band, funnel
from monitoring.domain.special_cause import Way


def month(place: int) -> date:
    return date(2012 + place // 12, 1 + place % 12, 1)


@given(st.integers(0, 25), st.integers(0, 25), st.integers(0, 10))
def test_binomial_tails_are_those_counted_with_whole_fractions(k: int, n: int, tenths: int) -> None:
    k, p = min(k, n), Fraction(tenths, 10)
    chances = [comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(n + 1)]
    lower, upper = binomial_tails(k, n, float(p))
    assert lower == pytest.approx(float(sum(chances[: k + 1])))
    assert upper == pytest.approx(float(sum(chances[k:])))


@pytest.mark.parametrize(("k", "n", "others_k", "others_n"), [(2, 3, 1, 4), (0, 2, 3, 5), (3, 3, 0, 4), (1, 4, 1, 3)])
def test_fishers_tails_are_those_of_every_way_to_deal_the_marked_out(k: int, n: int, others_k: int, others_n: int) -> None:
    everybody, marked = range(n + others_n), set(range(k + others_k))
    dealt = [len(marked & set(hand)) for hand in combinations(everybody, n)]
    lower, upper = same_share_tails(k, n, others_k, others_n)
    assert lower == pytest.approx(sum(each <= k for each in dealt) / len(dealt))
    assert upper == pytest.approx(sum(each >= k for each in dealt) / len(dealt))


def test_wilsons_interval_is_the_published_one_and_stays_within_nought_and_one() -> None:
    found = wilson(15, 148)  # a worked example of Newcombe (1998), method 3
    assert (round(found.lower, 4), round(found.upper, 4)) == (0.0624, 0.1605)
    assert wilson(0, 3).lower == 0.0
    assert wilson(3, 3).upper == 1.0


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilsons_interval_holds_its_share_and_mirrors(k: int, n: int) -> None:
    k = min(k, n)
    found, mirrored = wilson(k, n), wilson(n - k, n)
    assert 0 <= found.lower <= k / n <= found.upper <= 1
    assert found.lower == pytest.approx(1 - mirrored.upper)


def test_the_same_share_lies_outside_with_many_records_and_inside_with_few() -> None:
    small, large, rest = Measured("small", 4, 10), Measured("large", 120, 300), Measured("rest", 180, 900)
    found = funnel([small, large, rest])
    assert found is not None
    standing = {each.code: each.standing for each in found.placed}
    assert standing["small"] is Standing.INSIDE
    assert standing["large"] is Standing.OUTSIDE_99_8


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8))
def test_who_lies_outside_is_who_the_drawn_limits_leave_out(rows: list[tuple[int, int]]) -> None:
    measured = [Measured(str(place), min(k, n), n) for place, (k, n) in enumerate(rows)]
    found = funnel(measured)
    if found is None:
        assert all(n == 0 for _, n in rows)
        return
    assert {each.code for each in found.placed} == {each.code for each in measured if each.records}
    for each in found.placed:
        drawn, share = band(each.records, found.overall), each.marked / each.records
        assert (each.standing is not Standing.INSIDE) == (not drawn.lower_95 <= share <= drawn.upper_95)
        assert (each.standing is Standing.OUTSIDE_99_8) == (not drawn.lower_99_8 <= share <= drawn.upper_99_8)
        assert list(Standing).index(each.widened) <= list(Standing).index(each.standing)


def test_those_that_scatter_more_than_chance_are_told_apart_by_widened_limits() -> None:
    found = funnel([Measured(str(n), 50 if n % 2 else 150, 400) for n in range(12)])
    assert found is not None
    assert found.scatter > 10
    assert {each.standing for each in found.placed} == {Standing.OUTSIDE_99_8}
    assert {each.widened for each in found.placed} == {Standing.INSIDE}


def shares(*months: tuple[int, int]) -> list[MonthShare]:
    return [MonthShare(month(place), marked, records) for place, (marked, records) in enumerate(months)]


def test_an_agency_that_slips_is_found_with_the_month_it_began() -> None:
    quiet, slipped = [(2, 8), (1, 8), (2, 9), (1, 7), (3, 8), (2, 8)] * 3, [(5, 8), (6, 8), (5, 7), (6, 8)]
    found = changed(shares(*quiet, *slipped))
    assert found is not None
    assert (found.way, found.first, found.last) == (Way.UP, month(18), month(21))
    assert (found.marked, found.records, found.marked_before) == (22, 31, 33)
    assert found.chance <= THRESHOLD
    better = changed(shares(*[(n - k, n) for k, n in [*quiet, *slipped]]))
    assert better is not None
    assert (better.way, better.chance) == (Way.DOWN, pytest.approx(found.chance))


def test_a_handful_of_records_never_makes_an_alarm_however_bad() -> None:
    assert changed(shares(*[(0, 1)] * 20, (1, 1), (1, 1), (1, 2))) is None
    assert changed(shares(*[(1, 10)] * 11, (9, 10), (9, 10), (9, 10))) is None, "less than a year to compare with"


def test_months_that_always_jumped_must_jump_further_to_be_news() -> None:
    steady, jumping = [(10, 40)] * 18, [(0, 40), (20, 40)] * 9
    after = [(22, 40)] * 3
    assert excess_of(shares(*steady)) == 1
    assert excess_of(shares(*jumping)) > 5
    assert changed(shares(*steady, *after)) is not None
    assert changed(shares(*jumping, *after)) is None


def test_a_change_already_told_of_is_not_told_again_from_its_own_months() -> None:
    months = shares(*[(2, 10)] * 18, *[(8, 10)] * 5)
    found = changed(months)
    assert found is not None
    again = changed(months, after=found.last)
    assert again is None


def test_unchanged_series_raise_fewer_false_alarms_than_the_threshold_allows() -> None:
    """Two years of looks at 250 unchanging agencies: the bound is looks times the threshold, most of it never used."""
    chance, alarms, looks = random.Random(7), 0, 0
    for _ in range(250):
        months = []
        for place in range(36):
            records = sum(chance.random() < 0.25 for _ in range(16))
            if records:
                months.append(MonthShare(month(place), sum(chance.random() < 0.2 for _ in range(records)), records))
        told = False
        for place in range(15, 36, 3):
            looks += 1
            known = [each for each in months if each.month <= month(place)]
            told = told or changed(known) is not None
        alarms += told
    assert alarms <= looks * THRESHOLD + 2
