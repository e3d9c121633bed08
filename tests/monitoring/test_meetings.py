"""Meetings from plan to pack, findings and actions, each organisation seeing its own."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from shared import clock, tenancy
from shared.organisation import CONSORTIUM
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.test_alerts import a_signal, raised
from tests.monitoring.test_charts import a_past
from tests.running.services import RunningService


def a_plan(kind: str = "annual_provider_meeting", *, days: int = 10, **changes: Any) -> dict[str, Any]:
    starts = clock.now().replace(microsecond=0) + timedelta(days=days)
    given = {
        "kind": kind,
        "agency": OAK,
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "place": "HQ-2",
        "leads": "consortium",
        "lead_person": "Project manager",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


async def planned(service: RunningService, who: str = "consortium", **changes: Any) -> dict[str, Any]:
    reply = await service.as_(who).post("/meetings", json=a_plan(**changes))
    assert reply.status_code == 201, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def begun(service: RunningService, meeting: str, *, days: int = 30) -> None:
    """Time passes: the meeting lies so many days back."""
    from monitoring.tables import meetings

    async with tenancy.transaction(service.databases, CONSORTIUM) as transaction:
        for reader in (await transaction.execute(text("SELECT readers FROM meetings WHERE id = :id"), {"id": meeting})).scalar_one():
            await transaction.driver.execute(f"SELECT set_config('app.organisation', '{reader}', true)")
            moved = {name: meetings.c[name] - timedelta(days=days) for name in ("starts_at", "ends_at")}
            await transaction.execute(meetings.update().where(meetings.c.id == meeting).values(**moved))


async def test_a_meeting_goes_from_plan_to_pack_findings_and_actions_carried_into_the_next(monitoring: RunningService) -> None:
    await a_past(monitoring)
    await raised(monitoring, a_signal())
    manager, agency = monitoring.as_("consortium", "project_manager"), monitoring.as_(f"agency:{OAK}")
    first = (await planned(monitoring))["id"]
    pack = (await manager.post(f"/meetings/{first}/pack")).json()["pack"]
    figures = {figure["kpi"]: figure for figure in pack["figures"]}
    assert (figures["unplanned_endings"]["numerator"], figures["unplanned_endings"]["denominator"]) == ("30", "240")
    assert "savings_per_cent" not in figures, "an agency may not see it, and the pack is the agency's too"
    assert [alert["words"] for alert in pack["alerts"]] == ["Unplanned endings, Oak: rose."]
    early = await manager.post(f"/meetings/{first}/holding", json={"attendance": ["Manager"]})
    assert early.json()["errors"][0]["rule"] == "has_begun"
    await begun(monitoring, first)
    findings = [{"code": "stability", "words": "More support for carers in the first month"}]
    held = await manager.post(
        f"/meetings/{first}/holding", json={"attendance": ["Project manager", "Agency manager"], "findings": findings}
    )
    assert held.json()["state"] == "held"
    late_pack = await manager.post(f"/meetings/{first}/pack")
    assert late_pack.json()["errors"][0]["rule"] == "still_planned"
    due = clock.today() + timedelta(days=20)
    action = {"owner": f"agency:{OAK}", "words": "Send the training plan", "due_on": due.isoformat()}
    (made,) = (await manager.post(f"/meetings/{first}/actions", json=action)).json()["actions"]
    second = await planned(monitoring, kind="monitoring_visit")
    assert [each["words"] for each in second["carried"]] == ["Send the training plan"]
    assert [each["words"] for each in (await manager.post(f"/meetings/{second['id']}/pack")).json()["pack"]["actions"]] == [action["words"]]
    assert (await agency.post(f"/meeting-actions/{made['id']}/completion", json={"words": "Sent"})).status_code == 200
    assert (await manager.post(f"/meeting-actions/{made['id']}/completion", json={})).status_code == 409
    assert (await manager.get(f"/meetings/{second['id']}")).json()["carried"] == []
    both = [(await client.get(f"/meetings/{first}")).json() for client in (manager, agency)]
    assert both[0] == both[1]
    assert [each["words"] for each in both[0]["findings"]] == [findings[0]["words"]]
    assert both[0]["pack"] == pack, "frozen with its date"


async def test_each_sees_the_meetings_that_concern_it_and_a_forum_is_everybodys(monitoring: RunningService) -> None:
    own = await planned(monitoring)
    await planned(monitoring, kind="challenge_meeting", agency=ASH, council=SLOUGH)
    forum = await planned(monitoring, kind="provider_forum", agency=None)
    seen = {
        who: {each["kind"] for each in (await monitoring.as_(who).get("/meetings")).json()["items"]}
        for who in ("consortium", f"agency:{OAK}", f"agency:{ASH}", f"council:{SLOUGH}", f"council:{SOUTHAMPTON}")
    }
    assert seen == {
        "consortium": {"annual_provider_meeting", "challenge_meeting", "provider_forum"},
        f"agency:{OAK}": {"annual_provider_meeting", "provider_forum"},
        f"agency:{ASH}": {"challenge_meeting", "provider_forum"},
        f"council:{SLOUGH}": {"challenge_meeting", "provider_forum"},
        f"council:{SOUTHAMPTON}": {"provider_forum"},
    }
    stranger = monitoring.as_(f"agency:{ASH}")
    for method, path in (("GET", ""), ("POST", "/pack"), ("POST", "/cancellation")):
        reply = await stranger.request(method, f"/meetings/{own['id']}{path}", json={"reason": "x"} if path == "/cancellation" else None)
        assert reply.status_code == 404, path
    theirs = await monitoring.as_(f"agency:{OAK}").post(f"/meetings/{own['id']}/cancellation", json={"reason": "Not ours to cancel"})
    assert theirs.status_code == 403
    assert (await stranger.get(f"/meetings/{forum['id']}")).status_code == 200
    assert (await stranger.post("/meetings", json=a_plan())).status_code == 403
    assert (await monitoring.as_(f"council:{SLOUGH}").post("/meetings", json=a_plan())).status_code == 403


async def test_a_change_names_the_version_it_changes_and_a_cancelled_meeting_stays(monitoring: RunningService) -> None:
    made = await planned(monitoring)
    manager, address = monitoring.as_("consortium", "project_manager"), f"/meetings/{made['id']}"
    assert (await manager.put(address, json=a_plan(days=12))).status_code == 428
    moved = await manager.put(address, json=a_plan(days=12), headers={"If-Match": '"1"'})
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    assert (await manager.put(address, json=a_plan(days=13), headers={"If-Match": '"1"'})).status_code == 412
    other = await manager.put(address, json=a_plan(agency=ASH), headers={"If-Match": '"2"'})
    assert other.json()["errors"][0]["rule"] == "concerns_the_same"
    assert (await manager.post(f"{address}/cancellation", json={"reason": "The agency asked for April"})).json()["state"] == "cancelled"
    assert (await manager.post(f"{address}/cancellation", json={"reason": "again"})).status_code == 409


async def test_words_that_identify_somebody_are_refused_in_every_field(monitoring: RunningService) -> None:
    manager = monitoring.as_("consortium", "project_manager")
    reply = await manager.post("/meetings", json=a_plan(place="12 High Street SO14 7DU", lead_person="jo@example.org", agency="SC999999"))
    assert {error["rule"] for error in reply.json()["errors"]} == {"no_postcode", "no_email", "agency_known"}
    meeting = (await planned(monitoring))["id"]
    await begun(monitoring, meeting)
    body = {
        "attendance": ["01632 960123"],
        "findings": [{"code": "other", "words": "about NHS 943 476 5919"}, {"code": "other", "words": ""}],
    }
    reply = await manager.post(f"/meetings/{meeting}/holding", json=body)
    assert {(error["field"], error["rule"]) for error in reply.json()["errors"]} == {
        ("attendance.0", "no_telephone"),
        ("findings.0.words", "no_nhs_number"),
        ("findings.1.words", "words_needed"),
    }


async def test_what_is_overdue_is_visible_to_those_it_concerns(monitoring: RunningService) -> None:
    meeting = (await planned(monitoring))["id"]
    manager = monitoring.as_("consortium", "project_manager")
    action = {"owner": f"agency:{OAK}", "words": "Send the plan", "due_on": clock.today().isoformat()}
    await manager.post(f"/meetings/{meeting}/actions", json=action)
    await begun(monitoring, meeting)
    late = (await manager.get("/meetings/overdue")).json()
    assert [each["id"] for each in late["meetings"]] == [meeting]
    assert late["actions"] == [], "its day is not over"
    assert [each["agency"] for each in late["without_annual_meeting"]] == [OAK, ASH]
    assert (await monitoring.as_(f"agency:{ASH}").get("/meetings/overdue")).json()["meetings"] == []
    await manager.post(f"/meetings/{meeting}/holding", json={"attendance": ["Project manager"]})
    late = (await manager.get("/meetings/overdue")).json()
    assert late["meetings"] == []
    assert [each["agency"] for each in late["without_annual_meeting"]] == [ASH]


async def test_two_who_hold_a_meeting_at_once_hold_it_once(monitoring: RunningService) -> None:
    meeting = (await planned(monitoring))["id"]
    await begun(monitoring, meeting)
    body = {"attendance": ["Manager"], "findings": [{"code": "other", "words": "Noted"}]}
    takes = [monitoring.as_("consortium").post(f"/meetings/{meeting}/holding", json=body) for _ in range(4)]
    assert sorted(reply.status_code for reply in await asyncio.gather(*takes)) == [200, 409, 409, 409]
    shown = (await monitoring.as_("consortium").get(f"/meetings/{meeting}")).json()
    assert len(shown["findings"]) == 1
    assert datetime.fromisoformat(shown["starts_at"]) < clock.now()
