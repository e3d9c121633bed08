"""Stability 2: who counts, who stayed, day by day against a recount that walks every night."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.episodes import CarePeriod, Stay
from referrals.domain.long_term_stability import LongTerm, counted, long_term

AS_OF = date(2026, 3, 31)
BORN = date(2015, 5, 1)


def lived(*stays: tuple[date, date | None, str]) -> list[Stay]:
    return [Stay(began_on=began, ended_on=ended, place=place) for began, ended, place in stays]


@pytest.mark.parametrize(("began", "counts"), [(date(2023, 9, 30), True), (date(2023, 10, 1), False)], ids=["to the day", "a day short"])
def test_two_and_a_half_years_are_counted_to_the_day(began: date, counts: bool) -> None:
    assert long_term(BORN, [CarePeriod(began, "N1")], lived((began, None, "U4")), AS_OF).counts is counts


def test_a_child_of_sixteen_does_not_count_and_one_the_day_before_does() -> None:
    periods, stays = [CarePeriod(date(2020, 1, 1), "N1")], lived((date(2020, 1, 1), None, "U4"))
    assert not long_term(date(2010, 3, 31), periods, stays, AS_OF).counts
    assert long_term(date(2010, 4, 1), periods, stays, AS_OF) == LongTerm(counts=True, stayed=True)


def test_the_same_placement_must_have_lasted_two_years_to_the_day() -> None:
    periods = [CarePeriod(date(2020, 1, 1), "N1")]
    for moved, stayed in ((date(2024, 3, 31), True), (date(2024, 4, 1), False)):
        stays = lived((date(2020, 1, 1), moved, "U4"), (moved, None, "U6"))
        assert long_term(BORN, periods, stays, AS_OF).stayed is stayed


def test_the_same_carer_in_a_row_is_one_placement_and_an_adoptive_home_counts_with_the_one_before() -> None:
    periods = [CarePeriod(date(2020, 1, 1), "N1")]
    first, moved = Stay(date(2022, 1, 1), "U6", date(2025, 1, 1)), date(2025, 1, 1)
    assert long_term(BORN, periods, [first, Stay(moved, "U4", same_carer=True)], AS_OF).stayed
    assert long_term(BORN, periods, [first, Stay(moved, "A3")], AS_OF).stayed
    assert not long_term(BORN, periods, [first, Stay(moved, "U4")], AS_OF).stayed


def test_a_break_in_care_begins_the_time_anew_and_nobody_placed_has_not_stayed() -> None:
    periods = [CarePeriod(date(2019, 1, 1), "N1", date(2024, 1, 1), "E4A"), CarePeriod(date(2024, 1, 2), "N1")]
    assert not long_term(BORN, periods, lived((date(2019, 1, 1), None, "U4")), AS_OF).counts
    left = lived((date(2020, 1, 1), date(2026, 3, 31), "U4"))
    assert long_term(BORN, [CarePeriod(date(2020, 1, 1), "N1")], left, AS_OF) == LongTerm(counts=True, stayed=False)


@given(cuts=st.lists(st.integers(1, 2500), unique=True, max_size=6), as_of=st.integers(915, 2600))
def test_walking_back_night_by_night_agrees(cuts: list[int], as_of: int) -> None:
    start = date(2019, 1, 1)
    marks = [0, *sorted(cuts)]
    stays = [Stay(start + timedelta(a), f"U{n % 6 + 1}", start + timedelta(b)) for n, (a, b) in enumerate(pairwise(marks))] + [
        Stay(start + timedelta(marks[-1]), "U6")
    ]
    day = start + timedelta(as_of)
    found = long_term(BORN, [CarePeriod(start, "N1")], stays, day)
    where = {start + timedelta(n): sum(mark <= n for mark in marks) for n in range(as_of + 1)}
    two_years_before = day.replace(year=day.year - 2, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 2)
    assert found.counts
    nights = [two_years_before + timedelta(n) for n in range((day - two_years_before).days + 1)]
    assert found.stayed is all(where.get(night) == where[day] for night in nights)


def test_children_are_added_up() -> None:
    children = [LongTerm(True, True), LongTerm(True), LongTerm(False)]
    assert (counted(children, AS_OF).looked_after_long, counted(children, AS_OF).same_placement) == (2, 1)
