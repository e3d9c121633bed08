"""Homes: shares with honest denominators, stability without following a child, beds as they stood."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.facts import PlacesCount, VacancyChange, VacancyEvent
from monitoring.domain.period import Period
from tests.monitoring.domain.made import AGENCY, COUNCIL, YEAR, an_id, found, placement, records

IN_HOUSE = f"council:{COUNCIL}"


def test_a_share_of_nothing_has_no_value() -> None:
    for kpi in ("placed_in_house", "placed_tier_one", "placed_within_20_miles", "unplanned_endings", "stability_1"):
        assert found(kpi, records(), YEAR).value is None


def test_tier_one_is_told_of_agencies_placements_and_in_house_ones_stand_apart() -> None:
    facts = records(placements=(placement(1), placement(2, tier=2), placement(3, tier=None), placement(4, provider=IN_HOUSE, tier=None)))
    told = found("placed_tier_one", facts, YEAR)
    assert (told.value, told.denominator) == (Decimal("33.3"), 3)
    assert [line.count for line in told.left_out] == [1]
    assert found("placed_in_house", facts, YEAR).value == Decimal("25.0")


def test_an_undecided_distance_is_on_neither_side_and_stated() -> None:
    facts = records(placements=(placement(1, near="yes"), placement(2, near="no"), placement(3, near="undecided")))
    told = found("placed_within_20_miles", facts, YEAR)
    assert (told.value, told.denominator) == (Decimal("50.0"), 2)
    assert [line.count for line in told.left_out] == [1]


def test_a_cancelled_agreement_is_no_placement() -> None:
    assert found("placements", records(placements=(placement(1), placement(2, cancelled=True))), YEAR).value == 1


def test_an_ending_counts_in_the_period_it_ended_in() -> None:
    facts = records(
        placements=(
            placement(1, started=date(2011, 1, 1), ended=date(2012, 4, 1), planned=False),
            placement(2, started=date(2011, 1, 1), ended=date(2012, 3, 31), planned=False),
            placement(3, started=date(2011, 1, 1), ended=date(2013, 3, 31), planned=True),
        )
    )
    assert (found("unplanned_endings", facts, YEAR).value, found("unplanned_endings", facts, YEAR).denominator) == (Decimal("50.0"), 2)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=12))
def test_stability_counts_each_child_once_though_no_event_follows_one(children: list[tuple[bool, int]]) -> None:
    """``children``: whether a placement of the year before continues, and how many begin in the year."""
    stays, number = [], 0
    for continues, moves in children:
        if continues:
            number += 1
            stays.append(placement(number, started=date(2012, 1, 1), ended=date(2012, 5, 1), numbers=(1,)))
        for move in range(moves):
            number += 1
            stays.append(placement(number, started=date(2012, 5, 1) + timedelta(days=move), numbers=(move + 1 + continues,)))
    looked_after = [continues + moves for continues, moves in children if continues + moves]
    told = found("stability_1", records(placements=tuple(stays)), YEAR)
    assert told.denominator == len(looked_after)
    assert told.numerator == sum(total >= 3 for total in looked_after)


def test_a_placement_left_on_1_april_does_not_continue_over_it() -> None:
    """As referrals numbers a child's placements: the day of leaving is no day of the stay."""
    before = placement(1, started=date(2012, 1, 1), ended=date(2012, 4, 1))
    assert found("stability_1", records(placements=(before,)), YEAR).value is None
    over = placement(1, started=date(2012, 1, 1), ended=date(2012, 4, 2))
    assert found("stability_1", records(placements=(over,)), YEAR).denominator == 1


def test_a_child_whose_first_placements_were_never_heard_of_counts_once_and_is_said_so() -> None:
    told = found("stability_1", records(placements=(placement(1, started=date(2012, 6, 1), numbers=(3,)),)), YEAR)
    assert (told.value, told.denominator) == (Decimal("100.0"), 1)
    assert [line.count for line in told.left_out] == [1]


def step(version: int, event: VacancyEvent, *, day: int = 1, free: int | None = None, hold: int | None = None) -> VacancyChange:
    return VacancyChange(
        an_id(1),
        version,
        AGENCY,
        event,
        datetime(2012, 6, day, tzinfo=UTC),
        ("general",) if event is VacancyEvent.OPENED else (),
        free,
        an_id(hold) if hold is not None else None,
        1 if hold is not None else None,
    )


def test_beds_stand_as_their_own_versions_say_in_whatever_order_the_news_comes() -> None:
    history = [
        step(1, VacancyEvent.OPENED, free=2),
        step(2, VacancyEvent.HELD, free=1, hold=7),
        step(3, VacancyEvent.FILLED, free=1, hold=7),
        step(4, VacancyEvent.HELD, free=0, hold=8),
        step(5, VacancyEvent.FREED, free=1, hold=8),
    ]
    for order in permutations(history):
        facts = records(vacancy_changes=order)
        assert (found("beds_vacant", facts, YEAR).value, found("beds_filled", facts, YEAR).value) == (1, 1)


def test_a_closed_vacancy_has_no_bed_to_take_though_a_child_still_lives_there() -> None:
    facts = records(
        vacancy_changes=(
            step(1, VacancyEvent.OPENED, free=2),
            step(2, VacancyEvent.HELD, free=1, hold=7),
            step(3, VacancyEvent.FILLED, free=1, hold=7),
            step(4, VacancyEvent.CLOSED),
        )
    )
    assert (found("beds_vacant", facts, YEAR).value, found("beds_filled", facts, YEAR).value) == (0, 1)


def test_what_happens_later_does_not_change_the_beds_of_an_earlier_day() -> None:
    facts = records(vacancy_changes=(step(1, VacancyEvent.OPENED, free=2), step(2, VacancyEvent.HELD, day=20, free=1, hold=7)))
    june = Period(date(2012, 6, 1), date(2012, 6, 19))
    assert (found("beds_vacant", facts, june).value, found("beds_vacant", facts, YEAR).value) == (2, 1)


def test_no_vacancy_ever_heard_of_is_no_record_and_a_full_house_is_nought() -> None:
    assert found("beds_vacant", records(), YEAR).value is None
    assert found("beds_vacant", records(vacancy_changes=(step(1, VacancyEvent.OPENED, free=0),)), YEAR).value == 0


def test_approved_places_are_as_each_provider_last_told_them() -> None:
    moment = datetime(2012, 6, 1, tzinfo=UTC)
    told = (PlacesCount(AGENCY, 2, moment, 9), PlacesCount(AGENCY, 1, moment, 5), PlacesCount(IN_HOUSE, 1, moment, 3))
    assert found("beds_approved", records(places_counts=told), YEAR).value == 12
