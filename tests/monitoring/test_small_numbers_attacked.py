"""Whoever may not see small numbers asks for everything, over every period and by everything, and solves for what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from random import Random

import pytest

from monitoring.domain.catalogue import KPIS
from monitoring.domain.facts import Placement
from monitoring.domain.monthly import months_before
from monitoring.domain.period import Period, month_of, quarter_of
from shared import clock
from tests.monitoring.conftest import OAK, SLOUGH
from tests.monitoring.counted_rows import Row, kept
from tests.monitoring.domain.made import placement, records
from tests.running.services import RunningService

LEAD = "procurement_lead"
COUNCILS = ("E06000039", "E06000045", "E06000044", "E10000014")
PROVIDERS = (None, "agency:SC012345", "agency:SC054321", "agency:SC900003", "agency:SC900004")
FIGURES = ("placements", "placed_in_house", "placed_tier_one")
QUARTERS = 4
Cell = tuple[str, date, str]
"""A council or agency, a quarter, and with whom: in-house, at tier one, elsewhere."""
KINDS = ("in_house", "tier_one", "elsewhere")


def made_up() -> Iterator[Placement]:
    """Four quarters of placements, in some of which some councils and agencies have few."""
    chance, number = Random(3), 0
    ends = quarter_of(clock.today())
    for back in range(QUARTERS):
        begins = months_before(ends, 3 * (back + 1))
        for council in COUNCILS:
            for provider in PROVIDERS:
                for _ in range(chance.choice((0, 0, 1, 2, 4, 7, 13, 19))):
                    number += 1
                    agreed = datetime.combine(begins + timedelta(days=chance.randrange(85)), time(12), UTC)
                    tier = chance.choice((1, 1, 1, 2)) if provider else None
                    one = placement(number, provider=provider or f"council:{council}", tier=tier, agreed=agreed)
                    yield replace(one, council=council)


@pytest.fixture
async def past(monitoring: RunningService) -> tuple[RunningService, tuple[Placement, ...]]:
    made = tuple(made_up())
    facts = replace(records(placements=made), today=clock.today())
    whole = Period(months_before(quarter_of(clock.today()), 3 * QUARTERS), clock.today())
    rows: list[Row] = [(name, month_of(row.on), row) for name in FIGURES for row in KPIS[name].formula(facts, whole)]
    await kept(monitoring, rows)
    return monitoring, made


def spans() -> Iterator[tuple[date, date]]:
    ends = quarter_of(clock.today())
    starts = [months_before(ends, 3 * back) for back in range(QUARTERS, 0, -1)]
    for place, first in enumerate(starts):
        for following in [*starts[place + 1 :], ends]:
            yield first, following - timedelta(days=1)


async def read(service: RunningService, address: str, **asked: object) -> dict[str, object]:
    reply = await service.as_("consortium", LEAD).get(address, params={name: str(value) for name, value in asked.items()})
    assert reply.status_code == 200, reply.text
    found: dict[str, object] = reply.json()
    return found


def counts_of(kpi: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom the numerator counts, and whom the denominator."""
    return {
        "placements": (KINDS, ()),
        "placed_in_house": (("in_house",), KINDS),
        "placed_tier_one": (("tier_one",), ("tier_one", "elsewhere")),
    }[kpi]


@pytest.mark.parametrize("dimension", ["council", "agency"])
async def test_no_small_number_follows_from_all_that_is_shown(past: tuple[RunningService, tuple[Placement, ...]], dimension: str) -> None:
    service, made = past
    truth: dict[Cell, int] = {}
    for each in made:
        assert each.agreed_at is not None
        kind = "in_house" if each.tier is None else "tier_one" if each.tier == 1 else "elsewhere"
        code = each.council if dimension == "council" else each.provider.removeprefix("agency:") if each.tier else ""
        truth[code, quarter_of(each.agreed_at.date()), kind] = truth.get((code, quarter_of(each.agreed_at.date()), kind), 0) + 1
    codes = {code for code, _, _ in truth}
    known: list[tuple[dict[Cell, int], int]] = []

    def told(who: set[str], first: date, last: date, kinds: tuple[str, ...], number: object) -> None:
        if number is not None and kinds:
            cells = {(code, begins, kind): 1 for code, begins, kind in truth if code in who and first <= begins <= last and kind in kinds}
            assert sum(truth[cell] for cell in cells) == int(str(number)), "what is shown is true"
            known.append((cells, int(str(number))))

    hidden = 0
    for kpi in FIGURES:
        above, below = counts_of(kpi)
        for first, last in spans():
            asked = {"from": first, "to": last}
            whole = (await read(service, f"/kpis/{kpi}", **asked))["kpi"]
            told(codes, first, last, above, whole["numerator"])  # type: ignore[index]
            told(codes, first, last, below, whole["denominator"])  # type: ignore[index]
            if dimension == "agency" and kpi == "placed_in_house":
                continue
            parts = (await read(service, f"/kpis/{kpi}/by/{dimension}", **asked))["parts"]
            for part in parts:  # type: ignore[attr-defined]
                hidden += part["hidden"]
                told({part["code"] or ""}, first, last, above, part["numerator"])
                told({part["code"] or ""}, first, last, below, part["denominator"])
        for point in (await read(service, f"/kpis/{kpi}/series", by="quarter", **{"from": first, "to": last}))["points"]:  # type: ignore[attr-defined]
            begins = date.fromisoformat(point["begins"])
            told(codes, begins, begins, above, point["numerator"])
            told(codes, begins, begins, below, point["denominator"])
    assert hidden
    assert len([row for row, _ in known if len({code for code, _, _ in row}) == 1]) > 10, "not everything is hidden"
    solved = Solved(list(truth))
    for cells, _ in known:
        solved.learn(cells)
    tried = 0
    for code in codes:
        for begins in {begins for _, begins, _ in truth}:
            for kinds in (("in_house",), ("tier_one",), ("elsewhere",), ("tier_one", "elsewhere"), KINDS):
                cells = {cell: 1 for kind in kinds if (cell := (code, begins, kind)) in truth}
                count = sum(truth[cell] for cell in cells)
                if 0 < count < 5:
                    tried += 1
                    assert not solved.follows(cells), (code, begins, kinds, count)
    assert tried > 5


