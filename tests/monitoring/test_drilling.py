"""Every figure opens to the records behind it, to its months and to its parts; small numbers stay with those whose they are."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from monitoring.actions import recounting
from monitoring.domain.catalogue import KPIS
from monitoring.domain.period import Period, month_of, quarter_of
from shared import clock
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.counted_rows import kept
from tests.monitoring.domain.made import placement, records
from tests.monitoring.told import a_placement
from tests.running.services import RunningService


async def read(service: RunningService, who: str, path: str, *roles: str, status: int = 200, **asked: Any) -> Any:
    reply = await service.as_(who, *roles).get(path, params=asked)
    assert reply.status_code == status, reply.text
    return reply.json()


async def test_the_records_behind_a_figure_are_those_it_counts_page_by_page_each_readers_own(monitoring: RunningService) -> None:
    own = {str(await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}")) for _ in range(3)}
    other = {str(await a_placement(monitoring, SLOUGH, f"agency:{ASH}", tier=2)) for _ in range(2)}
    for who, ids in (("consortium", own | other), (f"council:{SOUTHAMPTON}", own), (f"agency:{ASH}", other)):
        seen: list[str] = []
        cursor = None
        while True:
            asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = await read(monitoring, who, "/kpis/placements/records", **asked)
            seen += [item["id"] for item in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert sorted(seen) == sorted(ids), who
        kpi = (await read(monitoring, who, "/kpis/placements"))["kpi"]
        assert kpi["records"] == len(ids)
    tier_one = await read(monitoring, "consortium", "/kpis/placed_tier_one/records", side="numerator")
    assert {item["id"] for item in tier_one["items"]} == own
    tier_two = await read(monitoring, "consortium", "/kpis/placed_tier_one/records", part="tier 2", agency=ASH)
    assert {item["id"] for item in tier_two["items"]} == other


async def test_a_figure_month_by_month_and_by_agency_after_a_sweep(monitoring: RunningService) -> None:
    for _ in range(2):
        await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=70)
    await a_placement(monitoring, SLOUGH, f"agency:{ASH}", tier=2, days_ago=3)
    await recounting.sweep(monitoring.databases)
    first = (clock.today() - timedelta(days=80)).isoformat()
    series = await read(monitoring, "consortium", "/kpis/spend/series", **{"from": first})
    assert sum(float(point["value"]) for point in series["points"]) == 14_300
    quarters = await read(monitoring, "consortium", "/kpis/spend/series", by="quarter", **{"from": first})
    assert sum(float(point["value"]) for point in quarters["points"]) == 14_300
    parts = (await read(monitoring, "consortium", "/kpis/placed_tier_one/by/agency"))["parts"]
    assert [(part["code"], part["value"], part["denominator"]) for part in parts] == [(OAK, "100.0", "2"), (ASH, "0.0", "1")]
    councils = (await read(monitoring, f"agency:{ASH}", "/kpis/placements/by/council"))["parts"]
    assert [(part["code"], part["records"]) for part in councils] == [(SLOUGH, 1)], "an agency is told of its own alone"


async def test_an_officer_who_is_not_the_project_manager_sees_no_small_number_and_no_record(monitoring: RunningService) -> None:
    quarter = quarter_of(clock.today()) - timedelta(days=40)
    three = tuple(placement(number, agreed=datetime.combine(quarter, time(12), UTC)) for number in range(3))
    counted = KPIS["placements"].formula(records(placements=three), Period(quarter, quarter))
    await kept(monitoring, [("placements", month_of(quarter), row) for row in counted])
    lead = "procurement_lead"
    figure = (await read(monitoring, "consortium", "/kpis/placements", lead))["kpi"]
    assert (figure["value"], figure["numerator"], figure["parts"]) == (None, None, [])
    assert "could be told" in figure["words"]
    await read(monitoring, "consortium", "/kpis/placements/records", lead, status=403)
    by_quarter = await read(monitoring, "consortium", "/kpis/placements/series", lead, by="quarter")
    assert [(point["value"], point["hidden"]) for point in by_quarter["points"]] == [(None, True)]
    assert (await read(monitoring, "consortium", "/kpis/placements/by/council"))["parts"][0]["records"] == 3


async def test_what_a_figure_cannot_be_divided_by_is_refused_by_name(monitoring: RunningService) -> None:
    refused = await read(monitoring, "consortium", "/kpis/referrals/by/agency", status=422)
    assert refused["errors"][0]["rule"] == "can_be_divided_by"
    await read(monitoring, "consortium", "/kpis/referrals/records", agency=OAK, status=422)
    await read(monitoring, "consortium", "/kpis/placements/records", cursor="x", status=422)
    await read(monitoring, "consortium", "/kpis/no_such/series", status=404)
    await read(monitoring, f"agency:{OAK}", "/kpis/placed_tier_one/by/council", status=403)
