"""The room of a process: how many are in, and how those are told, a few in each round of the loop, for whom there is no room."""

from __future__ import annotations

import asyncio
import json
import re
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.refusals import Refused
from shared.room import BUSY, BUSY_IMPORTING, MOST_AT_THE_DOOR, ROUNDS_AT_THE_DOOR, Room
from tests.shared.test_limits import COUNCIL
from tests.shared.test_service_process import a_process


def told_in_rounds(many: int, *, hangs_up: frozenset[int] = frozenset()) -> list[list[int]]:
    """Who was told in each round of the loop, when so many come at once and some of them hang up."""
    rounds: list[list[int]] = []

    async def all_come() -> None:
        room = Room(0, 0)
        round_of: list[int] = []

        async def one(number: int) -> None:
            await room.turn_to_be_told()
            round_of.append(number)

        coming = [asyncio.create_task(one(number)) for number in range(many)]
        await asyncio.sleep(0)
        for number in hangs_up:
            coming[number].cancel()
        while not all(task.done() for task in coming):
            rounds.append(list(round_of))
            round_of.clear()
            await asyncio.sleep(0)
        rounds.append(list(round_of))

    asyncio.run(all_come())
    return [each for each in rounds if each]


@given(many=st.integers(1, 700), hangs_up=st.frozensets(st.integers(0, 600), max_size=20))
def test_all_are_told_in_the_order_of_their_coming_a_few_in_each_round_and_none_waits_for_long(many: int, hangs_up: frozenset[int]) -> None:
    gone = frozenset(number for number in hangs_up if number < many)
    rounds = told_in_rounds(many, hangs_up=gone)
    assert [number for each in rounds for number in each] == [number for number in range(many) if number not in gone]
    assert max(map(len, rounds), default=0) <= -(-many // ROUNDS_AT_THE_DOOR)
    assert len(rounds) <= ROUNDS_AT_THE_DOOR * 8


def test_beyond_so_many_at_the_door_who_comes_is_told_at_once() -> None:
    async def all_come() -> None:
        room = Room(0, 0)
        waiting = [asyncio.create_task(room.turn_to_be_told()) for _ in range(MOST_AT_THE_DOOR)]
        late = asyncio.create_task(room.turn_to_be_told())
        await asyncio.sleep(0)
        assert late.done()
        assert not any(one.done() for one in waiting)
        await asyncio.gather(*waiting)

    asyncio.run(all_come())


@given(
    requests=st.integers(0, 5),
    imports=st.integers(0, 3),
    acts=st.lists(st.sampled_from(["enters", "enters to import", "leaves"]), max_size=40),
)
def test_no_more_are_in_than_there_are_places_and_each_place_left_is_free_again(requests: int, imports: int, acts: list[str]) -> None:
    room = Room(requests, imports)
    inside: list[tuple[bool, object]] = []
    for act in acts:
        if act == "leaves":
            if inside:
                inside.pop(0)[1].__exit__(None, None, None)  # type: ignore[attr-defined]
            continue
        importing = act == "enters to import"
        place = room.place(importing=importing)
        refused: Refused | None = place.__enter__()
        full, full_of_imports = len(inside) >= requests, sum(one for one, _ in inside) >= imports
        assert refused is (BUSY if full else BUSY_IMPORTING if importing and full_of_imports else None)
        if refused is None:
            inside.append((importing, place))
        else:
            place.__exit__(None, None, None)
        assert room.is_full is (len(inside) >= requests)


async def test_who_finds_no_room_is_told_as_any_other_who_is_refused_and_it_is_counted(notes):
    service = await notes(requests_at_once=1)
    client = service.as_(COUNCIL)
    in_hand = asyncio.create_task(client.get("/slow"))
    await asyncio.sleep(0.2)
    mine, nobodys = await asyncio.gather(client.get("/notes", headers={"X-Request-Id": "asked-by-me-1"}), client.post("/nowhere", json={}))
    head = await client.head("/notes")
    for told, status in ((mine, 503), (nobodys, 503), (head, 503)):
        assert (told.status_code, told.headers["retry-after"]) == (status, "2")
        assert told.headers["content-type"] == "application/problem+json"
        assert (told.headers["x-content-type-options"], told.headers["cache-control"]) == ("nosniff", "no-store")
    assert mine.json() == {
        "type": "/problems/unavailable",
        "title": "Not available just now",
        "status": 503,
        "detail": BUSY.detail,
        "errors": [],
        "request_id": "asked-by-me-1",
    }
    assert mine.headers["x-request-id"] == "asked-by-me-1"
    assert nobodys.json()["request_id"] == nobodys.headers["x-request-id"] != "asked-by-me-1"
    assert (head.content, int(head.headers["content-length"])) == (b"", len(nobodys.content))
    said = (await client.get("/metrics")).text
    assert re.search(r'hearth_requests_total\{method="GET",route="\(busy\)",service="notes",status="503"\} [1-9]', said)
    assert re.search(r'hearth_refusals_total\{rule="unavailable",service="notes"\} [1-9]', said)
    assert (await in_hand).status_code == 200


@pytest.fixture
async def process(fresh_database, notes, signing_key):
    async with a_process(fresh_database, notes, signing_key, REQUESTS_AT_ONCE="5") as started:
        yield started


async def test_what_is_in_hand_goes_on_while_hundreds_ask_again_and_again(process):
    """Each asks again as soon as it was told; what is in hand is answered all the same."""
    where = process.http.base_url
    token = process.http.headers["authorization"].encode()
    asking = b"GET /notes HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n" % token
    told: list[int] = []

    async def again_and_again() -> None:
        reader, writer = await asyncio.open_connection(where.host, where.port)
        for _ in range(5):
            writer.write(asking)
            head = await reader.readuntil(b"\r\n\r\n")
            told.append(int(head.split(b" ", 2)[1]))
            length = int(re.search(rb"content-length: (\d+)", head)[1])
            body = await reader.readexactly(length)
            assert told[-1] == 200 or json.loads(body)["status"] == 503
        writer.close()

    await asyncio.gather(*(again_and_again() for _ in range(200)))
    assert set(told) == {200, 503}
    assert len(told) == 1000
    assert (await process.http.get("/notes")).status_code == 200


async def test_who_hangs_up_at_the_door_is_forgotten(process):
    where = process.http.base_url
    for _ in range(50):
        with socket.create_connection((where.host, where.port)) as one:
            one.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n" % process.http.headers["authorization"].encode())
    for _ in range(100):
        if (await process.http.get("/notes")).status_code == 200:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the room is full of those who have gone")
