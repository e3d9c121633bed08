"""Keys rotate while requests go on: none fails, what was sealed before is read, and what was destroyed stays so."""

from __future__ import annotations

import base64
import itertools
import json
import os
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from referrals import app
from shared.handed_over import HandOver, location_of
from tests.referrals.council import CHILD, SOUTHAMPTON, Council
from tests.referrals.test_vault import new_key
from tests.running.meanwhile import asked_meanwhile
from tests.running.services import RunningService

Running = Callable[..., Awaitable[RunningService]]


def beside(one: RunningService, **settings: Any) -> RunningService:
    """A second process's worth of the service, on the same databases."""
    urls: dict[str | None, tuple[str, str]] = {None: (one.settings.database_url, one.settings.owner_database_url)}
    return RunningService.start(app.SERVICE, urls, one.key, **settings)


def _a_name(number: int) -> str:
    """A name that sounds like no other."""
    return "".join("bdfglmnprt"[int(digit)] + "aeiou"[at % 5] for at, digit in enumerate(f"{number:04}")).capitalize()


def put_in_place(file: Path, text: str) -> None:
    """As a secret is changed: whole, under the same name."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


async def keys_of(service: RunningService, sql: str, *values: Any) -> list[Any]:
    """Rows of ``data_keys`` as a database administrator sees and changes them."""
    connection = await asyncpg.connect(service.owner_urls[None])
    try:
        await connection.execute("SELECT set_config('app.organisation', $1, false)", f"council:{SOUTHAMPTON}")
        found: list[Any] = await connection.fetch(sql, *values)
        return found
    finally:
        await connection.close()


async def test_a_councils_key_rotates_in_two_processes_while_children_are_recorded_and_read(running: Running, tmp_path: Path) -> None:
    old, new, file = new_key("2026-04"), new_key("2026-11"), tmp_path / "keys.json"
    put_in_place(file, json.dumps({SOUTHAMPTON: [old]}))
    here = Council(await running("referrals", vault_keys_file=str(file), development=False))
    there = Council(beside(here.service, vault_keys_file=str(file), development=False))
    try:
        before = await here.child()
        [kept] = await keys_of(here.service, "SELECT * FROM data_keys")
        numbers = itertools.count()

        def record(council: Council) -> Callable[[], Awaitable[httpx.Response]]:
            async def ask() -> httpx.Response:
                number = next(numbers)
                nobody_else = {
                    "child_id": f"R{number}",
                    "upn": None,
                    "nhs_number": None,
                    "date_of_birth": str(date(2009, 1, 1) + timedelta(number)),
                }
                names = {"given_names": _a_name(number), "family_name": _a_name(number + 5000)}
                return await council.client().post("/children", json={**CHILD, **nobody_else, **names})

            return ask

        async with asked_meanwhile(
            recorded_here=record(here),
            recorded_there=record(there),
            read_here=lambda: here.client().get(f"/children/{before}"),
            read_there=lambda: there.client().get(f"/children/{before}"),
        ) as answers:
            await answers.more()
            put_in_place(file, json.dumps({SOUTHAMPTON: [new, old]}))
            await answers.more()  # what had begun under the old key is over
            rotated = (await here.client().post("/settings/key-rotation", json={})).json()
            assert rotated["keys_no_longer_used"] == ["2026-04"], rotated
            put_in_place(file, json.dumps({SOUTHAMPTON: [new]}))
            await answers.more()
        assert not answers.refused
        assert await keys_of(here.service, "SELECT subject FROM data_keys WHERE key_id <> '2026-11'") == []
        for council in (here, there):
            assert (await council.client().get(f"/children/{before}")).json()["family_name"] == CHILD["family_name"]
        # An older copy of the table of keys opens nothing in a process that was never restarted: the key that was taken out is gone there.
        put_back = "UPDATE data_keys SET key_id = $1, wrapped_key = $2 WHERE subject = $3"
        await keys_of(here.service, put_back, kept["key_id"], kept["wrapped_key"], kept["subject"])
        for council in (here, there):
            assert (await council.client().get(f"/children/{before}")).status_code == 503
    finally:
        await there.service.close()


async def test_the_key_between_providers_and_referrals_rotates_while_locations_are_told(tmp_path: Path) -> None:
    old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    file, place = tmp_path / "locations", location_of(f"council:{SOUTHAMPTON}", uuid4())
    put_in_place(file, old)
    providers, referrals = HandOver(str(file), development=False), HandOver(str(file), development=False)
    on_its_way = providers.sealed("442500,111500", bound_to=place)
    put_in_place(file, f"{new}\n{old}\n")
    assert referrals.opened(on_its_way, bound_to=place) == "442500,111500"
    sealed = providers.sealed("442500,111500", bound_to=place)
    put_in_place(file, new)
    assert referrals.opened(sealed, bound_to=place) == "442500,111500", "new ones are sealed under the first key"
    with pytest.raises(ValueError, match="not sealed"):
        referrals.opened(on_its_way, bound_to=place)
    file.write_text("half a k")
    assert referrals.opened(sealed, bound_to=place) == "442500,111500", "a file caught half written changes nothing"
