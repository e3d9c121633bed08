"""Row security, read from the catalogue of each service's migrated database: no table without it, four shapes and no fifth."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from shared import kit_tables
from shared.contracts import SERVICES
from tests.architecture.catalogue import Policy, as_superuser, connected, policies, shape, tables

pytestmark = pytest.mark.parametrize("service", SERVICES)

READ_BY_A_REBUILD = {"heard"}
"""Logs of events that no organisation reads, only a command that builds everything again (docs/decisions/0611…)."""

VALUES = {
    "text": "'council:E06000045'",
    "uuid": "gen_random_uuid()",
    "integer": "1",
    "bigint": "1",
    "smallint": "1",
    "numeric": "1",
    "boolean": "true",
    "date": "'2012-04-01'",
    "timestamp with time zone": "'2012-04-01T12:00:00Z'",
    "jsonb": "'[]'",
    "bytea": "'\\x00'",
    "text[]": "'{}'",
    "smallint[]": "'{}'",
    "integer[]": "'{}'",
    "uuid[]": "'{}'",
    "numeric[]": "'{}'",
}


async def test_every_table_has_row_security_enabled_and_forced(fresh_database: Any, service: str) -> None:
    _, owner_url = await fresh_database(service)
    async with connected(owner_url) as connection:
        found = await tables(connection)
        assert found
        assert not [name for name, row in found.items() if not (row["enabled"] and row["forced"])]


async def test_the_application_role_owns_nothing_and_cannot_pass_by(fresh_database: Any, service: str) -> None:
    app_url, _ = await fresh_database(service)
    async with connected(app_url) as connection:
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
        powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
        assert not any(role[power] for power in powers)
        assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relowner = $1::oid", role["oid"]) == 0
        assert await connection.fetchval("SELECT count(*) FROM pg_auth_members WHERE member = $1::oid", role["oid"]) == 0
        assert not await connection.fetchval("SELECT has_schema_privilege('public', 'CREATE')")


async def test_every_policy_has_one_of_the_four_shapes(fresh_database: Any, service: str) -> None:
    _, owner_url = await fresh_database(service)
    async with connected(owner_url) as connection:
        found = await policies(connection)
        covered = {policy.table for policy in found}
        assert covered == set(await tables(connection)), "a table without a policy shows nothing to anybody"
    strange = {(p.table, p.name): text for p in found for text in p.expressions() if not _allowed(p, text)}
    assert not strange


def _allowed(policy: Policy, expression: str) -> bool:
    found = shape(expression)
    if policy.table in kit_tables.PLUMBING_TABLES:
        return found in ("plumbing", "consortium")
    if found == "plumbing":
        if policy.table in READ_BY_A_REBUILD:
            return policy.command == "SELECT"
        # Clearing away kept replies by age is the kit's housekeeping: it deletes and shows nothing.
        return policy.table == "idempotency_key" and policy.command in ("DELETE", "SELECT")
    # What every signed-in organisation may read, only its owner may write.
    return found in ("own", "between two") or (found == "consortium" and policy.command == "SELECT")


async def test_without_a_setting_no_row_is_seen_or_changed(fresh_database: Any, admin_url: str, service: str) -> None:
    """One row is put into every table by the administrator; the application, which has not said for whom it asks, sees none."""
    app_url, owner_url = await fresh_database(service)
    async with connected(as_superuser(admin_url, owner_url)) as administrator:
        names = list(await tables(administrator))
        for name in names:
            await _put_a_row(administrator, name)
    async with connected(app_url) as application:
        for setting in (None, ""):
            if setting is not None:
                await application.execute("SELECT set_config('app.organisation', '', false)")
            seen = {name: await _rows(application, name) for name in names}
            assert {name for name, rows in seen.items() if rows} == set()
            for name in names:
                assert await _changed(application, name) in ("UPDATE 0", "not granted"), name


async def _rows(connection: asyncpg.Connection, table: str) -> int:
    try:
        return int(await connection.fetchval(f'SELECT count(*) FROM "{table}"'))
    except asyncpg.InsufficientPrivilegeError:
        return 0


async def _changed(connection: asyncpg.Connection, table: str) -> str:
    column = await connection.fetchval(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attidentity = '' LIMIT 1", f'"{table}"'
    )
    try:
        return str(await connection.execute(f'UPDATE "{table}" SET "{column}" = "{column}"'))
    except asyncpg.InsufficientPrivilegeError:
        return "not granted"


async def _put_a_row(administrator: asyncpg.Connection, table: str, **named: str) -> None:
    """A row with any value that fits its columns, or the one ``named``; what the rows mean does not matter here, only that there is one."""
    columns = await administrator.fetch(
        """SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
        WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = ''""",
        f'"{table}"',
    )
    rules = await administrator.fetch("SELECT conname FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'", f'"{table}"')
    for rule in rules:
        await administrator.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{rule["conname"]}"')
    names = ", ".join(f'"{column["name"]}"' for column in columns)
    values = ", ".join(named.get(column["name"], VALUES[column["type"]]) for column in columns)
    await administrator.execute("SET session_replication_role = replica")  # other tables' keys do not matter here
    await administrator.execute(f'INSERT INTO "{table}" ({names}) VALUES ({values}) ON CONFLICT DO NOTHING')
    assert await administrator.fetchval(f'SELECT count(*) FROM "{table}"')
