"""One instant over several databases: no service may have heard, in its copy, what another has not said in its own.

Only hearing makes one service's rows depend on another's, and hearing is a row in ``inbox``. So that table is locked against
new rows in every database, a snapshot of each is exported, and the locks go again: between the first snapshot and the last nothing
is heard anywhere. People's requests write no row there and wait for nothing. Decision 0750.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from hearth.backup.places import Place
from hearth.backup.refused import RefusedError
from shared import clock

LOCK_SECONDS = 3
"""Far below the fifteen seconds after which a waiting consumer's statement would be ended."""
TRIES = 12
PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Instant:
    """The databases as they stood at one moment, for as long as their transactions stay open."""

    not_before: datetime
    not_after: datetime
    snapshots: dict[str, str]
    """Place → the snapshot's name, for ``pg_dump --snapshot``."""
    connections: dict[str, asyncpg.Connection]
    """Place → a connection that sees that snapshot."""


@asynccontextmanager
async def one_instant(places: Sequence[Place]) -> AsyncIterator[Instant]:
    """Hold every database at one moment, for reading. RefusedError when hearing cannot be paused within a minute."""
    async with AsyncExitStack() as stack:
        readers, fences = {}, {}
        for place in places:
            readers[place.name] = await _opened(stack, place)
            fences[place.name] = await _opened(stack, place)
        for left in reversed(range(TRIES)):
            try:
                instant = await _at_once(places, readers, fences)
                break
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                if not left:
                    words = "a service is in the middle of hearing something that does not end; look at hearth doctor and try again"
                    raise RefusedError(words) from None
                await asyncio.sleep(PAUSE_SECONDS)
        yield instant


async def _opened(stack: AsyncExitStack, place: Place) -> asyncpg.Connection:
    connection = await place.connect()
    stack.push_async_callback(connection.close)
    return connection


async def _at_once(places: Sequence[Place], readers: dict[str, asyncpg.Connection], fences: dict[str, asyncpg.Connection]) -> Instant:
    try:
        # SHARE lets everybody read and nobody add; a batch that is being heard is waited for, and those after it wait for us.
        lock = f"BEGIN; SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; LOCK TABLE inbox IN SHARE MODE"
        tried = await asyncio.gather(*(fences[place.name].execute(lock) for place in places), return_exceptions=True)
        for each in tried:
            if isinstance(each, BaseException):
                raise each
        not_before, snapshots = clock.now(), {}
        for place in places:
            reader = readers[place.name]
            await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshots[place.name] = await reader.fetchval("SELECT pg_export_snapshot()")
        return Instant(not_before, clock.now(), snapshots, readers)
    finally:
        for fence in fences.values():
            await fence.execute("ROLLBACK")
