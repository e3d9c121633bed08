"""A migration waits for nobody long: it lets those who work pass, tries again, and goes on from what is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from hearth import databases
from hearth.arrangement import ServiceAddresses
from shared import ids, migrating

BEFORE, CHANGES_HOUSEHOLDS = "0004", "0005"


@pytest.fixture
async def behind(admin_url: str) -> AsyncIterator[ServiceAddresses]:
    """The database of providers, one revision behind: the next changes a table that is in use."""
    name = f"behind_{ids.new_id().hex[-12:]}"
    where = await databases.provision(admin_url, "providers", database=name)
    await migrating.upgrade(where.owner_url, "providers", BEFORE)
    yield where
    connection = await asyncpg.connect(admin_url)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


async def revision(where: ServiceAddresses) -> str:
    connection = await asyncpg.connect(where.app_url)
    found: str = await connection.fetchval("SELECT version_num FROM alembic_version")
    await connection.close()
    return found


async def test_a_schema_that_is_newer_than_this_version_is_left_as_it_is(behind: ServiceAddresses) -> None:
    connection = await asyncpg.connect(behind.owner_url)
    await connection.execute("UPDATE alembic_version SET version_num = '0099'")
    await migrating.upgrade(behind.owner_url, "providers")
    assert await revision(behind) == "0099"
    await connection.execute("UPDATE alembic_version SET version_num = $1", BEFORE)
    await connection.close()


async def test_while_somebody_uses_the_table_it_tries_again_and_others_are_let_through(
    behind: ServiceAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(migrating, "TRIES", 1000)
    using, other = await asyncpg.connect(behind.owner_url), await asyncpg.connect(behind.owner_url)
    await using.execute("BEGIN; LOCK TABLE households IN ACCESS SHARE MODE")
    tries: list[int] = []
    monkeypatch.setattr(migrating._log, "info", lambda *_, tries_left, **__: tries.append(tries_left))
    bringing = asyncio.create_task(migrating.upgrade(behind.owner_url, "providers", CHANGES_HOUSEHOLDS))
    while len(tries) < 2:
        # Behind a migration that waited as long as its lock is held, this would wait until then, which is for ever.
        await other.fetch("SELECT count(*) FROM households", timeout=30)
        await asyncio.sleep(0.01)
    assert not bringing.done()
    assert await revision(behind) == BEFORE
    await using.execute("ROLLBACK")
    await bringing
    assert await revision(behind) == CHANGES_HOUSEHOLDS
    await using.close()
    await other.close()


async def test_a_lock_that_is_never_let_go_is_said_and_what_was_done_before_stays(
    behind: ServiceAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(migrating, "TRIES", 3)
    using = await asyncpg.connect(behind.owner_url)
    await using.execute("BEGIN; LOCK TABLE households IN ACCESS SHARE MODE")
    with pytest.raises(DBAPIError, match="lock timeout"):
        await migrating.upgrade(behind.owner_url, "providers")
    await using.execute("ROLLBACK")
    assert await revision(behind) == BEFORE
    await migrating.upgrade(behind.owner_url, "providers")
    assert await revision(behind) == migrating.newest("providers")
    await using.close()
