"""In a made-up past the alerts find what was planted, and seldom what was not."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pytest

from hearth.demo import SCALE, SEED, YEARS
from hearth.simulate.history import past
from hearth.simulate.plan import Plan
from hearth.simulate.planting import ALL, Plant, Planted
from monitoring.domain.special_cause import Way
from tests.deploy.test_simulated_past import found
from tests.monitoring.planted_series import Counting, alerts

UNTIL = date(2026, 9, 30)
WATCHED_BY_CHANCE = ALL - {Plant.OFSTED_DOWNGRADE, Plant.LATE_RETURNS}
"""What is told by a rule and not by chance (a rating that falls, a return that is late) has tests of its own."""
MOST_FALSE_A_YEAR = 8
"""docs/trends.md: on average fewer than four a year over some 280 series; what comes four a year by chance passes eight in one of fifty."""


@lru_cache
def counted(seed: int, plant: frozenset[Plant]) -> tuple[Counting, tuple[Planted, ...], tuple[date, ...]]:
    plan = Plan(3, seed, UNTIL, 1.0, plant)
    made = past(found(), plan)
    return Counting(found(), (line for _, lines in made.months for line in lines)), made.planted, plan.months


@pytest.mark.slow
def test_what_was_planted_in_an_agency_is_found_within_a_year() -> None:
    counting, planted, months = counted(1, WATCHED_BY_CHANCE)
    raised = alerts(counting, months[12:], {f"agency:{one.agency}" for one in planted})
    late: dict[Plant, int] = {}
    for one in planted:
        wanted = one.as_told["seen_in"]
        assert isinstance(wanted, list)
        seen = [
            month
            for month, signal in raised
            if signal.scope == f"agency:{one.agency}"
            and {"kpi": signal.kpi, "direction": str(signal.way)} in wanted
            and signal.last >= one.since
        ]
        assert seen, f"{one.as_told['in_words']} since {one.since}: never found"
        late[one.plant] = (seen[0].year - one.since.year) * 12 + seen[0].month - one.since.month
    print("months from the change to the alert:", {str(plant): months for plant, months in late.items()})
    assert max(late.values()) <= 12
    assert sorted(late.values())[len(late) // 2] <= 6, "half of them within half a year"


@pytest.mark.slow
@pytest.mark.parametrize("until", [date(2026, 6, 6), date(2026, 11, 28), date(2027, 3, 3)])
def test_the_agency_that_slips_is_found_within_a_year_in_a_past_as_small_as_the_demonstrations(until: date) -> None:
    """The five minutes of the README begin with its alert."""
    plan = Plan(YEARS, SEED, until, SCALE)
    made = past(found(), plan)
    counting = Counting(found(), (line for _, lines in made.months for line in lines))
    (one,) = (each for each in made.planted if each.plant is Plant.MORE_UNPLANNED_ENDINGS)
    since = [month for month in plan.months if month >= one.since]
    raised = alerts(counting, since[:12], {f"agency:{one.agency}"})
    assert any(signal.kpi == "unplanned_endings" and signal.way is Way.UP for _, signal in raised)


@pytest.mark.slow
def test_a_year_with_nothing_planted_raises_no_more_false_alarms_than_documented() -> None:
    counting, planted, months = counted(2, frozenset())
    assert planted == ()
    raised = alerts(counting, months[12:24])
    for month, signal in raised:
        print(month, signal.words)
    print(f"{len(raised)} alerts in a year with nothing planted")
    assert len(raised) <= MOST_FALSE_A_YEAR
