"""A made-up past keeps to what every real one would: no home over-filled, nothing ended that had not begun, one seed one past."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hearth.simulate.found import Agency, Found, Lot
from hearth.simulate.history import past
from hearth.simulate.plan import Plan
from hearth.simulate.planting import ALL, Plant
from monitoring.domain.past import Known, PastEvent, faults_of
from monitoring.schemas.past import read_lines
from shared import clock

EXAMPLE = Path("deploy/example")
UNTIL = date(2026, 9, 30)


def rows(file: str) -> list[dict[str, str]]:
    with (EXAMPLE / file).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


@lru_cache
def found() -> Found:
    """The example's consortium, as a running Hearth would tell of it."""
    agencies = [Agency(row["URN"], row["name"], row["ofsted_rating"], row["sector"]) for row in rows("agencies.csv")]
    lots = []
    for row in rows("lots.csv"):
        its_own = [band for band in rows("price_bands.csv") if band["lot"] == row["lot"]]
        bands = [(band["band"], int(band["from_age"]), int(band["to_age"])) for band in its_own]
        lots.append(Lot(row["lot"], tuple(row["kinds"].split(";")), tuple(bands)))
    tiers = {(lot.code, one.urn): 1 if place < 5 else 2 if place < 15 else 3 for lot in lots for place, one in enumerate(agencies[:20])}
    prices = {(row["council"], row["lot"], row["band"]): Decimal(row["pounds_per_week"]) for row in rows("baseline_prices.csv")}
    councils = tuple(sorted(row["ons_code"] for row in rows("councils.csv")))
    return Found(councils, tuple(agencies), tuple(lots), tiers, prices)


def lines_of(plan: Plan) -> list[bytes]:
    return [line for _, lines in past(found(), plan).months for line in lines]


plans = st.builds(
    Plan,
    years=st.integers(1, 2),
    seed=st.integers(0, 2**32),
    until=st.dates(date(2021, 1, 1), date(2026, 9, 30)),
    scale=st.sampled_from([0.01, 0.03]),
    plant=st.frozensets(st.sampled_from(sorted(Plant))),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans)
@example(plan=Plan(1, 912, date(2021, 1, 1), 0.01, frozenset()))  # two children move into one home within minutes
def test_any_past_is_one_that_could_have_been(plan: Plan) -> None:
    told = [json.loads(line) for line in lines_of(plan)]
    times = [datetime.fromisoformat(event["time"]) for event in told]
    assert times == sorted(times)
    assert not times or times[-1] < plan.ends
    assert len({event["id"] for event in told}) == len(told)
    _versions_ascend(told)
    _beds_are_never_over_filled(told)
    _placements_begin_before_they_end(told)
    _offers_belong_to_their_referrals(told)


def _versions_ascend(told: list[dict[str, Any]]) -> None:
    """Each subject's versions are 1, 2, 3 … in the order of time."""
    seen: Counter[tuple[str, str]] = Counter()
    for event in told:
        key = (event["type"].partition(".")[0], event["subject"])
        seen[key] += 1
        assert event["version"] == seen[key], event


def _beds_are_never_over_filled(told: list[dict[str, Any]]) -> None:
    free: dict[str, int] = {}
    places: dict[str, int] = {}
    holds: dict[str, str] = {}
    for event in told:
        data, step = event["data"], event["type"]
        if step == "vacancy.opened":
            free[event["subject"]] = places[event["subject"]] = data["facts"]["approved_places"]
            assert data["facts"]["free_beds"] == free[event["subject"]]
        elif step in ("vacancy.held", "vacancy.freed", "vacancy.filled"):
            vacancy = data["vacancy"]
            free[vacancy] += {"vacancy.held": -data["beds"], "vacancy.freed": data["beds"], "vacancy.filled": 0}[step]
            assert 0 <= free[vacancy] <= places[vacancy]
            assert data["free_beds"] == free[vacancy]
            before = {"vacancy.held": [None], "vacancy.filled": ["held"], "vacancy.freed": ["held", "filled"]}[step]
            assert holds.get(data["hold"]) in before
            holds[data["hold"]] = step.partition(".")[2]


def _placements_begin_before_they_end(told: list[dict[str, Any]]) -> None:
    state: dict[str, str] = {}
    started: dict[str, str] = {}
    for event in told:
        kind, _, step = event["type"].partition(".")
        if kind == "placement" and step in ("agreed", "started", "ended", "cancelled"):
            before = state.get(event["subject"])
            assert before == {"agreed": None, "started": "agreed", "ended": "started", "cancelled": "agreed"}[step]
            state[event["subject"]] = step
            if step == "started":
                started[event["subject"]] = event["data"]["started_on"]
                assert all(number >= 1 for number in event["data"]["numbers_in_year"])
            if step == "ended":
                assert event["data"]["started_on"] == started[event["subject"]] <= event["data"]["ended_on"]
        if event["type"] == "placement.notice_given":
            assert state[event["data"]["placement"]] == "started"


