"""League tables: scores from their parts, ranks no firmer than their records; levels compared by the order of their records."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.changed_level import MonthLevels, changed, ranks
from monitoring.domain.changed_share import THRESHOLD
from monitoring.domain.late_returns import DueReturn, late_payers
from monitoring.domain.league import PARTS, Entrant, table, weights
from monitoring.domain.special_cause import Way

WEIGHTS = {"carers": 0.4, "ofsted": 0.3, "stability": 0.3}


def entrant(agency: str, unplanned: int = 0, endings: int = 0, rating: str | None = "good", before: int = 10, now: int = 11) -> Entrant:
    return Entrant(agency, agency.title(), 1, 1, rating, before, now, unplanned, endings)


def test_a_score_is_its_parts_by_their_weights_and_each_part_is_told() -> None:
    (line,) = table([entrant("oak", 1, 4, "outstanding", 10, 11)], WEIGHTS)
    assert [(part.part, part.points, part.known) for part in line.parts] == [
        ("carers", pytest.approx(50.0), True),
        ("ofsted", 100.0, True),
        ("stability", 75.0, True),
    ]
    assert line.score == pytest.approx(0.4 * 50 + 0.3 * 100 + 0.3 * 75)
    assert line.interval.lower < line.score < line.interval.upper


def test_the_weights_are_data_and_add_up_to_one_for_every_lot() -> None:
    found = weights("general")
    assert sum(found.values()) == pytest.approx(1)
    assert tuple(found) == PARTS


def test_few_endings_cannot_be_told_apart_and_many_can() -> None:
    few = table([entrant("oak", 0, 4), entrant("ash", 2, 4)], WEIGHTS)
    assert [(line.entrant.agency, line.best_rank, line.worst_rank, line.alike) for line in few] == [
        ("oak", 1, 2, ("ash",)),
        ("ash", 1, 2, ("oak",)),
    ]
    many = table([entrant("oak", 0, 400), entrant("ash", 200, 400)], WEIGHTS)
    assert [(line.entrant.agency, line.best_rank, line.worst_rank, line.alike) for line in many] == [("oak", 1, 1, ()), ("ash", 2, 2, ())]


def test_what_is_not_known_of_an_agency_widens_its_score_and_is_said() -> None:
    unknown, known = table([entrant("new", rating="not_yet_inspected"), entrant("oak", 10, 100)], WEIGHTS)
    part = {each.part: each for each in next(line for line in (unknown, known) if line.entrant.agency == "new").parts}
    assert (part["ofsted"].known, part["stability"].known) == (False, False)
    assert part["stability"].points == pytest.approx(90), "as all agencies of the lot together"
    assert (part["stability"].interval.lower, part["stability"].interval.upper) == (0, 100)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(5, 15)), max_size=7))
def test_an_agency_is_alike_both_ways_and_its_ranks_hold_its_place(rows: list[tuple[int, int, int]]) -> None:
    lines = table([entrant(f"a{n}", min(k, m), m, now=now) for n, (k, m, now) in enumerate(rows)], WEIGHTS)
    alike = {line.entrant.agency: set(line.alike) for line in lines}
    for one, other in combinations(alike, 2):
        assert (other in alike[one]) == (one in alike[other])
    for place, line in enumerate(lines, start=1):
        assert 1 <= line.best_rank <= line.worst_rank <= len(lines)
        higher = sum(each.score > line.score for each in lines)
        assert line.best_rank <= place
        assert line.worst_rank >= higher + 1
        assert len(line.alike) == line.worst_rank - line.best_rank


@given(st.lists(st.integers(0, 6), max_size=20))
def test_ranks_add_up_and_those_alike_share_theirs(values: list[int]) -> None:
    found = ranks(values)
    assert sum(found) == len(values) * (len(values) + 1) / 2
    for value, rank in zip(values, found, strict=True):
        below, same = sum(v < value for v in values), sum(v == value for v in values)
        assert rank == below + (same + 1) / 2


def month(place: int) -> date:
    return date(2012 + place // 12, 1 + place % 12, 1)


def test_answers_that_become_slower_are_found_whatever_one_enormous_wait() -> None:
    chance = random.Random(5)
    quiet = [MonthLevels(month(n), tuple(chance.expovariate(1 / 20) for _ in range(6))) for n in range(20)]
    slow = [MonthLevels(month(20 + n), tuple(chance.expovariate(1 / 70) for _ in range(6))) for n in range(6)]
    found = changed([*quiet, *slow])
    assert found is not None
    assert found.way is Way.UP
    assert month(18) <= found.first <= month(22)
    assert found.middle > 2 * found.middle_before
    one = MonthLevels(month(20), (9e9, 12.0, 15.0, 14.0, 20.0, 25.0))
    assert changed([*quiet, one, *[MonthLevels(month(21 + n), quiet[n].values) for n in range(3)]]) is None


def test_unchanged_waits_raise_hardly_an_alarm() -> None:
    chance, alarms, looks = random.Random(11), 0, 0
    for _ in range(150):
        months = [MonthLevels(month(n), tuple(chance.expovariate(0.05) for _ in range(chance.randint(1, 6)))) for n in range(36)]
        for place in range(15, 37, 3):
            looks += 1
            alarms += changed(months[:place]) is not None
    assert alarms <= looks * THRESHOLD + 2


def quarter(place: int, late: bool | None) -> DueReturn:
    """A return due in one quarter: in time, late, or (None) not come."""
    due = date(2020 + place // 4, 1 + 3 * (place % 4), 15)
    return DueReturn(due, None if late is None else due + timedelta(days=9 if late else -3))


def test_two_late_of_the_last_four_returns_are_one_spell_however_long_it_lasts() -> None:
    today = date(2030, 1, 1)

    def spells(*late: bool | None) -> list[date]:
        return [each.first for each in late_payers("SC1", "Oak", [quarter(n, each) for n, each in enumerate(late)], today=today)]

    assert spells(False, True, False, False, False, True) == [], "one late one in four happens"
    assert spells(False, True, False, True, True, True, True) == [quarter(1, True).due_on]
    assert spells(False, None, False, None) == [quarter(1, True).due_on]
    assert spells(True, True, *[False] * 5, True, True) == [quarter(0, True).due_on, quarter(7, True).due_on]


def test_a_return_not_yet_due_is_not_late_and_one_received_on_its_day_is_in_time() -> None:
    due = date(2026, 4, 15)
    assert not DueReturn(due, None).late(due)
    assert DueReturn(due, None).late(due + timedelta(days=1))
    assert not DueReturn(due, due).late(date(2030, 1, 1))
