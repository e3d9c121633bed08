"""Where a backup is put back: looked at before anything is done, restored beside what is there, and put in its place at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import asyncpg
from sqlalchemy.engine import make_url

from hearth import databases
from hearth.backup.places import Place
from hearth.backup.refused import RefusedError

MAINTENANCE = "postgres"
LONGEST_NAME = 63
LEAVING_SECONDS = 3.0
"""A process that has ended leaves its connections to PostgreSQL for a moment."""


async def looked_at(places: Sequence[Place], postgresql: int, *, replace: bool) -> None:
    """RefusedError with everything at once that stands in the way of restoring into these databases; nothing is changed."""
    reasons: list[str] = []
    for place in places:
        connection = await place.connect(MAINTENANCE)
        try:
            reasons += await _server(connection, place, postgresql)
            if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", place.database):
                reasons += await _database(connection, place, replace=replace)
        finally:
            await connection.close()
    if reasons:
        raise RefusedError("; ".join(dict.fromkeys(reasons)))


async def _server(connection: asyncpg.Connection, place: Place, postgresql: int) -> list[str]:
    major = connection.get_server_version().major
    reasons = []
    if major < postgresql:
        reasons.append(f"the backup is of PostgreSQL {postgresql}, and the server of {place.name} is {major}, which may not read it")
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        reasons.append(f"the address of {place.name} is not an administrator's")
    held = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    missing = [role for role in (place.owner, place.app) if role not in held]
    if missing:
        reasons.append(f"the server of {place.name} has no role {' and no role '.join(missing)}: make them first, with their passwords")
    return reasons


async def _database(connection: asyncpg.Connection, place: Place, *, replace: bool) -> list[str]:
    reasons = []
    if others := await still_connected(connection, place.database):
        reasons.append(f"{others} connections are open to {place.database}: stop the services first")
    if not replace and await tables_of(place):
        reasons.append(f"{place.database} is not empty: to put the backup in its place, say --replace")
    return reasons


async def still_connected(connection: asyncpg.Connection, database: str) -> int:
    """How many clients are connected to a database, once who is just leaving has left. PostgreSQL's own workers make way by themselves."""
    clients = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
    deadline = time.monotonic() + LEAVING_SECONDS
    while others := await connection.fetchval(clients, database):
        if time.monotonic() > deadline:
            return int(others)
        await asyncio.sleep(0.1)
    return 0


async def tables_of(place: Place) -> set[str]:
    """The tables of a database; none when it is not there."""
    admin = await place.connect(MAINTENANCE)
    try:
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", place.database):
            return set()
    finally:
        await admin.close()
    connection = await place.connect()
    try:
        rows = await connection.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        return {row["relname"] for row in rows}
    finally:
        await connection.close()


def beside(place: Place) -> Place:
    """Where it is restored first: another database of the same server."""
    return place.called(f"{place.database[: LONGEST_NAME - 10]}_restoring")


async def make_beside(place: Place) -> None:
    """An empty one, whatever an earlier attempt left."""
    connection = await place.connect(MAINTENANCE)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{beside(place).database}"')
        await databases.make_empty(connection, beside(place).database, place.owner, place.app)
    finally:
        await connection.close()


async def drop_beside(place: Place) -> None:
    """Nothing is left of an attempt."""
    connection = await place.connect(MAINTENANCE)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{beside(place).database}" WITH (FORCE)')
    finally:
        await connection.close()


async def put_in_place(places: Sequence[Place], stamp: str) -> list[str]:
    """The restored databases take the names; what had them is kept under other names, which are returned, or dropped where it was empty.

    All of a server's change names in one transaction: a reader finds all of the old or all of the new.
    """
    before = {place: f"{place.database[: LONGEST_NAME - 25]}_replaced_{stamp}" for place in places}
    holds_rows = {place: bool(await tables_of(place)) for place in places}
    for server in {_server_of(place) for place in places}:
        ours = [place for place in places if _server_of(place) == server]
        connection = await ours[0].connect(MAINTENANCE)
        try:
            there = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
            async with connection.transaction():
                for place in ours:
                    if place.database in there:
                        await connection.execute(f'ALTER DATABASE "{place.database}" RENAME TO "{before[place]}"')
                    await connection.execute(f'ALTER DATABASE "{beside(place).database}" RENAME TO "{place.database}"')
            for place in ours:
                if place.database in there and not holds_rows[place]:
                    await connection.execute(f'DROP DATABASE "{before[place]}"')
        finally:
            await connection.close()
    return [name for place, name in before.items() if holds_rows[place]]


def _server_of(place: Place) -> str:
    return make_url(place.url).set(database=None).render_as_string(hide_password=False)