def _offers_belong_to_their_referrals(told: list[dict[str, Any]]) -> None:
    broadcast: set[str] = set()
    made: set[str] = set()
    agreed: Counter[str] = Counter()
    for event in told:
        data = event["data"]
        if event["type"] == "referral.broadcast":
            broadcast.add(event["subject"])
        elif event["type"] == "offer.made":
            assert data["referral"] in broadcast
            made.add(event["subject"])
        elif event["type"].startswith("offer."):
            assert event["subject"] in made
        elif event["type"] == "placement.agreed":
            agreed[data["referral"]] += 1
    assert not agreed or max(agreed.values()) == 1


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_past() -> None:
    def digest(seed: int) -> str:
        return hashlib.sha256(b"\n".join(lines_of(Plan(1, seed, UNTIL, 0.02)))).hexdigest()

    assert digest(7) == digest(7)
    assert digest(7) != digest(8)


async def test_every_line_is_what_the_documented_import_takes() -> None:
    lines = lines_of(Plan(1, 3, UNTIL, 0.03))
    consortium = found()
    known = Known(
        frozenset(consortium.councils), frozenset(one.urn for one in consortium.agencies), frozenset(lot.code for lot in consortium.lots)
    )
    for first in range(0, len(lines), 5_000):
        events, faults = await read_lines(b"\n".join(lines[first : first + 5_000]))
        assert faults == []
        assert [fault for event in events for fault in broken(event, known)] == []


def broken(event: PastEvent, known: Known) -> list[Any]:
    return list(faults_of(event, known, now=clock.now()))


def test_a_past_up_to_a_day_of_summer_ends_when_that_day_does_in_the_united_kingdom() -> None:
    """Half an hour later it is brought in as yesterday's: nothing of it may lie in the hour that UTC is behind."""
    plan = Plan(1, 3, date(2026, 6, 30), 0.05)
    assert plan.ends == datetime(2026, 6, 30, 23, tzinfo=UTC)
    told = [json.loads(line) for line in lines_of(plan)]
    assert max(event["time"] for event in told) < plan.ends.isoformat()
    counted = [event["time"] for event in told if event["type"] == "placement_events.counted"]
    assert max(counted) == "2026-06-30T22:55:00+00:00", "the last month is counted too"


def test_what_is_planted_is_planted_and_nothing_else_differs_in_kind() -> None:
    plain, full = Plan(2, 5, UNTIL, 0.02, frozenset()), Plan(2, 5, UNTIL, 0.02, ALL)
    assert past(found(), plain).planted == ()
    planted = past(found(), full).planted
    assert {one.plant for one in planted} == set(Plant)
    assert len({one.agency for one in planted}) == len(planted), "one thing an agency, so that a signal has one cause"
    assert all(plain.months[0] < one.since < plain.months[-1] for one in planted)
    fewer = past(found(), Plan(2, 5, UNTIL, 0.02, ALL - {Plant.PRICE_SHOCK})).planted
    assert fewer == tuple(one for one in planted if one.plant is not Plant.PRICE_SHOCK)


@pytest.mark.slow
def test_three_years_of_eleven_councils_are_as_large_as_they_should_be() -> None:
    """About 12,000 referrals and 9,000 placements; scaled down here, where a tenth says the same."""
    plan = Plan(3, 1, UNTIL, 0.1, frozenset())
    counted: Counter[str] = Counter()
    money: dict[str, list[Decimal]] = defaultdict(list)
    unplanned = ended = 0
    for line in lines_of(plan):
        event = json.loads(line)
        if event["time"][:10] >= plan.first.isoformat():
            counted[event["type"]] += 1
            if event["type"] == "placement.ended":
                ended += 1
                unplanned += not event["data"]["planned"]
            if event["type"] == "placement.agreed" and not event["data"]["provider"].startswith("council:"):
                money["paid"].append(Decimal(event["data"]["pounds_per_week"]))
                money["before"].append(baseline(event["data"]))
    assert 1_080 <= counted["referral.created"] <= 1_320
    assert 810 <= counted["placement.agreed"] <= 990
    assert 0.15 < unplanned / ended < 0.33
    saving = 100 * (1 - sum(money["paid"]) / sum(money["before"]))
    assert 4.2 < saving < 6.6, "about 5.4 %"


def baseline(agreed: dict[str, Any]) -> Decimal:
    lot = next(lot for lot in found().lots if lot.code == agreed["lot"])
    return sum((found().baseline[agreed["council"], lot.code, lot.band_of(age) or ""] for age in agreed["ages"]), Decimal(0))
