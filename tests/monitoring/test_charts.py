"""Charts, decisions about limits, funnels and league tables as they are asked for."""

from __future__ import annotations

from typing import Any

from shared import clock, ids
from shared.contracts.providers import TierLine, TiersPublished
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.counted_rows import kept
from tests.monitoring.test_watching import endings, month
from tests.running.services import RunningService


async def a_past(service: RunningService, *, ago: range = range(1, 25)) -> None:
    """Of the endings in each month, Oak's alternate, Ash's are few; each row kept for the council and agency it is about too."""
    rows = []
    for each in ago:
        rows += endings(OAK, each, 2 + each % 2, 20) + endings(ASH, each, 1, 4, SLOUGH)
    await kept(service, rows)


async def chart(service: RunningService, who: str = "consortium", kpi: str = "unplanned_endings", **asked: Any) -> dict[str, Any]:
    reply = await service.as_(who).get(f"/kpis/{kpi}/chart", params=asked)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def test_a_chart_has_its_limits_its_span_and_says_what_it_shows(monitoring: RunningService) -> None:
    await a_past(monitoring)
    (phase,) = (await chart(monitoring, agency=OAK))["phases"]
    limits = phase["limits"]
    assert (limits["mean"], limits["mean_moving_range"], limits["points"]) == ("12.50", "5.00", 12)
    assert (limits["lower"], limits["upper"], limits["range_upper"]) == ("-0.80", "25.80", "16.34")
    assert (limits["from"], limits["to"]) == (month(24).isoformat(), month(13).isoformat())
    assert len(phase["points"]) == 24
    assert phase["points"][0]["moving_range"] is None
    shown = await chart(monitoring, agency=OAK)
    assert shown["signals"] == []
    assert shown["words"] == "Ordinary variation only: no signal by any of the rules."
    assert all(point["few_records"] for point in (await chart(monitoring, agency=ASH))["phases"][0]["points"])


async def test_a_month_without_records_is_a_gap_and_eleven_months_are_too_few(monitoring: RunningService) -> None:
    await a_past(monitoring, ago=range(1, 12))
    shown = await chart(monitoring)
    assert shown["phases"][0]["limits"] is None
    assert shown["words"].startswith("Too few points to tell: limits need 12 months")
    await kept(monitoring, endings(OAK, 14, 1, 20))
    gaps = [point["value"] for point in (await chart(monitoring))["phases"][0]["points"]][1:3]
    assert gaps == [None, None]
    assert (await chart(monitoring, kpi="placed_in_house"))["words"] == "No records in these months."


async def test_each_sees_the_chart_of_its_own_records_only(monitoring: RunningService) -> None:
    await a_past(monitoring)
    own = await chart(monitoring, f"agency:{ASH}")
    assert own["asked"]["agency"] == ASH
    assert own["phases"][0]["points"][0]["denominator"] == "4.00"
    for who, asked in ((f"agency:{ASH}", {"agency": OAK}), (f"council:{SLOUGH}", {"council": SOUTHAMPTON})):
        assert (await monitoring.as_(who).get("/kpis/unplanned_endings/chart", params=asked)).status_code == 403
    assert (await monitoring.as_(f"agency:{ASH}").get("/kpis/placed_in_house/chart")).status_code == 403


async def test_limits_move_only_by_a_recorded_decision_that_all_concerned_can_read(monitoring: RunningService) -> None:
    await a_past(monitoring)
    manager = monitoring.as_("consortium", "project_manager")
    wanted = {"from_month": month(12).isoformat(), "reason": "process_changed", "words": "New matching step", "agency": OAK}
    reply = await manager.post("/kpis/unplanned_endings/limits", json=wanted)
    assert reply.status_code == 201, reply.text
    first, second = (await chart(monitoring, f"agency:{OAK}"))["phases"]
    assert (len(first["points"]), len(second["points"])) == (12, 12)
    assert (first["limits"]["to"], second["limits"]["from"]) == (month(13).isoformat(), month(12).isoformat())
    history = (await monitoring.as_(f"agency:{OAK}").get("/kpis/unplanned_endings/limits")).json()["items"]
    assert [(each["decided_by"], each["words"], each["reason"]) for each in history] == [
        ("person@consortium", "New matching step", "process_changed")
    ]
    assert (await monitoring.as_(f"agency:{ASH}").get("/kpis/unplanned_endings/limits")).json()["items"] == []
    assert len((await chart(monitoring))["phases"]) == 1, "another chart's limits stay"
    again = await manager.post("/kpis/unplanned_endings/limits", json=wanted)
    assert again.status_code == 409
    undone = await manager.post("/kpis/unplanned_endings/limits", json=wanted | {"recalculated": False, "reason": "withdrawn"})
    assert undone.status_code == 201
    shown = await chart(monitoring, agency=OAK)
    assert (len(shown["phases"]), len(shown["decisions"])) == (1, 2)


