"""Market use over HTTP: the sums PostgreSQL makes are those of the one rule for nights and charges; each reader its own."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared import clock, ids
from shared.contracts.providers import TierLine, TiersPublished
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.histories import Past, pasts
from tests.monitoring.recount import LONDON, _bill, _nights
from tests.monitoring.recount import Question as Asked
from tests.monitoring.told import a_placement
from tests.running.services import RunningService


async def market(service: RunningService, organisation: str = "consortium", **asked: str) -> dict[str, Any]:
    reply = await service.as_(organisation).get("/market", params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.explicit, Phase.generate])
@given(past=pasts(), back=st.integers(0, 300), length=st.integers(0, 300))
async def test_placements_nights_and_spend_are_those_counted_night_by_night(
    monitoring: RunningService, past: Past, back: int, length: int
) -> None:
    for told in past.told:
        await told.reach(monitoring)
    last = clock.today() - timedelta(days=back)
    asked = Asked(last - timedelta(days=length), last, clock.today())
    council = past.councils[0]
    events: dict[str, list[Any]] = defaultdict(list)
    for told in past.told:
        events[told.event.type].append(told.event)
    gone = {each.placement for each in events["placement.cancelled"]}
    started = {each.placement: each.started_on for each in events["placement.started"]}
    ended = {each.placement: each.ended_on for each in events["placement.ended"]}
    expected: dict[str, tuple[int, int, Decimal]] = {}
    for each in events["placement.agreed"]:
        if each.placement in gone or each.council != council or each.provider.startswith("council:"):
            continue
        arrived = started.get(each.placement)
        before, until = _nights(arrived, ended.get(each.placement), asked) if arrived else (0, 0)
        agreed = asked.first <= each.agreed_at.astimezone(LONDON).date() <= asked.last
        if not agreed and before == until:
            continue
        number, nights, spend = expected.get(each.provider, (0, 0, Decimal("0.00")))
        charged = _bill(each.pounds_per_week, until) - _bill(each.pounds_per_week, before)
        expected[each.provider] = number + agreed, nights + until - before, spend + charged
    found = await market(monitoring, f"council:{council}", **{"from": asked.first.isoformat(), "to": asked.last.isoformat()})
    told_of = {f"agency:{one['code']}": (one["placements"], one["nights"], Decimal(one["spend"])) for one in found["agencies"]}
    assert told_of == expected


async def test_tiers_never_used_and_agencies_never_used_are_named_and_a_council_sees_only_its_own(monitoring: RunningService) -> None:
    lines = (TierLine(agency=OAK, rank=1, tier=1), TierLine(agency=ASH, rank=2, tier=2))
    published = TiersPublished(framework="f1", lot="general", round=ids.new_id(), published_at=clock.now(), tiers=2, lines=lines)
    await monitoring.deliver(published, subject="general", organisation="consortium")
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=14, pounds="700.00")
    await a_placement(monitoring, SOUTHAMPTON, f"council:{SOUTHAMPTON}", days_ago=14, pounds="400.00", tier=None)
    await a_placement(monitoring, SLOUGH, f"agency:{ASH}", days_ago=7, pounds="700.00", tier=2)
    own = await market(monitoring, f"council:{SOUTHAMPTON}")
    assert [(one["code"], one["name"], one["spend"], one["share_of_placements"]) for one in own["agencies"]] == [
        (OAK, "Oak Fostering (fictional)", "1400.00", "100.0")
    ]
    assert [one["code"] for one in own["never_used"]] == [ASH]
    assert [(one["tier"], one["agencies_used"], one["placements"]) for one in own["tiers_of_lots"]] == [(1, 1, 1), (2, 0, 0)]
    assert [(one["code"], one["spend"]) for one in own["tiers"]] == [("tier 1", "1400.00"), ("in-house", "800.00")]
    whole = await market(monitoring)
    assert whole["concentration_of_placements"]["index"] == "5000"
    assert whole["never_used"] == []
    assert [one["share_of_spend"] for one in (await market(monitoring, agency=ASH))["agencies"]] == ["33.3"]
    assert (await monitoring.as_(f"agency:{OAK}").get("/market")).status_code == 403
    assert (await monitoring.as_(f"council:{SLOUGH}").get("/market", params={"council": SOUTHAMPTON})).status_code == 403
