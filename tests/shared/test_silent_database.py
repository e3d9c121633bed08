"""A database whose line falls silent: nobody waits for ever, and nobody is told what is not known."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import make_url, text

from shared import failures, health, problems, tenancy
from shared.ids import new_id
from shared.organisation import Organisation
from shared.refusals import RefusalKind, Refused
from tests.running.proxy import Proxy, proxy_before

SOUTHAMPTON = Organisation.council("E06000045")
WRITE = text("INSERT INTO notes (organisation, id, words) VALUES (:organisation, :id, 'a note')")
STATEMENT_MS = 100


@asynccontextmanager
async def through_a_proxy(url: str) -> AsyncIterator[tuple[tenancy.Databases, Proxy]]:
    """The database behind a line that can be made silent."""
    address = make_url(url)
    async with proxy_before(address.host or "", address.port or 5432) as proxy:
        through = address.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        databases = tenancy.Databases(tenancy.engine_for(through, statement_timeout_ms=STATEMENT_MS, pool_size=1), source="/notes")
        yield databases, proxy
        proxy.speak()
        await databases.close()


async def test_a_statement_over_a_silent_line_ends_and_the_next_transaction_finds_another_connection(notes):
    service = await notes()
    async with through_a_proxy(service.settings.database_url) as (databases, proxy):
        began = time.monotonic()
        with pytest.raises(TimeoutError) as error:
            async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
                proxy.silence()
                await transaction.driver.fetchval("SELECT 1")
        assert failures.is_outage(error.value), "a consumer waits for the database, and buries nothing"
        assert time.monotonic() - began < 30, "neither the statement nor its undoing is waited for without end"
        proxy.speak()
        async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
            assert await transaction.scalar(text("SELECT 1")) == 1


async def test_a_commit_whose_answer_is_lost_is_said_to_be_unknown(notes):
    service = await notes()
    async with through_a_proxy(service.settings.database_url) as (databases, proxy):
        with pytest.raises(Refused) as refused:
            async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
                await transaction.execute(WRITE, {"organisation": str(SOUTHAMPTON), "id": new_id()})
                proxy.silence(there=False)
        assert refused.value.kind is RefusalKind.UNAVAILABLE
        assert [reason.rule for reason in refused.value.reasons] == ["outcome_unknown"]
        assert "not known" in refused.value.detail
    async with tenancy.transaction(service.databases, SOUTHAMPTON) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM notes")) == 1, "this time it was written"


@pytest.mark.parametrize("error", [asyncpg.InternalClientError("in the middle"), asyncpg.DiskFullError("full"), TimeoutError()])
def test_what_the_driver_says_of_a_database_that_is_away_is_answered_with_503(error: Exception) -> None:
    refused = problems.refusal_of(error)
    assert refused is not None
    assert refused.kind is RefusalKind.UNAVAILABLE


def test_what_the_driver_says_of_a_wrong_statement_is_a_fault() -> None:
    assert problems.refusal_of(asyncpg.UndefinedTableError("no such table")) is None


async def test_a_column_more_while_connections_are_open_is_no_fault_of_an_event(notes):
    service = await notes(pool_size=1)

    async def look() -> None:
        async with tenancy.transaction(service.databases, SOUTHAMPTON) as transaction:
            await transaction.driver.fetch("SELECT * FROM notes WHERE organisation = $1", str(SOUTHAMPTON))

    await look()
    await look()
    owner = await asyncpg.connect(service.settings.owner_database_url)
    try:
        await owner.execute("ALTER TABLE notes ADD COLUMN of_a_newer_release text")
        with pytest.raises(asyncpg.PostgresError) as error:
            await look()
        assert failures.is_outage(error.value), "it is tried again, and not counted"
        await look()
    finally:
        await owner.execute("ALTER TABLE notes DROP COLUMN IF EXISTS of_a_newer_release")
        await owner.close()


async def test_a_process_says_soon_that_its_database_is_silent_and_asks_it_once_at_a_time(notes, monkeypatch):
    monkeypatch.setattr(health, "SOON", 0.05)
    service = await notes()
    async with through_a_proxy(service.settings.database_url) as (databases, proxy):
        service.app.state.databases = databases
        client = service.with_token(None)
        assert (await client.get("/health/ready")).status_code == 200
        proxy.silence()
        began = time.monotonic()
        for _ in range(3):
            reply = await client.get("/health/ready")
            assert (reply.status_code, reply.json()["checks"]["database 0"]) == (503, "does not answer")
        assert time.monotonic() - began < 5
        proxy.speak()
        await service.app.state.databases_asked[0]
        assert (await client.get("/health/ready")).status_code == 200
