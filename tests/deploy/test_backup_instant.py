"""Snapshots of several databases are of one instant: none holds what it heard from another before the other said it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import make_url

from hearth.backup import instant
from hearth.backup.instant import one_instant
from hearth.backup.places import Place
from hearth.backup.refused import RefusedError
from shared import ids

SAY = "INSERT INTO outbox (id, type, envelope) VALUES ($1, 'offer.made', '{}')"
HEAR = "INSERT INTO inbox (event_id) VALUES ($1)"
ROUNDS = 8


@pytest.fixture
async def two(admin_url: str, fresh_database: Callable[[str], Awaitable[tuple[str, str]]]) -> list[Place]:
    """Two services' databases, asked as administrator."""
    found = []
    for service in ("providers", "matching"):
        app_url, _ = await fresh_database(service)
        url = make_url(admin_url).set(database=make_url(app_url).database).render_as_string(hide_password=False)
        found.append(Place(service, url))
    return found


async def talk(says: Place, hears: Place, stop: asyncio.Event, said: list[UUID]) -> None:
    """One says something, and the other has heard it a moment later, over and over."""
    saying, hearing = await says.connect(), await hears.connect()
    while not stop.is_set():
        event = ids.new_id()
        await saying.execute(SAY, event)
        await hearing.execute(HEAR, event)
        said.append(event)
    await saying.close()
    await hearing.close()


async def test_nobody_has_heard_in_its_snapshot_what_another_has_not_said_in_its_own(two: list[Place]) -> None:
    stop, said = asyncio.Event(), list[UUID]()
    talking = [asyncio.create_task(talk(one, other, stop, said)) for one, other in (two, two[::-1])]
    try:
        for _ in range(ROUNDS):
            before = len(said)
            async with one_instant(two) as taken:
                rows = [
                    {row[0] for row in await taken.connections[place.name].fetch(f"SELECT {column} FROM {table}")}
                    for place in two
                    for table, column in (("outbox", "id"), ("inbox", "event_id"))
                ]
            said_here, heard_here, said_there, heard_there = rows
            assert heard_here <= said_there
            assert heard_there <= said_here
            assert len(heard_here | heard_there) >= before, "what was heard before the instant is there"
            await asyncio.sleep(0.05)
    finally:
        stop.set()
        await asyncio.gather(*talking)


async def test_people_who_write_are_not_waited_for_and_a_hearing_without_end_is_named(
    two: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instant, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(instant, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(instant, "TRIES", 2)
    writing = await two[0].connect()
    await writing.execute("BEGIN")
    await writing.execute(SAY, ids.new_id())
    async with one_instant(two):
        pass
    await writing.execute(HEAR, ids.new_id())
    with pytest.raises(RefusedError, match="in the middle of hearing"):
        async with one_instant(two):
            pass
    await writing.execute("ROLLBACK")
    async with one_instant(two) as taken:
        assert set(taken.snapshots) == {"providers", "matching"}
    await writing.close()
