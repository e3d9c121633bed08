"""Each service's migrations make, from an empty database, exactly the tables its code declares."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared import migrating
from shared.contracts import SERVICES

pytestmark = pytest.mark.parametrize("service", SERVICES)


async def test_migrations_from_empty_leave_no_difference_to_the_declared_tables(fresh_database: Any, service: str) -> None:
    _, owner_url = await fresh_database(service)
    metadata = importlib.import_module(f"{service}.tables").metadata
    engine = create_async_engine(make_url(owner_url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)

    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_migrating_again_changes_nothing(fresh_database: Any, service: str) -> None:
    _, owner_url = await fresh_database(service)
    await migrating.upgrade(owner_url, service)


async def test_there_is_one_newest_revision_and_one_way_to_it(service: str) -> None:
    scripts = ScriptDirectory.from_config(migrating.configuration(service))
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
