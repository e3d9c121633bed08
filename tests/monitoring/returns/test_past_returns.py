"""Returns made before Hearth are brought in whole or not at all, marked as such, late when they came late."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from shared import clock
from tests.monitoring.conftest import ASH, OAK, SLOUGH
from tests.monitoring.returns.filled import RIGHT, body, last_quarter
from tests.running.services import RunningService


def past(agency: str = OAK, *, back: int = 1, after: int = 10, **changed: str) -> dict[str, Any]:
    period = last_quarter(back)
    received = period.last + timedelta(days=after)
    lines = body(**changed)["lines"]
    return {"form": "quarterly", "begins": str(period.first), "agency": agency, "received_on": str(received), "lines": lines}


async def test_twelve_quarters_of_two_agencies_are_brought_in_at_once_and_once(monitoring: RunningService) -> None:
    manager = monitoring.as_("consortium")
    sent = {"returns": [past(agency, back=back, after=30 if back == 3 else 10) for agency in (OAK, ASH) for back in range(1, 13)]}
    first = await manager.post("/past-returns", json=sent)
    assert (first.status_code, first.json()) == (200, {"new": 24, "known": 0}), first.text
    assert (await manager.post("/past-returns", json=sent)).json() == {"new": 0, "known": 24}
    board = (await manager.get("/returns", params={"form": "quarterly", "agency": OAK, "limit": "200"})).json()["items"]
    told = {row["begins"]: (row["state"], row["days_late"], row["brought_in"]) for row in board if row["accepted_version"]}
    assert len(told) == 12
    assert told[str(last_quarter(3).first)] == ("late", 9, True)
    assert told[str(last_quarter(4).first)] == ("on_time", 0, True)
    path = f"/returns/quarterly/{last_quarter(2).first}"
    for who, lines in ((f"agency:{OAK}", set(RIGHT)), (f"council:{SLOUGH}", {name for name in RIGHT if name.endswith(SLOUGH)})):
        found = (await monitoring.as_(who).get(path, params={"agency": OAK})).json()
        assert ({line["name"] for line in found["lines"]}, found["brought_in"]) == (lines, True)


async def test_a_return_that_was_brought_in_is_corrected_as_any_other(monitoring: RunningService) -> None:
    await monitoring.as_("consortium").post("/past-returns", json={"returns": [past()]})
    agency, path = monitoring.as_(f"agency:{OAK}"), f"/returns/quarterly/{last_quarter(1).first}"
    etag = (await agency.get(path)).headers["etag"]
    begun = await agency.post(f"{path}/corrections", json={"reason": "miscounted"}, headers={"If-Match": etag})
    draft = await agency.put(path, json=body(enquiries="33"), headers={"If-Match": begun.headers["etag"]})
    done = await agency.post(f"{path}/submission", headers={"If-Match": draft.headers["etag"]})
    assert (done.status_code, done.json()["accepted_version"], done.json()["state"]) == (200, 2, "on_time"), done.text


async def test_a_draft_that_was_begun_here_gives_way_to_the_return_made_then(monitoring: RunningService) -> None:
    agency, path = monitoring.as_(f"agency:{OAK}"), f"/returns/quarterly/{last_quarter(1).first}"
    await agency.put(path, json=body(enquiries="99"))
    assert (await monitoring.as_("consortium").post("/past-returns", json={"returns": [past()]})).json()["new"] == 1
    found = (await agency.get(path)).json()
    assert (found["draft"], found["accepted_version"], found["version"]) == (False, 1, 2)
    assert next(line["value"] for line in found["lines"] if line["name"] == "enquiries") == "30"


async def test_brought_in_and_sent_in_at_the_same_moment_one_is_taken_and_the_other_told(monitoring: RunningService) -> None:
    agency, path = monitoring.as_(f"agency:{OAK}"), f"/returns/quarterly/{last_quarter(1).first}"
    etag = (await agency.put(path, json=body())).headers["etag"]
    sent_in, brought = await asyncio.gather(
        agency.post(f"{path}/submission", headers={"If-Match": etag}),
        monitoring.as_("consortium").post("/past-returns", json={"returns": [past(enquiries="31")]}),
    )
    assert (sent_in.status_code, brought.status_code) in {(200, 409), (200, 422), (200, 200)}, (sent_in.text, brought.text)
    found = (await agency.get(path)).json()
    assert found["accepted_version"] == 1
    assert found["brought_in"] == (brought.status_code == 200)


async def test_every_fault_of_every_past_return_is_named_and_nothing_is_taken(monitoring: RunningService) -> None:
    manager = monitoring.as_("consortium")
    await manager.post("/past-returns", json={"returns": [past(back=7)]})
    wrong = [
        past(back=1) | {"agency": "SC999999"},
        past(back=2, after=-1),
        past(back=3) | {"received_on": str(clock.today() + timedelta(days=1))},
        past(back=4, places_vacant="11", households="many"),
        past(back=5) | {"lines": [{"name": "happiness", "value": "1"}]},
        past(back=6),
        past(back=6),
        past(back=7, enquiries="31"),
        past() | {"begins": str(last_quarter(0).last + timedelta(days=1))},
        past(back=8) | {"begins": str(last_quarter(8).first + timedelta(days=1))},
    ]
    reply = await manager.post("/past-returns", json={"returns": wrong})
    assert reply.status_code == 422
    assert [(error["field"], error["rule"]) for error in reply.json()["errors"]] == [
        ("returns.0.agency", "agency_known"),
        ("returns.1.received_on", "received_after_the_period"),
        ("returns.2.received_on", "received_after_the_period"),
        ("returns.3.lines.households", "R002"),
        ("returns.3.lines.places_approved", "R030"),
        ("returns.4.lines.1", "line_of_the_form"),
        ("returns.6", "once_each"),
        ("returns.7", "not_accepted_yet"),
        ("returns.8.begins", "period_has_ended"),
        ("returns.9.begins", "first_day_of_a_period"),
    ]
    board = (await manager.get("/returns", params={"form": "quarterly", "limit": "200"})).json()["items"]
    assert [row["begins"] for row in board if row["accepted_version"]] == [str(last_quarter(7).first)]


async def test_only_the_project_manager_brings_returns_in_and_not_too_many_at_once(monitoring: RunningService) -> None:
    for who, roles in ((f"agency:{OAK}", ()), (f"council:{SLOUGH}", ()), ("consortium", ("procurement_lead",))):
        assert (await monitoring.as_(who, *roles).post("/past-returns", json={"returns": [past()]})).status_code == 403
    manager = monitoring.as_("consortium")
    for bad in ({"returns": []}, {"returns": [past() | {"lines": []}] * 201}, {}, {"returns": [past() | {"begins": "then"}]}):
        assert (await manager.post("/past-returns", json=bad)).status_code == 422
