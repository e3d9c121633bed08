"""Money: nights counted as the field counts them, pennies that add up, savings against a council's own prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.facts import BaselinePrice, Records
from monitoring.domain.figure import LeftOut
from monitoring.domain.money import NO_BASELINE, saving, stay
from monitoring.domain.period import Period, quarters
from tests.monitoring.domain.made import COUNCIL, TODAY, YEAR, found, placement, records

DAYS = st.dates(date(2011, 1, 1), date(2013, 12, 31))


def base(pounds: str, day: date = date(2010, 4, 1), band: str = "5-10") -> BaselinePrice:
    return BaselinePrice(COUNCIL, "general", band, day, Decimal(pounds))


def test_the_day_of_arrival_counts_and_the_day_of_leaving_does_not() -> None:
    week = placement(1, started=date(2012, 6, 1), ended=date(2012, 6, 8))
    assert stay(week, YEAR, today=TODAY) == (0, 7)
    assert found("spend", records(placements=(week,)), YEAR).value == Decimal("700.00")


def test_what_several_figures_need_of_the_same_facts_is_worked_out_once() -> None:
    given, asked = records(placements=(placement(1, started=date(2012, 6, 1)),)), list[Period]()

    def work(facts: Records, period: Period) -> int:
        asked.append(period)
        return len(facts.placements)

    june = Period(date(2012, 6, 1), date(2012, 6, 30))
    assert [given.once(work, YEAR), given.once(work, YEAR), given.once(work, june)] == [1, 1, 1]
    assert asked == [YEAR, june]
    assert replace(given, placements=()).once(work, YEAR) == 0, "other facts begin anew"
    assert given == records(placements=given.placements)


def test_in_and_out_on_one_day_costs_nothing_and_is_no_record() -> None:
    visit = placement(1, started=date(2012, 6, 1), ended=date(2012, 6, 1))
    assert found("spend", records(placements=(visit,)), YEAR).value is None


def test_a_running_placement_is_charged_for_the_nights_slept_so_far_and_not_for_tonight() -> None:
    running = placement(1, started=TODAY - timedelta(days=3))
    assert stay(running, Period(YEAR.first, TODAY + timedelta(days=90)), today=TODAY) == (0, 3)


@given(st.lists(st.tuples(DAYS, st.integers(0, 400), st.decimals(1, 3000, places=2)), max_size=6), DAYS)
def test_the_quarters_of_a_year_add_up_to_the_year_to_the_penny(stays: list[tuple[date, int, Decimal]], today: date) -> None:
    placed = tuple(
        placement(n, started=begin, ended=begin + timedelta(length), price=str(price)) for n, (begin, length, price) in enumerate(stays)
    )
    facts = records(placements=placed, today=today, baseline=(base("812.50"), base("830.01", date(2012, 9, 1))))
    year = Period(date(2012, 2, 11), date(2013, 2, 10))
    parts = [saving(facts, quarter.period) for quarter in quarters(year)]
    whole = saving(facts, year)
    assert sum((p.at_baseline for p in parts), Decimal(0)) == whole.at_baseline
    assert sum((p.paid for p in parts), Decimal(0)) == whole.paid
    assert sum(p.nights for p in parts) == whole.nights
    assert sum((found("spend", facts, q.period).value or 0 for q in quarters(year)), Decimal(0)) == (found("spend", facts, year).value or 0)


def test_a_saving_is_the_baseline_less_the_price_for_the_nights_slept() -> None:
    facts = records(placements=(placement(1, started=date(2012, 6, 1), ended=date(2012, 6, 15)),), baseline=(base("750.00"),))
    assert found("savings_pounds", facts, YEAR).value == Decimal("100.00")
    assert found("savings_per_cent", facts, YEAR).value == Decimal("6.7")
    assert found("savings_per_cent", facts, YEAR).denominator == Decimal("1500.00")


def test_a_dearer_framework_is_a_saving_below_nought() -> None:
    facts = records(placements=(placement(1, started=date(2012, 6, 1), ended=date(2012, 6, 8)),), baseline=(base("650.00"),))
    assert found("savings_pounds", facts, YEAR).value == Decimal("-50.00")
    assert found("savings_per_cent", facts, YEAR).value == Decimal("-7.7")


def test_the_baseline_is_the_price_in_force_on_the_day_the_placement_started() -> None:
    prices = (base("750.00"), base("999.00", date(2012, 6, 2)))
    first_day = placement(1, started=date(2012, 6, 1), ended=date(2012, 6, 8))
    next_day = placement(2, started=date(2012, 6, 2), ended=date(2012, 6, 9))
    assert saving(records(placements=(first_day,), baseline=prices), YEAR).at_baseline == Decimal("750.00")
    assert saving(records(placements=(next_day,), baseline=prices), YEAR).at_baseline == Decimal("999.00")


def test_siblings_are_measured_against_the_sum_of_their_bands() -> None:
    pair = placement(1, started=date(2012, 6, 1), ended=date(2012, 6, 8), ages=(3, 7), price="1300.00")
    facts = records(placements=(pair,), baseline=(base("750.00"), base("650.00", band="0-4")))
    assert saving(facts, YEAR).pounds == Decimal("100.00")


def test_what_has_no_baseline_is_counted_and_stated_never_guessed() -> None:
    pair = placement(1, started=date(2012, 6, 1), ended=date(2012, 6, 8), ages=(3, 7))
    own = placement(2, provider=f"council:{COUNCIL}", started=date(2012, 6, 1), ended=date(2012, 6, 8))
    unheard = placement(3, price=None, started=date(2012, 6, 1), ended=date(2012, 6, 8))
    told = found("savings_per_cent", records(placements=(pair, own, unheard), baseline=(base("750.00"),)), YEAR)
    assert (told.value, told.records) == (None, 0)
    assert [line.count for line in told.left_out] == [1, 1, 1]
    assert told.left_out[0] == LeftOut(1, NO_BASELINE)


def test_agreed_prices_are_compared_the_moment_they_are_agreed() -> None:
    facts = records(placements=(placement(1), placement(2, cancelled=True)), baseline=(base("750.00"),))
    told = found("agreed_below_baseline", facts, YEAR)
    assert (told.value, told.numerator, told.denominator, told.records) == (Decimal("6.7"), Decimal("50.00"), Decimal("750.00"), 1)
    assert found("savings_pounds", facts, YEAR).value is None
