"""Alerts: raised once, seen by whom they concern, taken through their steps with who, when and why."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from monitoring.domain.alert import Cause, Found, State, Step, next_state
from monitoring.domain.special_cause import Reading, Way
from monitoring.handlers.alerts import raise_alert
from shared import clock, tenancy
from shared.contracts.providers import AgencyRecorded
from shared.contracts.words import OfstedRating, Sector
from shared.organisation import CONSORTIUM
from shared.refusals import Reason
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.running.services import RunningService

INSPECTED = date(2014, 2, 3)
MANAGER = ("consortium", "project_manager")


def a_signal(scope: str = f"agency:{OAK}", begins: date = date(2013, 3, 1), **changes: Any) -> Found:
    values: dict[str, Any] = {
        "kpi": "unplanned_endings",
        "scope": scope,
        "cause": Cause.CHANGED_SHARE,
        "way": Way.UP,
        "reading": Reading.CONCERN,
        "first": begins,
        "last": date(2013, 6, 1),
        "chance": 0.0002,
        "words": "Unplanned endings, Oak: rose.",
        "figures": {"marked": 9, "records": 12},
    }
    return Found(**values | changes)


async def raised(service: RunningService, found: Found) -> bool:
    async with tenancy.transaction(service.databases, CONSORTIUM) as transaction:
        return await raise_alert(transaction, found, now=clock.now())


async def listed(service: RunningService, organisation: str, **asked: str) -> list[dict[str, Any]]:
    reply = await service.as_(organisation).get("/alerts", params=asked)
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


async def test_an_alert_says_what_since_when_how_unlikely_which_records_and_who_owns_it(monitoring: RunningService) -> None:
    await raised(monitoring, a_signal())
    (line,) = await listed(monitoring, "consortium")
    one = (await monitoring.as_(*MANAGER).get(f"/alerts/{line['id']}")).json()
    assert (one["since"], one["until"], one["how_unlikely"]) == ("2013-03-01", "2013-06-01", 0.0002)
    assert one["records"] == f"/kpis/unplanned_endings/records?from=2013-03-01&to=2013-06-30&agency={OAK}"
    assert one["owner"] == "the consortium's project manager"
    assert one["figures"] == {"marked": 9, "records": 12}
    assert [step["step"] for step in one["history"]] == ["raised"]


async def test_who_sees_an_alert_is_the_consortium_and_the_one_it_is_about(monitoring: RunningService) -> None:
    await raised(monitoring, a_signal())
    await raised(monitoring, a_signal(f"council:{SLOUGH}"))
    await raised(monitoring, a_signal("consortium"))
    seen = {
        who: len(await listed(monitoring, who))
        for who in ("consortium", f"agency:{OAK}", f"agency:{ASH}", f"council:{SLOUGH}", f"council:{SOUTHAMPTON}")
    }
    assert seen == {"consortium": 3, f"agency:{OAK}": 1, f"agency:{ASH}": 0, f"council:{SLOUGH}": 1, f"council:{SOUTHAMPTON}": 0}
    (theirs,) = await listed(monitoring, f"agency:{OAK}")
    for method, path, body in (
        ("GET", f"/alerts/{theirs['id']}", None),
        ("POST", f"/alerts/{theirs['id']}/acknowledgement", {"person": "manager"}),
        ("POST", f"/alerts/{theirs['id']}/actions", {"kind": "other", "words": "looked"}),
    ):
        assert (await monitoring.as_(f"agency:{ASH}").request(method, path, json=body)).status_code == 404, path
    assert len(await listed(monitoring, "consortium", agency=OAK)) == 1
    assert len(await listed(monitoring, "consortium", council=SLOUGH, state="open")) == 1


async def test_an_alert_is_acknowledged_acted_on_and_closed_and_both_sides_read_the_same_history(monitoring: RunningService) -> None:
    await raised(monitoring, a_signal())
    (line,) = await listed(monitoring, f"agency:{OAK}")
    address = f"/alerts/{line['id']}"
    manager, agency = monitoring.as_(*MANAGER), monitoring.as_(f"agency:{OAK}")
    early = await manager.post(f"{address}/closing", json={"reason": "explained"})
    assert (early.status_code, early.json()["errors"][0]["rule"]) == (409, "acknowledged_first")
    assert (await manager.post(f"{address}/acknowledgement", json={"person": "Contracts officer"})).status_code == 200
    again = await agency.post(f"{address}/acknowledgement", json={"person": "Manager"})
    assert (again.status_code, again.json()["errors"][0]["rule"]) == (409, "still_open")
    did = {"kind": "plan_agreed", "words": "Two more support workers from May"}
    assert (await agency.post(f"{address}/actions", json=did)).status_code == 201
    assert (await agency.post(f"{address}/closing", json={"reason": "explained"})).status_code == 403
    closed = await manager.post(f"{address}/closing", json={"reason": "action_worked", "words": "Back to the former level"})
    assert closed.json()["state"] == "closed"
    late = await manager.post(f"{address}/actions", json=did)
    assert (late.status_code, late.json()["errors"][0]["rule"]) == (409, "not_closed")
    both = [(await client.get(address)).json() for client in (manager, agency)]
    assert both[0] == both[1]
    assert both[0]["person"] == "Contracts officer"
    assert [(step["step"], step["organisation"]) for step in both[0]["history"]] == [
        ("raised", "consortium"),
        ("acknowledged", "consortium"),
        ("acted", f"agency:{OAK}"),
        ("closed", "consortium"),
    ]


async def test_words_that_are_missing_too_long_or_identify_somebody_are_refused_with_every_reason(monitoring: RunningService) -> None:
    await raised(monitoring, a_signal())
    (line,) = await listed(monitoring, "consortium")
    manager, address = monitoring.as_(*MANAGER), f"/alerts/{line['id']}/acknowledgement"
    secret = "ring 01632 960123 or jo@example.org about 943 476 5919 " + "x" * 300
    reply = await manager.post(address, json={"person": "Officer", "words": secret})
    assert reply.status_code == 422
    assert {error["rule"] for error in reply.json()["errors"]} == {"short_words", "no_telephone", "no_email", "no_nhs_number"}
    assert "960123" not in reply.text
    await manager.post(address, json={"person": "Officer"})
    missing = await manager.post(f"/alerts/{line['id']}/actions", json={"kind": "other", "words": " "})
    assert [error["rule"] for error in missing.json()["errors"]] == ["words_needed"]


async def test_two_sweeps_that_see_one_signal_at_once_make_one_alert(monitoring: RunningService) -> None:
    """Two real transactions: the first holds its alert uncommitted while the second tries."""
    began, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> bool:
        async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
            made = await raise_alert(transaction, a_signal(), now=clock.now())
            began.set()
            await may_end.wait()
        return made

    async def second() -> bool:
        await began.wait()
        trying = asyncio.create_task(raised(monitoring, a_signal()))
        await asyncio.sleep(0)
        may_end.set()
        return await trying

    assert await asyncio.gather(first(), second()) == [True, False]
    assert len(await listed(monitoring, "consortium")) == len(await listed(monitoring, f"agency:{OAK}")) == 1


async def test_two_steps_at_once_are_taken_one_after_the_other(monitoring: RunningService) -> None:
    await raised(monitoring, a_signal())
    (line,) = await listed(monitoring, "consortium")
    takes = [
        monitoring.as_(who).post(f"/alerts/{line['id']}/acknowledgement", json={"person": "Officer"})
        for who in ("consortium", f"agency:{OAK}") * 3
    ]
    replies = await asyncio.gather(*takes)
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409, 409, 409]


@pytest.mark.parametrize("before", [OfstedRating.GOOD, OfstedRating.OUTSTANDING])
async def test_a_fall_in_ofsteds_rating_is_an_alert_at_once_and_once(monitoring: RunningService, before: OfstedRating) -> None:
    def recorded(rating: OfstedRating) -> AgencyRecorded:
        return AgencyRecorded(agency=ASH, name="Ash Fostering (fictional)", rating=rating, inspected_on=INSPECTED, sector=Sector.PRIVATE)

    async def hears(rating: OfstedRating, version: int) -> None:
        await monitoring.deliver(recorded(rating), subject=ASH, version=version, organisation="consortium")

    await hears(before, 2)
    quiet = len(await listed(monitoring, "consortium"))
    assert quiet == 0
    await hears(OfstedRating.REQUIRES_IMPROVEMENT, 4)
    await hears(OfstedRating.REQUIRES_IMPROVEMENT, 5)
    await hears(before, 3)  # late news
    (alert,) = await listed(monitoring, "consortium")
    assert (alert["cause"], alert["agency"], alert["reading"], alert["how_unlikely"]) == ("ofsted_downgrade", ASH, "concern", None)
    assert f"from {before} to requires improvement, inspected on 3 February 2014, recorded on " in alert["words"]
    assert (alert["since"], alert["until"]) == ("2014-02-03", "2014-02-03")
    assert alert["records"] is None
    assert len(await listed(monitoring, f"agency:{ASH}")) == 1
    assert await listed(monitoring, f"agency:{OAK}") == []


async def test_the_list_is_read_a_page_at_a_time_and_a_foreign_cursor_is_refused(monitoring: RunningService) -> None:
    for place in range(5):
        await raised(monitoring, a_signal(begins=date(2013, 1 + place, 1)))
    client, seen, cursor = monitoring.as_("consortium"), [], None
    while True:
        reply = (await client.get("/alerts", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [each["since"] for each in reply["items"]]
        if (cursor := reply["next_cursor"]) is None:
            break
    assert seen == [f"2013-0{place}-01" for place in (5, 4, 3, 2, 1)]
    assert (await client.get("/alerts", params={"cursor": "WyJ4Il0"})).status_code == 422


def test_steps_lead_only_where_they_may() -> None:
    ways = {(state, step): next_state(state, step) for state in State for step in (Step.ACKNOWLEDGED, Step.ACTED, Step.CLOSED)}
    assert {key: value for key, value in ways.items() if not isinstance(value, Reason)} == {
        (State.OPEN, Step.ACKNOWLEDGED): State.ACKNOWLEDGED,
        (State.ACKNOWLEDGED, Step.ACTED): State.ACTED_ON,
        (State.ACTED_ON, Step.ACTED): State.ACTED_ON,
        (State.ACKNOWLEDGED, Step.CLOSED): State.CLOSED,
        (State.ACTED_ON, Step.CLOSED): State.CLOSED,
    }