async def test_a_decision_that_cannot_be_is_refused_with_every_reason(monitoring: RunningService) -> None:
    manager = monitoring.as_("consortium", "project_manager")
    wanted = {"from_month": clock.today().replace(day=15).isoformat(), "reason": "other", "words": "", "agency": OAK, "council": SLOUGH}
    reply = await manager.post("/kpis/unplanned_endings/limits", json=wanted)
    assert {error["rule"] for error in reply.json()["errors"]} == {"words_needed", "one_scope", "first_of_a_month"}
    wanted = {"from_month": clock.today().replace(day=1).isoformat(), "reason": "other", "words": "now"}
    assert (await manager.post("/kpis/unplanned_endings/limits", json=wanted)).json()["errors"][0]["rule"] == "month_has_ended"
    assert (await monitoring.as_(f"council:{SLOUGH}").post("/kpis/unplanned_endings/limits", json=wanted)).status_code == 403


async def test_a_funnel_compares_agencies_of_different_size(monitoring: RunningService) -> None:
    await a_past(monitoring)
    asked = {"from": month(12).isoformat(), "to": month(0).isoformat()}
    reply = (await monitoring.as_("consortium").get("/kpis/unplanned_endings/funnel", params=asked)).json()
    assert (reply["marked"], reply["records"]) == (12 * 2 + 6 + 12, 288)
    by_name = {point["name"]: point for point in reply["points"]}
    ash = by_name["Ash Fostering (fictional)"]
    assert (ash["marked"], ash["records"], ash["standing"], ash["above"]) == (12, 48, "inside", True), (
        "one in four of 48 still happens by chance"
    )
    assert reply["words"].startswith("Together 14.6 per cent (42 of 288). Outside the 99.8 per cent limits: none.")
    for kpi in ("spend", "offers_per_referral"):
        refused = await monitoring.as_("consortium").get(f"/kpis/{kpi}/funnel")
        assert refused.json()["errors"][0]["rule"] == "share_of_records"
    assert (await monitoring.as_(f"agency:{OAK}").get("/kpis/unplanned_endings/funnel")).status_code == 403


async def test_a_league_table_tells_how_each_score_comes_about_and_whom_it_cannot_be_told_apart_from(monitoring: RunningService) -> None:
    await a_past(monitoring)
    lines = (TierLine(agency=OAK, rank=1, tier=1), TierLine(agency=ASH, rank=2, tier=2))
    event = TiersPublished(framework="f1", lot="general", round=ids.new_id(), published_at=clock.now(), tiers=2, lines=lines)
    await monitoring.deliver(event, subject="general", organisation="consortium")
    reply = (await monitoring.as_("consortium").get("/league/general")).json()
    first, second = reply["lines"]
    assert (first["agency"], first["tier"], second["agency"], second["tier"]) == (OAK, 1, ASH, 2)
    assert first["cannot_be_told_apart_from"] == [ASH]
    assert first["ranks"] == "1 to 2"
    parts = {part["part"]: part for part in first["parts"]}
    assert (parts["ofsted"]["points"], parts["carers"]["known"], parts["stability"]["known"]) == (70.0, False, True)
    assert sum(part["weight"] for part in first["parts"]) == 1
    assert reply["words"] == "Oak Fostering (fictional) has the highest score of 2, but cannot be told apart from 1 others."
    assert (await monitoring.as_("consortium").get("/league/nothing")).status_code == 422
    assert (await monitoring.as_(f"agency:{OAK}").get("/league/general")).status_code == 403
