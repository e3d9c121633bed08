"""The modelled PostgreSQL against the real one: the same walk comes out the same, row for row; and who waits for whom is the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

import asyncpg
import pytest

from matching.store import referrals
from shared import clock, ids, inbox, tenancy
from shared.contracts import SERVICES
from shared.organisation import Organisation
from tests.running.databases import TestDatabases, _named
from tests.simulation.postgres.connection import ModelledEngine
from tests.simulation.postgres.rows import Database, empty
from tests.simulation.walk import Walk

STAGES = 12
"""Stretches of the journey, a new referral each, one after the other on the same databases."""


def _modelled() -> tuple[dict[str, tenancy.Databases], dict[str, Database]]:
    databases = {name: empty(name, lambda: clock.now()) for name in SERVICES}

    async def at_once(_: str) -> None:
        await asyncio.sleep(0)

    engines: dict[str, Any] = {name: ModelledEngine(database, at_once, []) for name, database in databases.items()}
    return {name: tenancy.Databases(engine, source=f"/{name}") for name, engine in engines.items()}, databases


async def _walked_in_the_model(seed: int, stages: int) -> tuple[list[str], dict[str, list[str]]]:
    pools, databases = _modelled()

    async def read(service: str, table: str) -> list[dict[str, Any]]:
        return databases[service].told(table)

    walk = Walk(seed, pools, read)
    await walk.go(stages)
    return walk.outcomes, await walk.rows()


@asynccontextmanager
async def _real(databases_of_tests: TestDatabases, *services: str) -> AsyncIterator[tuple[dict[str, tenancy.Databases], Any]]:
    taken = [await databases_of_tests.take(service) for service in services]
    pools = {one.service: tenancy.Databases(tenancy.engine_for(one.app_url, pool_size=4), source=f"/{one.service}") for one in taken}
    looking = {one.service: await asyncpg.connect(_named(databases_of_tests.admin_url, one.name)) for one in taken}
    for one in looking.values():
        await one.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")

    async def read(service: str, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await looking[service].fetch(f'SELECT * FROM "{table}"')]

    try:
        yield pools, read
    finally:
        for pool in pools.values():
            await pool.close()
        for connection in looking.values():
            await connection.close()
        for one in taken:
            await databases_of_tests.give_back(one)


async def test_the_same_walk_leaves_the_same_rows_in_the_model_as_in_postgresql(databases_of_tests: TestDatabases) -> None:
    outcomes, modelled = await _walked_in_the_model(11, STAGES)
    async with _real(databases_of_tests, *SERVICES) as (pools, read):
        walk = Walk(11, pools, read)
        await walk.go(STAGES)
        real = await walk.rows()
    assert outcomes == walk.outcomes
    assert sum(outcome.endswith("done") for outcome in outcomes) > 3 * STAGES, "a walk that is refused everywhere compares nothing"
    for table, rows in real.items():
        assert modelled[table] == rows, table


async def test_a_store_that_drifts_from_the_model_is_seen() -> None:
    """What the comparison would say if a store kept another version than the one it was told."""
    put_stage = referrals.put_stage

    async def drifts(transaction: Any, council: str, view: Any, state: Any, version: int, **more: Any) -> Any:
        return await put_stage(transaction, council, view, state, version + 1, **more)

    as_it_is = await _walked_in_the_model(11, 2)
    with mock.patch.object(referrals, "put_stage", drifts):
        drifted = await _walked_in_the_model(11, 2)
    assert as_it_is[1]["matching.referrals"] != drifted[1]["matching.referrals"]


Side = Callable[[str], Awaitable[tenancy.Databases]]


@pytest.fixture(params=["modelled", "real"])
async def apart(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    """``await apart("providers")``: the service's empty databases, once in the model and once in PostgreSQL."""
    if request.param == "modelled":
        pools, _ = _modelled()

        async def modelled(service: str) -> tenancy.Databases:
            return pools[service]

        yield modelled
        return
    async with _real(request.getfixturevalue("databases_of_tests"), "providers") as (real, _):

        async def postgresql(service: str) -> tenancy.Databases:
            return real[service]

        yield postgresql


