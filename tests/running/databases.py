"""Databases for tests: made and migrated once, emptied between tests, since making one costs a hundred times more."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncpg

from hearth.databases import provision
from shared import migrating

_TABLES = """
SELECT format('%I', relname) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""

_AS_JSON = "SELECT json_agg(t)::text FROM {table} t"
_FROM_JSON = "INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::{table}, {rows})"


@dataclass(frozen=True)
class TestDatabase:
    """One database with a service's tables, and the statement that empties it."""

    __test__ = False
    service: str
    name: str
    app_url: str
    owner_url: str
    emptying: str


@dataclass
class TestDatabases:
    """Hands out empty databases and takes them back."""

    __test__ = False
    admin_url: str
    free: dict[str, list[TestDatabase]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    tables_of: dict[str, Callable[[str], Awaitable[None]]] = field(default_factory=dict)
    """A service that is none of the four: how its tables are made, given the owner's address."""

    async def take(self, service: str) -> TestDatabase:
        """An empty database with that service's tables, the caller's alone until given back."""
        if self.free.get(service):
            return self.free[service].pop()
        name = f"test_{service}_{secrets.token_hex(4)}"
        addresses = await provision(self.admin_url, service, database=name)
        self.made.append(name)
        if service in self.tables_of:
            await self.tables_of[service](addresses.owner_url)
        else:
            await migrating.upgrade(addresses.owner_url, service)
        return TestDatabase(service, name, addresses.app_url, addresses.owner_url, await self._emptying(name))

    async def give_back(self, one: TestDatabase) -> None:
        """Empty it for the next test; whoever still holds a connection to it is cut off first."""
        connection = await asyncpg.connect(_named(self.admin_url, one.name))
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            # A superuser's session that fires no triggers may empty what nobody else may touch, in any order.
            await connection.execute(f"SET session_replication_role = replica; {one.emptying}")
        finally:
            await connection.close()
        self.free.setdefault(one.service, []).append(one)

    async def _emptying(self, name: str) -> str:
        connection = await asyncpg.connect(_named(self.admin_url, name))
        try:
            tables = [row[0] for row in await connection.fetch(_TABLES)]
            # What a migration wrote is part of the schema: it is put back as it was, whatever a test made of it.
            written = {table: await connection.fetchval(_AS_JSON.format(table=table)) for table in tables}
        finally:
            await connection.close()
        put_back = [_FROM_JSON.format(table=table, rows=_quoted(rows)) for table, rows in written.items() if rows]
        return "; ".join([*(f"DELETE FROM {table}" for table in tables), *put_back])

    async def drop_all(self) -> None:
        """At the end of the session."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            for name in self.made:
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _named(admin_url: str, database: str) -> str:
    from sqlalchemy.engine import make_url

    return make_url(admin_url).set(database=database).render_as_string(hide_password=False)
