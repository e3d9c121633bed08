"""Exact miles: asked of ``providers`` under the caller's own rights, worked out here, and only the miles kept."""

from __future__ import annotations

import asyncio
import json
import math
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import uvicorn

from shared import postcodes
from shared.handed_over import HandOver, location_of
from tests.providers import bodies
from tests.referrals.council import SOUTHAMPTON, Council
from tests.running.services import RunningService

Running = Callable[..., Awaitable[RunningService]]
NEAR, FAR, UNPLACED = str(uuid4()), str(uuid4()), str(uuid4())


def sealed(household: str, place: str, council: str = SOUTHAMPTON) -> dict[str, Any]:
    """What providers says of a household."""
    bound_to = location_of(f"council:{council}", household)
    return {"household": household, "sealed": HandOver("", development=True).sealed(place, bound_to=bound_to)}


LOCATIONS = {
    "items": [
        sealed(NEAR, "442500,111500"),
        sealed(FAR, "452500,206500"),
        {"household": UNPLACED, "sealed": None},
    ],
    "not_offered_to_you": [],
}


@asynccontextmanager
async def providers_answering(status: int, answer: Any, *, after_seconds: float = 0) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Another process's HTTP, on a real socket: every request gets this answer. Yields its address and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        asked.append(head + await reader.readexactly(length))
        await asyncio.sleep(after_seconds)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        writer.write(b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


async def refers(running: Running, address: str) -> tuple[Council, str]:
    council = Council(await running("referrals", providers_url=address))
    await council.hears_of_the_framework()
    return council, await council.broadcast_referral()


def wanted(*households: str) -> dict[str, Any]:
    return {"households": [{"household": household} for household in households]}


async def test_miles_are_measured_from_the_childs_home_and_nothing_of_either_home_is_kept(running: Running) -> None:
    async with providers_answering(200, LOCATIONS) as (address, asked):
        council, referral = await refers(running, address)
        client = council.client()
        reply = await client.post(f"/referrals/{referral}/distances", json=wanted(NEAR, FAR, UNPLACED))
        assert reply.status_code == 200, reply.text
    miles = {each["household"]: each["miles"] for each in reply.json()["items"]}
    home = postcodes.grid(postcodes.parse("SO14 7LY"))  # type: ignore[arg-type]
    assert home is not None

    def straight_line(easting: int, northing: int) -> str:
        return f"{math.hypot(home.easting - easting, home.northing - northing) / 1609.3:.1f}"

    assert miles == {NEAR: straight_line(442500, 111500), FAR: straight_line(452500, 206500), UNPLACED: "999.9"}
    assert (await client.get(f"/referrals/{referral}/distances")).json() == reply.json()
    assert client.headers["authorization"].encode() in asked[0], "under the caller's own rights"
    assert json.loads(asked[0].partition(b"\r\n\r\n")[2]) == {"households": [NEAR, FAR, UNPLACED]}


async def test_a_measured_distance_settles_whether_the_home_is_within_twenty_miles(running: Running) -> None:
    async with providers_answering(200, LOCATIONS) as (address, _):
        council, referral = await refers(running, address)
        await council.client().post(f"/referrals/{referral}/distances", json=wanted(FAR, NEAR, UNPLACED))
    await council.hears(council.confirmed(referral, household=FAR, district="SO15"))
    assert (await council.service.published("placement.agreed"))[0].data["within_20_miles"] == "no", "measured outweighs districts"


async def test_a_providers_service_that_is_slow_away_or_unwell_is_an_honest_problem(running: Running) -> None:
    async with providers_answering(200, LOCATIONS, after_seconds=5) as (slow, _):
        council, referral = await refers(running, slow)
        began = asyncio.get_running_loop().time()
        reply = await council.client().post(f"/referrals/{referral}/distances", json=wanted(NEAR))
        assert asyncio.get_running_loop().time() - began < 4
    assert (reply.status_code, reply.headers["content-type"]) == (503, "application/problem+json")
    assert "Nothing was changed" in reply.json()["detail"]
    away = await council.client().post(f"/referrals/{referral}/distances", json=wanted(NEAR))
    assert away.status_code == 503
    assert (await council.client().get(f"/referrals/{referral}/distances")).json() == {"items": []}


async def test_an_answer_that_cannot_be_read_is_not_taken_for_one(running: Running) -> None:
    swapped = {**sealed(FAR, "442500,111500"), "household": NEAR}
    for status, answer in ((500, {}), (200, b"<html>"), (200, {"items": [{"household": "x"}]}), (200, []), (200, {"items": [swapped]})):
        async with providers_answering(status, answer) as (address, _):
            council, referral = await refers(running, address)
            assert (await council.client().post(f"/referrals/{referral}/distances", json=wanted(NEAR))).status_code == 503


async def test_a_household_that_is_not_offered_is_named_and_nothing_is_kept(running: Running) -> None:
    stranger = str(uuid4())
    async with providers_answering(200, {**LOCATIONS, "not_offered_to_you": [stranger]}) as (address, _):
        council, referral = await refers(running, address)
        reply = await council.client().post(f"/referrals/{referral}/distances", json=wanted(NEAR, stranger))
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "households.1.household")
    assert (await council.client().get(f"/referrals/{referral}/distances")).json() == {"items": []}


async def test_no_connection_is_held_while_the_other_service_is_waited_for(running: Running) -> None:
    async with providers_answering(200, LOCATIONS, after_seconds=0.5) as (address, _):
        council = Council(await running("referrals", providers_url=address, pool_size=1))
        await council.hears_of_the_framework()
        referral = await council.broadcast_referral()
        measuring = asyncio.create_task(council.client().post(f"/referrals/{referral}/distances", json=wanted(NEAR)))
        await asyncio.sleep(0.2)
        began = asyncio.get_running_loop().time()
        assert (await council.client().get(f"/referrals/{referral}")).status_code == 200
        assert asyncio.get_running_loop().time() - began < 0.25, "the only connection is free meanwhile"
        assert (await measuring).status_code == 200
    assert council.code == SOUTHAMPTON


async def test_the_two_services_understand_each_other_and_the_officer_reads_miles_alone(running: Running) -> None:
    """The real providers service on a socket: what it answers is what is read here."""
    providers = await running("providers")
    lead = providers.as_("consortium")
    assert (await lead.put(f"/councils/{SOUTHAMPTON}", json=bodies.council())).status_code in (200, 201)
    own = providers.as_(f"council:{SOUTHAMPTON}")
    home = await own.put("/households/OWN-1", json=bodies.household(postcode="SO15 5SS"))
    assert home.status_code in (200, 201), home.text
    household = home.json()["id"]
    server = uvicorn.Server(uvicorn.Config(providers.app, log_config=None, lifespan="off"))
    listening = socket.create_server(("127.0.0.1", 0))  # whoever calls before the server answers waits at the socket
    port = listening.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        council, referral = await refers(running, f"http://127.0.0.1:{port}")
        reply = await council.client().post(f"/referrals/{referral}/distances", json=wanted(household))
    finally:
        server.should_exit = True
        await serving
    assert reply.status_code == 200, reply.text
    (found,) = reply.json()["items"]
    assert set(found) == {"household", "miles", "measured_at"}
    assert 0 < float(found["miles"]) < 3