ONE, OTHER = Organisation.council("E06000045"), Organisation.council("E10000014")


async def _waits(work: Awaitable[Any]) -> asyncio.Task[Any]:
    """Begun, and shown to wait for somebody."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=0.2)
    assert not done
    return task


@pytest.mark.parametrize("commits", [True, False])
async def test_who_claims_what_another_has_claimed_waits_for_its_end(apart: Side, commits: bool) -> None:
    databases, event = await apart("providers"), ids.new_id()

    async def claimed() -> set[Any]:
        async with tenancy.transaction(databases, OTHER) as transaction:
            return await inbox.claim(transaction, {event})

    async def first() -> asyncio.Task[Any]:
        async with tenancy.transaction(databases, ONE) as transaction:
            assert await inbox.claim(transaction, {event}) == {event}
            waiting = await _waits(claimed())
            if not commits:
                raise _TakenBack(waiting)
        return waiting

    try:
        waiting = await first()
    except _TakenBack as taken_back:
        waiting = taken_back.waiting
    assert await waiting == (set() if commits else {event})


class _TakenBack(Exception):
    def __init__(self, waiting: asyncio.Task[Any]) -> None:
        self.waiting = waiting


async def test_two_who_lock_in_opposite_orders_do_not_wait_for_ever(apart: Side) -> None:
    databases = await apart("providers")
    lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"

    async def both(first: str, second: str) -> None:
        async with tenancy.transaction(databases, ONE) as transaction:
            await transaction.driver.execute(lock, first)
            await asyncio.sleep(0.1)
            await transaction.driver.execute(lock, second)

    done = await asyncio.gather(both("a", "b"), both("b", "a"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["DeadlockDetectedError", "NoneType"]


async def test_a_row_of_somebody_else_is_not_seen_and_not_written(apart: Side) -> None:
    databases = await apart("providers")
    add = "INSERT INTO place_counts (organisation, households, approved_places, version) VALUES ($1, 1, 1, 1)"
    async with tenancy.transaction(databases, ONE) as transaction:
        await transaction.driver.execute(add, str(ONE))
    async with tenancy.transaction(databases, OTHER) as transaction:
        assert await transaction.driver.fetch("SELECT * FROM place_counts") == []
        assert await transaction.driver.execute("UPDATE place_counts SET households = 9") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tenancy.transaction(databases, OTHER) as transaction:
            await transaction.driver.execute(add, str(ONE))


async def test_a_row_that_another_changes_is_waited_for_and_looked_at_again(apart: Side) -> None:
    databases = await apart("providers")
    add = "INSERT INTO place_counts (organisation, households, approved_places, version) VALUES ($1, 1, 1, 1)"
    take = "UPDATE place_counts SET households = households - 1 WHERE organisation = $1 AND households >= 1"

    async def second() -> str:
        async with tenancy.transaction(databases, ONE) as transaction:
            said: str = await transaction.driver.execute(take, str(ONE))
            return said

    async with tenancy.transaction(databases, ONE) as transaction:
        await transaction.driver.execute(add, str(ONE))
    async with tenancy.transaction(databases, ONE) as transaction:
        assert await transaction.driver.execute(take, str(ONE)) == "UPDATE 1"
        waiting = await _waits(second())
    assert await waiting == "UPDATE 0"


async def test_what_another_has_locked_is_skipped_where_that_is_asked_for(apart: Side) -> None:
    databases = await apart("providers")
    add = "INSERT INTO place_counts (organisation, households, approved_places, version) VALUES ($1, 1, 1, 1)"
    look = "SELECT organisation FROM place_counts FOR UPDATE SKIP LOCKED"
    async with tenancy.transaction(databases, ONE) as transaction:
        await transaction.driver.execute(add, str(ONE))
    async with tenancy.transaction(databases, ONE) as transaction:
        assert len(await transaction.driver.fetch(look)) == 1
        async with tenancy.transaction(databases, ONE) as other:
            assert await other.driver.fetch(look) == []
