"""The made-up past comes in by the documented door, once however often it is sent, and its figures are those of its own lines."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hearth.load.sending import Sender
from hearth.simulate.bringing import RefusedError, bring_in
from hearth.simulate.command import in_words
from hearth.simulate.history import past, truth
from hearth.simulate.plan import Plan
from hearth.simulate.planting import Plant
from hearth.simulate.run import Simulated
from monitoring.actions import ledger, recounting
from shared import clock, tenancy
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, LotRecorded, PriceBand
from shared.contracts.words import OfstedRating, PlacementKind, Sector
from shared.organisation import CONSORTIUM
from tests.deploy.test_simulated_past import found, lines_of
from tests.running.services import RunningService


class Signer:
    """Signs in as the test issuer does."""

    def __init__(self, service: RunningService) -> None:
        self.service = service

    async def of(self, organisation: str, role: str = "", person: str = "") -> str:
        return self.service.key.token(organisation, *([role] if role else []))


async def consortium_known(monitoring: RunningService) -> None:
    """What the bus would have told of the example's consortium."""
    day, there = date(2012, 4, 1), found()
    for code in there.councils:
        await monitoring.deliver(CouncilRecorded(council=code, name=code, joined_on=day), subject=code, organisation="consortium")
    for one in there.agencies:
        agency = AgencyRecorded(
            agency=one.urn, name=one.name, rating=OfstedRating(one.rating), inspected_on=None, sector=Sector(one.sector)
        )
        await monitoring.deliver(agency, subject=one.urn, organisation="consortium")
    for lot in there.lots:
        bands = tuple(PriceBand(code=code, from_age=first, to_age=last) for code, first, last in lot.bands)
        kinds = tuple(PlacementKind(kind) for kind in lot.kinds)
        told = LotRecorded(
            framework="f", lot=lot.code, title=lot.code, kinds=kinds, price_bands=bands, starts_on=day, ends_on=date(2036, 3, 31)
        )
        await monitoring.deliver(told, subject=lot.code, organisation="consortium")


def sender_to(monitoring: RunningService) -> Sender:
    return Sender(monitoring.with_token(None), Signer(monitoring), {"monitoring": "http://monitoring.test"})  # type: ignore[arg-type]


async def test_a_past_is_brought_in_once_and_counted_as_its_lines_say(running: Any) -> None:
    monitoring: RunningService = await running("monitoring")
    await consortium_known(monitoring)
    plan = Plan(1, 11, clock.today() - timedelta(days=1), 0.03)
    made = past(found(), plan)
    brought = await bring_in(sender_to(monitoring), made, plan)
    assert brought.lines == brought.new == brought.by_type.total() + len(brought.places)
    again = await bring_in(sender_to(monitoring), past(found(), plan), plan)
    assert again.new == len(again.places), "only each provider's places are told anew"
    assert again.returns == brought.returns == await _returns_kept(monitoring) > 0
    told = [json.loads(line) for line in lines_of(plan)]
    assert Counter(event["type"] for event in told) == brought.by_type
    asked = {"from": plan.first.isoformat(), "to": plan.until.isoformat()}
    reply = await monitoring.as_("consortium").get("/kpis", params=asked)
    figures = {kpi["name"]: Decimal(kpi["value"] or 0) for kpi in reply.json()["kpis"]}
    within = [event for event in told if event["time"][:10] >= plan.first.isoformat()]
    assert figures["referrals"] == sum(event["type"] == "referral.created" for event in within)
    assert figures["offers_made"] == sum(event["type"] == "offer.made" for event in within)
    assert figures["beds_filled"] == _living(told)
    simulated = Simulated(found(), made.planted, brought, truth(found(), plan, made, dict(brought.by_type)))
    words = "\n".join(in_words(simulated, plan_file := Path("truth.json")))
    assert str(plan_file) in words
    assert all(one.agency in words for one in made.planted)
    said = json.loads(simulated.truth)
    assert {line["planted"] for line in said["planted"]} == set(Plant)
    assert all(line["since"] >= said["first_day"] and line["seen_in"] for line in said["planted"])


async def test_nights_paid_twice_are_counted_as_the_truth_file_says(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the KPI, on the placements moved to, and by the savings ledger, on those moved from. Here every search is late: there are many."""
    monkeypatch.setattr("hearth.simulate.living.LOOKS_LATE", 1.0)
    monitoring: RunningService = await running("monitoring")
    await consortium_known(monitoring)
    plan = Plan(2, 3, clock.today() - timedelta(days=1), 0.05)
    made = past(found(), plan)
    await bring_in(sender_to(monitoring), made, plan)
    twice = json.loads(truth(found(), plan, made, {}))["paid_twice"]
    assert len(twice["placements"]) > 20
    assert twice["nights"] == sum(each["nights"] for each in twice["placements"])
    manager = monitoring.as_("consortium")
    span = {"from": plan.first.isoformat(), "to": plan.until.isoformat()}
    counted = {each["name"]: each["value"] for each in (await manager.get("/kpis", params=span)).json()["kpis"]}
    assert Decimal(counted["double_paid_nights"]) == twice["nights"]
    await recounting.sweep(monitoring.databases)
    await ledger.sweep(monitoring.databases)
    lines: Counter[str] = Counter()
    asked = span | {"kind": "double_paid", "limit": "200"}
    while True:
        page = (await manager.get("/savings/ledger/lines", params=asked)).json()
        for line in page["items"]:
            lines[line["id"]] += line["nights"]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    assert lines == {each["placement"]: each["nights"] for each in twice["placements"]}


async def _returns_kept(monitoring: RunningService) -> int:
    """Accepted returns of the consortium."""
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        count = await transaction.scalar(text("SELECT count(DISTINCT (form, begins, agency)) FROM return_versions"))
    return int(count)


def _living(told: list[dict[str, Any]]) -> int:
    """Beds filled and not freed, as the lines say."""
    beds = {event["data"]["hold"]: event["data"]["beds"] for event in told if event["type"] == "vacancy.filled"}
    freed = {event["data"]["hold"] for event in told if event["type"] == "vacancy.freed"}
    return sum(count for hold, count in beds.items() if hold not in freed)


async def test_a_past_that_is_refused_says_why(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hearth.simulate.bringing.PATIENCE", 0.0)
    monitoring: RunningService = await running("monitoring")
    plan = Plan(1, 1, clock.today() - timedelta(days=1), 0.005)
    with pytest.raises(RefusedError, match="not in the consortium"):
        await bring_in(sender_to(monitoring), past(found(), plan), plan)
