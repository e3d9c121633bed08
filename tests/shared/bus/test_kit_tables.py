"""The kit's own tables: what is declared is what is created, and row security holds on each."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text

from shared import kit_tables, tenancy
from shared.organisation import Organisation
from tests.shared.bus.conftest import Bus
from tests.shared.bus.effects import BATH, BRISTOL

KEEP = text(
    "INSERT INTO idempotency_key (organisation, key, request_hash, status, headers, body) VALUES (:whose, 'k', '', 201, '{}', 'private')"
)
ROW_SECURITY = text(
    "SELECT relname, relrowsecurity AND relforcerowsecurity AS forced FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


async def test_the_tables_declared_are_the_tables_created(databases: tenancy.Databases, bus: Bus) -> None:
    metadata = MetaData()
    kit_tables.define(metadata)
    async with databases.shared.connect() as connection:
        found = await connection.run_sync(lambda plain: compare_metadata(MigrationContext.configure(plain), metadata))
    assert [difference for difference in found if "effects" not in str(difference)] == []


async def test_every_one_of_them_has_row_security_that_binds_its_owner_too(databases: tenancy.Databases, bus: Bus) -> None:
    async with databases.shared.connect() as connection:
        tables = {row.relname: row.forced for row in await connection.execute(ROW_SECURITY)}
    assert tables == {"outbox": True, "inbox": True, "idempotency_key": True, "effects": True}


async def test_a_kept_reply_is_seen_by_nobody_else_and_cannot_be_written_for_another(databases: tenancy.Databases, bus: Bus) -> None:
    count = text("SELECT count(*) FROM idempotency_key")
    async with tenancy.transaction(databases, BRISTOL) as transaction:
        await transaction.execute(KEEP, {"whose": str(BRISTOL)})
        assert await transaction.scalar(count) == 1
    for other in (BATH, Organisation.agency("SC012345")):
        async with tenancy.transaction(databases, other) as transaction:
            assert await transaction.scalar(count) == 0
    async with tenancy.plumbing(databases.shared) as transaction:
        assert await transaction.scalar(count) == 0
    with pytest.raises(Exception, match="row-level security"):
        async with tenancy.transaction(databases, BATH) as transaction:
            await transaction.execute(KEEP, {"whose": str(BRISTOL)})
