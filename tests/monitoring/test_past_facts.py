"""Facts from before Hearth come in whole or not at all, and leave what the bus would have left."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared import clock, ids
from shared.contracts import Envelope
from tests.monitoring.conftest import OAK, SOUTHAMPTON
from tests.monitoring.histories import Past, Told, pasts
from tests.running.services import RunningService

DOCUMENT = Path("docs/past-facts.md")


def example() -> list[dict[str, Any]]:
    """The events printed in the document."""
    found = re.search(r"```ndjson\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found
    return [json.loads(line) for line in found[1].splitlines()]


def fresh() -> dict[str, Any]:
    """One referral that nobody has heard of, as a line."""
    line, referral = example()[0], str(ids.new_id())
    return line | {"id": str(ids.new_id()), "subject": referral, "data": line["data"] | {"referral": referral}}


async def bring(monitoring: RunningService, lines: list[Any], *, key: str | None = None) -> httpx.Response:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    headers = {"Content-Type": "application/x-ndjson"} | ({"Idempotency-Key": key} if key else {})
    return await monitoring.as_("consortium").post("/past", content=body.encode(), headers=headers)


async def broken(monitoring: RunningService, *lines: Any) -> set[tuple[str, str]]:
    reply = await bring(monitoring, list(lines))
    assert reply.status_code == 422, reply.text
    return {(error["field"], error["rule"]) for error in reply.json()["errors"]}


async def figure(monitoring: RunningService, name: str, organisation: str = "consortium") -> str | None:
    asked = {"from": "2024-04-01", "to": "2025-03-31"}
    value: str | None = (await monitoring.as_(organisation).get(f"/kpis/{name}", params=asked)).json()["kpi"]["value"]
    return value


async def test_the_documented_example_is_taken_and_counted_for_each_of_its_three_readers(monitoring: RunningService) -> None:
    reply = await bring(monitoring, example())
    assert reply.status_code == 200, reply.text
    taken = reply.json()
    assert (taken["events"], taken["sent"], taken["first_on"], taken["last_on"]) == (3, 3, "2024-05-02", "2024-05-10")
    assert taken["brought_in_by"] == "person@consortium"
    for reader in ("consortium", f"council:{SOUTHAMPTON}", f"agency:{OAK}"):
        assert await figure(monitoring, "placements", reader) == "1"
    assert await figure(monitoring, "referrals") == "1"
    listed = (await monitoring.as_("consortium").get("/past")).json()["items"]
    assert listed == [taken]


async def test_the_same_events_again_change_nothing_and_are_not_written_down_again(monitoring: RunningService) -> None:
    await bring(monitoring, example())
    again = await bring(monitoring, [*example(), *example()])
    assert (again.json()["events"], again.json()["sent"]) == (0, 6)
    assert await figure(monitoring, "placements") == "1"
    assert len((await monitoring.as_("consortium").get("/past")).json()["items"]) == 1


async def test_an_event_is_counted_once_whether_the_bus_or_the_import_brings_it_first(monitoring: RunningService) -> None:
    first, second = fresh(), fresh()
    assert (await bring(monitoring, [first])).json()["events"] == 1
    changed = first | {"version": 9, "time": "2026-01-01T00:00:00+00:00"}
    await monitoring.deliver_again(Envelope.model_validate(changed))
    await monitoring.deliver_again(Envelope.model_validate(second))
    assert (await bring(monitoring, [second | {"version": 9, "time": "2026-01-01T00:00:00+00:00"}])).json()["events"] == 0
    assert await figure(monitoring, "referrals") == "2", "both as they were first told, in May 2024"


async def test_every_fault_of_every_line_is_named_and_nothing_of_the_request_is_kept(monitoring: RunningService) -> None:
    good, created = fresh(), fresh()
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    started = example()[2] | {"id": str(ids.new_id())}
    unknown_agency = started | {"data": started["data"] | {"provider": "agency:SC999999"}}
    found = await broken(
        monitoring,
        good,
        "{not json",
        {name: value for name, value in created.items() if name != "version"},
        created | {"type": "child.born"},
        created | {"type": "referral.amended"},
        created | {"data": created["data"] | {"council": 7}},
        created | {"time": tomorrow},
        created | {"time": "1999-12-31T12:00:00+00:00"},
        created | {"organisation": f"agency:{OAK}"},
        created | {"council": "E06000039"},
        created | {"data": created["data"] | {"lot": "caravans"}},
        unknown_agency,
        started | {"data": started["data"] | {"started_on": (clock.today() + timedelta(days=2)).isoformat()}},
        started | {"data": started["data"] | {"numbers_in_year": [70000]}},
        created | {"version": 0},
        created | {"version": 2**40},
    )
    assert found == {
        ("lines.2", "json"),
        ("lines.3.version", "envelope"),
        ("lines.4.type", "known_type"),
        ("lines.5.type", "known_type"),
        ("lines.6.data.council", "contract"),
        ("lines.7.time", "not_from_the_future"),
        ("lines.8.time", "not_before_2000"),
        ("lines.9.organisation", "said_by_a_party"),
        ("lines.10.council", "council_of_the_event"),
        ("lines.11.data.lot", "lot_known"),
        ("lines.12.data.provider", "agency_known"),
        ("lines.13.data.started_on", "not_from_the_future"),
        ("lines.14.data.numbers_in_year", "believable"),
        ("lines.15.version", "envelope"),
        ("lines.16.version", "believable"),
    }
    assert await figure(monitoring, "referrals") == "0"
    assert (await bring(monitoring, [good])).json()["events"] == 1, "its id was given back with everything else"


async def test_a_reason_in_words_is_refused_and_not_repeated(monitoring: RunningService) -> None:
    line = example()[2] | {"id": str(ids.new_id()), "type": "placement.cancelled"}
    words = "Robin ran away to her aunt"
    reply = await bring(monitoring, [line | {"data": line["data"] | {"reason": words}}])
    assert reply.status_code == 422
    assert [error["rule"] for error in reply.json()["errors"]] == ["code_not_words"]
    assert "Robin" not in reply.text


async def test_a_council_that_the_same_request_records_may_be_spoken_of(monitoring: RunningService) -> None:
    line = json.loads(json.dumps(fresh()).replace("E06000045", "E06000038"))
    recorded = {
        **line,
        "id": str(ids.new_id()),
        "type": "council.recorded",
        "subject": "E06000038",
        "organisation": "consortium",
        "council": None,
        "data": {"council": "E06000038", "name": "Reading", "joined_on": "2012-04-01"},
    }
    assert await broken(monitoring, line) == {("lines.1.data.council", "council_known")}
    assert (await bring(monitoring, [line, recorded])).status_code == 200


async def test_only_the_project_manager_brings_a_past_in(monitoring: RunningService) -> None:
    for organisation, roles in ((f"council:{SOUTHAMPTON}", ()), (f"agency:{OAK}", ()), ("consortium", ("procurement_lead",))):
        client = monitoring.as_(organisation, *roles)
        reply = await client.post("/past", content=b"{}", headers={"Content-Type": "application/x-ndjson"})
        assert reply.status_code == 403
        assert (await client.get("/past")).status_code == 403


async def test_another_content_type_and_an_empty_or_too_long_body_are_refused(monitoring: RunningService) -> None:
    manager = monitoring.as_("consortium")
    assert (await manager.post("/past", json=[])).status_code == 415
    assert await broken(monitoring, "", "  ") == {("lines", "any_events")}
    assert await broken(monitoring, *(["{}"] * 5001)) == {("lines", "not_too_many")}


async def test_a_request_asked_for_twice_is_answered_alike(monitoring: RunningService) -> None:
    line = fresh()
    first = await bring(monitoring, [line], key="once")
    again = await bring(monitoring, [line], key="once")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"


async def test_two_who_bring_in_the_same_past_at_once_bring_it_in_once(monitoring: RunningService) -> None:
    lines = [fresh() for _ in range(60)]
    chance = Random(4)
    replies = []
    for _ in range(2):  # as many as one process takes in at once, twice
        replies += await asyncio.gather(*(bring(monitoring, chance.sample(lines, k=len(lines))) for _ in range(2)))
    assert [reply.status_code for reply in replies] == [200] * 4
    assert sum(reply.json()["events"] for reply in replies) == len(lines)
    assert await figure(monitoring, "referrals") == "60"


def as_line(told: Told) -> dict[str, Any]:
    """An event of a made history as a line."""
    return {
        "specversion": "1.0",
        "id": str(told.id),
        "source": "/old-system",
        "type": told.event.type,
        "time": told.time.isoformat(),
        "subject": told.subject,
        "version": told.version,
        "organisation": told.organisation,
        "council": told.council,
        "data": told.event.model_dump(mode="json"),
    }


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.explicit, Phase.generate])
@given(past=pasts(), order=st.integers(0, 2**32))
async def test_any_history_may_be_brought_in_and_gives_the_figures_that_hearing_it_gives(
    monitoring: RunningService, past: Past, order: int
) -> None:
    """Half of it comes over the bus and all of it by the import, in any order: as if heard once."""
    chance = Random(order)
    told = list(past.told)
    chance.shuffle(told)
    for each in told[::2]:
        await each.reach(monitoring)
    chance.shuffle(told)
    reply = await bring(monitoring, [as_line(each) for each in told])
    assert reply.status_code == 200, reply.text
    assert reply.json()["events"] == len(told) - len(told[::2])
    again = await bring(monitoring, [as_line(each) for each in told])
    assert again.json()["events"] == 0
