"""A body sent packed (``Content-Encoding``) is refused at every endpoint and page, unread: a few bytes could unpack to gigabytes."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from shared.contracts import SERVICES
from tests.architecture.test_doors import OPEN_TO_ALL, SOMEBODY, every_door
from tests.running.services import RunningService

BOMB = b'{"words": "' + b"A" * 50_000_000 + b'"}'
PACKED = {
    "gzip": gzip.compress(BOMB, 9),
    "deflate": zlib.compress(BOMB, 9),
    "br": b"\xcf\xff\xff\x7f\xf8\x27\x00\xe2\xb1\x40\x20\xf7\xfe\x9f\x01",
    "zstd": b"\x28\xb5\x2f\xfd",
    "GZip": b"\x1f\x8b",
    "identity, gzip": b"\x1f\x8b",
    "x-made-up": b"{}",
}

pytestmark = pytest.mark.parametrize("service", SERVICES)


async def test_a_packed_body_is_refused_by_every_endpoint_and_page(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    client = one.as_(SOMEBODY["consortium"])
    tried = [door for door in every_door(one.app.routes) if door.path not in OPEN_TO_ALL and door.method != "GET"]
    for door in tried:
        for coding, content in PACKED.items():
            reply = await client.request(door.method, door.address(), content=content, headers={"content-encoding": coding})
            said = f"{coding}: {door.method} {door.path} → {reply.status_code}"
            assert (reply.status_code, reply.headers["content-type"]) == (415, "application/problem+json"), said
            assert [each["rule"] for each in reply.json()["errors"]] == ["not_packed"], said
            assert reply.headers["accept-encoding"] == "identity", said
    assert len(tried) > 5


async def test_codings_in_two_lines_are_told_and_a_body_said_to_be_as_it_is_is_read(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    client = one.as_("council:E06000045")
    hidden = await client.post("/nowhere", content=b"{}", headers=[("content-encoding", "gzip"), ("content-encoding", "identity")])
    assert hidden.status_code == 415
    for plain in ("identity", "Identity", "", "identity, identity"):
        assert (await client.post("/nowhere", content=b"{}", headers={"content-encoding": plain})).status_code == 404, plain
