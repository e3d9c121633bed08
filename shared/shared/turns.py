"""Whose turn it is to have one of a pool's connections to the database, and the connections at hand for the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.refusals import unavailable

WAIT_SECONDS = 10
"""How long a caller may wait for a connection while all are in use."""
AWAY = "The database does not answer just now. Nothing was written; please try again in a moment."


class Line:
    """Those who wait for one of a pool's connections, and the connections that are at hand for the next.

    Each gets one in the order of coming: the pool by itself gives a free one to whoever comes by just then, and under load those who
    waited in line waited four times as long as the usual request. A connection is handed on as it is: to give it back to the pool and to
    ask for it anew was a twentieth of a small request's processor time.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.in_use = 0
        self._engine = engine
        self._turns = asyncio.Semaphore(cast("QueuePool", engine.pool).size())
        self._at_hand: deque[AsyncConnection] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a connection to be free, for as long as a caller may."""
        if self._turns.locked():
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._turns.acquire()
            except TimeoutError as error:
                raise unavailable(AWAY) from error
        else:
            await self._turns.acquire()
        self.in_use += 1
        try:
            yield
        finally:
            self.in_use -= 1
            self._turns.release()

    async def connection(self) -> AsyncConnection:
        """One of the pool's connections; of those at hand the one that rested longest, so that none grows old unused and a line that fell
        silent is found out. One that the server has closed meanwhile is thrown away."""
        while self._at_hand:
            connection = self._at_hand.popleft()
            if not driver_of(connection).is_closed():
                return connection
            await discard(connection)
        return await self._engine.connect()

    async def give_back(self, connection: AsyncConnection) -> None:
        """For the next. What SQLAlchemy calls its transaction may go on over several of ours: in autocommit it begins and ends nothing."""
        if connection.invalidated:
            await connection.close()
        else:
            self._at_hand.append(connection)

    async def let_go(self) -> None:
        """Give the pool what is at hand."""
        while self._at_hand:
            await self._at_hand.pop().close()


_KEPT = "line_of_hearth"


def line_of(engine: AsyncEngine) -> Line:
    """The one line before one pool; kept with the pool, so that it goes when the pool goes."""
    kept = engine.pool.__dict__
    found: Line | None = kept.get(_KEPT)
    if found is None:
        found = kept[_KEPT] = Line(engine)
    return found


def in_use(engine: AsyncEngine) -> int:
    """How many of a pool's connections are at work."""
    return line_of(engine).in_use


async def close(engine: AsyncEngine) -> None:
    """Give every connection of one pool back."""
    await line_of(engine).let_go()
    await engine.dispose()


async def discard(connection: AsyncConnection) -> None:
    """It is of no use any more; the pool makes another."""
    await connection.invalidate()
    await connection.close()


def driver_of(connection: AsyncConnection) -> Any:
    """The driver's own connection. It is at hand: asking for it asynchronously costs a switch of greenlets and finds the same."""
    assert connection.sync_connection is not None
    return connection.sync_connection.connection.driver_connection
