"""Every text field of every body, query and address holds something hostile in turn: never a fault, and nothing is destroyed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from shared.contracts import SERVICES
from shared.organisation import ROLES, Kind
from tests.architecture.catalogue import connected, tables
from tests.architecture.test_doors import BY_ITS_ADDRESS, OPEN_TO_ALL, SOMEBODY, doors
from tests.attack.bodies import Asked, Interface
from tests.running.services import RunningService

SQL = "x'); DROP TABLE outbox CASCADE; DELETE FROM inbox; --"
NULL_BYTE = "a\x00b"
HALF = "a\ud800b"
FORMATS = "%s%(x)s{0}{x!r}$1\r\nSet-Cookie: a=b"
TOGETHER = (NULL_BYTE, HALF, FORMATS)
"""A null byte, and half a character, which no database keeps, each alone, since the one is refused where the other is not looked at; what
formats text, and the end of a header."""


@pytest.mark.parametrize("service", SERVICES)
async def test_something_hostile_in_any_text_field_is_answered_or_refused_and_destroys_nothing(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    async with connected(one.owner_urls[None]) as connection:
        before = set(await tables(connection))
    faults, asked, tried = await attacked(one)
    assert not faults, "\n".join(faults)
    assert asked > 2 * tried
    async with connected(one.owner_urls[None]) as connection:
        assert set(await tables(connection)) == before


async def attacked(one: RunningService) -> tuple[list[str], int, int]:
    """What went wrong when every text field of every endpoint held something hostile; how many requests, at how many endpoints."""
    tried = [door for door in doors(one.app.routes) if door.path not in OPEN_TO_ALL | BY_ITS_ADDRESS]
    people = {kind: one.as_(SOMEBODY[kind], *ROLES[kind]) for kind in Kind}
    document, asked, faults = one.app.openapi(), 0, []
    for door in tried:
        operation = document["paths"][door.path][door.method.lower()]  # every endpoint is in the document, or this test ends here
        alone = Interface(document | {"paths": {door.path: {door.method.lower(): operation}}})
        client = next(people[kind] for kind in Kind if any(door.lets_in(kind, role) for role in ROLES[kind]))
        for each in (*alone.requests(SQL), *(each for hostile in TOGETHER for each in alone.requests_with_all(hostile))):
            asked += 1
            reply = await client.request(
                each.method,
                _address(each),
                content=_sent(each),
                headers={"content-type": each.media_type, "if-match": "*"},
            )
            said = f"{door.method} {door.path} {each.where} → {reply.status_code} as {reply.headers.get('content-type')}"
            refused_in_form = reply.status_code < 400 or reply.headers["content-type"] == "application/problem+json"
            if reply.status_code >= 500 or "set-cookie" in reply.headers or not refused_in_form:
                faults.append(said)
    return faults, asked, len(tried)


def _address(asked: Asked) -> str:
    """Path and query, half characters too, which a client's own encoding would not send."""
    query = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'), safe='')}" for name, value in asked.query.items())
    return f"{asked.path}?{query}" if query else asked.path


def _sent(asked: Asked) -> bytes:
    if asked.body is None:
        return b""
    if asked.media_type == "application/json":
        return json.dumps(asked.body).encode()
    return str(asked.body).encode("utf-8", "surrogatepass")