class Solved:
    """What follows from sums that are known, by elimination over the rationals."""

    def __init__(self, cells: list[Cell]) -> None:
        self.place = {cell: number for number, cell in enumerate(cells)}
        self.rows: dict[int, dict[int, Fraction]] = {}

    def _left(self, cells: dict[Cell, int]) -> dict[int, Fraction]:
        row = {self.place[cell]: Fraction(times) for cell, times in cells.items()}
        for pivot in sorted(self.rows):
            if factor := row.get(pivot):
                for place, value in self.rows[pivot].items():
                    row[place] = row.get(place, Fraction(0)) - factor * value
        return {place: value for place, value in row.items() if value}

    def learn(self, cells: dict[Cell, int]) -> None:
        if row := self._left(cells):
            pivot = min(row)
            self.rows[pivot] = {place: value / row[pivot] for place, value in row.items()}

    def follows(self, cells: dict[Cell, int]) -> bool:
        return not self._left(cells)


async def test_no_filter_month_or_day_is_answered_to_subtract_one_from_another(monitoring: RunningService) -> None:
    client = monitoring.as_("consortium", LEAD)
    for name, value in (("council", SLOUGH), ("agency", OAK), ("lot", "general")):
        for address in ("/kpis", "/kpis/placements", "/kpis/placements/by/lot", "/kpis/placements/series?by=quarter"):
            reply = await client.get(address, params={name: value, **({"by": "quarter"} if "series" in address else {})})
            assert reply.status_code == 422, (address, name)
            assert [(each["field"], each["rule"]) for each in reply.json()["errors"]] == [(name, "over_all")]
    assert (await client.get("/kpis/placements/series")).json()["errors"][0]["rule"] == "by_quarter"
    begins = quarter_of(clock.today())
    reply = await client.get("/kpis/placements", params={"from": str(begins), "to": str(clock.today())})
    assert reply.json()["errors"][0]["rule"] == "a_whole_quarter", "a quarter that is not over grows by the day"
    asked = (await client.get("/kpis/placements", params={"from": str(months_before(begins, 5)), "to": str(clock.today())})).json()["asked"]
    assert (asked["from"], asked["to"]) == (str(months_before(begins, 6)), str(begins - timedelta(days=1)))


async def test_what_tells_of_single_records_is_for_the_project_manager_and_those_whose_own_they_are(monitoring: RunningService) -> None:
    quarter = str(months_before(quarter_of(clock.today()), 3))
    doors = (
        "/gaps",
        "/gaps/needs",
        "/market",
        "/savings",
        "/savings/ledger",
        "/savings/ledger/lines",
        "/summary",
        "/alerts",
        "/league/general",
        "/kpis/placements/records",
        "/kpis/placements/chart",
        "/kpis/unplanned_endings/funnel",
        f"/returns/quarterly/{quarter}?agency={OAK}",
        f"/returns/quarterly/{quarter}/versions?agency={OAK}",
        f"/returns/quarterly/{quarter}/differences?agency={OAK}",
        f"/returns/quarterly/{quarter}/template?agency={OAK}",
    )
    for door in doors:
        for role in (LEAD, "reader", "specification_lead", "communication_lead"):
            assert (await monitoring.as_("consortium", role).get(door)).status_code == 403, door
        assert (await monitoring.as_("consortium").get(door)).status_code != 403, door
