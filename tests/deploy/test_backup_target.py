"""Nothing is restored under somebody who is connected; who is just leaving is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy import make_url

from hearth.backup import target


async def test_who_stays_connected_is_counted_and_who_is_just_leaving_is_waited_for(
    admin_url: str, fresh_database: Callable[[str], Awaitable[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    app_url, _ = await fresh_database("providers")
    database = make_url(app_url).database
    admin, client = (
        await asyncpg.connect(admin_url),
        await asyncpg.connect(make_url(admin_url).set(database=database).render_as_string(False)),
    )
    monkeypatch.setattr(target, "LEAVING_SECONDS", 0.0)
    assert await target.still_connected(admin, str(database)) == 1
    monkeypatch.setattr(target, "LEAVING_SECONDS", 60.0)
    leaving = asyncio.create_task(target.still_connected(admin, str(database)))
    await asyncio.sleep(0.2)
    assert not leaving.done()
    await client.close()
    assert await leaving == 0
    await admin.close()
