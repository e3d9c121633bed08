"""What PostgreSQL's own catalogue says of a service's database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy import make_url

ME = "( SELECT current_setting('app.organisation'::text, true) AS current_setting)"
"""The wrapped setting, as the catalogue prints it: evaluated once a statement, not once a row."""

_MINE = r"\((\w+) = ME\)"
SHAPES = {
    "own": re.compile(_MINE),
    # Said as a CASE it is the same rule, of which the planner expects more rows: for lists that end long before an organisation's last.
    "between two": re.compile(rf"\({_MINE} OR {_MINE}\)|CASE WHEN {_MINE} THEN true ELSE {_MINE} END"),
    "consortium": re.compile(r"\(ME <> ''::text\)"),
    "plumbing": re.compile(r"\(ME = 'plumbing'::text\)"),
}
PARTIES = {"organisation", "council", "provider", "agency", "consortium", "owner", "author"}
"""The columns that may say whose a row is."""


@dataclass(frozen=True)
class Policy:
    """One policy of one table: what it lets be read or changed, and what it lets be written."""

    table: str
    name: str
    command: str
    using: str | None
    check: str | None

    def expressions(self) -> list[str]:
        """Its conditions, with the wrapped setting named ME."""
        return [" ".join(each.replace(ME, "ME").split()) for each in (self.using, self.check) if each is not None]


def shape(expression: str) -> str | None:
    """Which of the shapes an expression has, and whether the columns it compares may say whose a row is."""
    for name, pattern in SHAPES.items():
        found = pattern.fullmatch(expression)
        if found and set(found.groups()) - {None} <= PARTIES:
            return name
    return None


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A plain connection to this address."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def as_superuser(admin_url: str, url: str) -> str:
    """The administrator's address of the database that ``url`` names."""
    return make_url(admin_url).set(database=make_url(url).database).render_as_string(hide_password=False)


async def tables(connection: asyncpg.Connection) -> dict[str, asyncpg.Record]:
    """Every table of the schema but Alembic's own note of the revision."""
    rows = await connection.fetch(
        """SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, pg_get_userbyid(c.relowner) AS owner
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
        ORDER BY c.relname"""
    )
    return {row["name"]: row for row in rows}


async def policies(connection: asyncpg.Connection) -> list[Policy]:
    """Every policy, as the catalogue prints it."""
    rows = await connection.fetch("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'")
    return [Policy(row["tablename"], row["policyname"], row["cmd"], row["qual"], row["with_check"]) for row in rows]
