"""The bus on one PostgreSQL database: a queue table, for the embedded default on one machine without a broker.

A consumer holds rows in its own name (``holder``), a number no process ever gets again, and proves that it lives by an advisory
lock of that number on its connection. When its process or connection dies PostgreSQL drops the lock, and whoever looks next
takes the rows over: no lease to choose, no clock to compare.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

import asyncpg

from shared import logs
from shared import queue_table_statements as sql
from shared.pace import BackOff, Pace, wait_for_any
from shared.transport import DeadLetter, Depth, HandleBatch, Message, PublishFailed, Received, Topology, Unreachable, Unroutable

DELIVERY_LIMIT = 100
"""As on RabbitMQ: how often a message is handed out before it is a dead letter, whatever its consumer does."""

RETRY_SECONDS = 1.0
ABANDONED_EVERY_SECONDS = 0.5
CONNECT_SECONDS = 5.0

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that died in the driver's hands, in the middle of an answer
    asyncpg.CannotConnectNowError,
    OSError,
    TimeoutError,
)
_TOO_MANY = (asyncpg.TooManyConnectionsError, asyncpg.UndefinedTableError)
_UNREACHABLE = (*_LOST, *_TOO_MANY)

_log = logs.logger("shared.queue_table")


class QueueTableTransport:
    """:class:`shared.transport.Transport` on a PostgreSQL database that the role may make tables in."""

    def __init__(
        self, url: str, *, prefix: str = "hearth", confirm_seconds: float = 10.0, name: str = "hearth", delivery_limit: int = DELIVERY_LIMIT
    ) -> None:
        scheme, _, rest = url.partition("://")
        self._url = f"{scheme.partition('+')[0]}://{rest}"
        self._prefix = prefix
        self._confirm_seconds = confirm_seconds
        self._name = name
        self._delivery_limit = delivery_limit
        self._topology: Topology = {}
        self._services: tuple[str, ...] = ()
        self._connection: Any = None
        self._using = asyncio.Lock()

    def _queue(self, service: str) -> str:
        return f"{self._prefix}.{service}"

    async def _open(self, purpose: str) -> Any:
        try:
            connection = await asyncpg.connect(
                self._url,
                timeout=CONNECT_SECONDS,
                command_timeout=self._confirm_seconds,
                server_settings={"application_name": f"{self._name} {purpose}"},
            )
        except (*_UNREACHABLE, asyncpg.PostgresError) as error:
            raise Unreachable(f"the bus database cannot be reached: {type(error).__name__}") from error
        try:
            await self._declare_on(connection)
        except BaseException:
            await _close(connection)
            raise
        return connection

    async def _declare_on(self, connection: Any) -> None:
        # One string is one transaction: two processes that start together make the tables one after the other.
        if not await connection.fetchval("SELECT to_regclass('bus_dead_letter_queue') IS NOT NULL"):
            await connection.execute(sql.TABLES)
        bound = [(self._queue(service), event_type) for event_type, hearers in self._topology.items() for service in hearers]
        await connection.execute(
            "INSERT INTO bus_binding (queue, type) SELECT * FROM unnest($1::text[], $2::text[]) ORDER BY 2, 1 ON CONFLICT DO NOTHING",
            [queue for queue, _ in bound],
            [event_type for _, event_type in bound],
        )

    async def _run(self, method: str, *values: Any) -> Any:
        """One statement on the shared connection, opened anew when it was lost."""
        async with self._using:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._open("publishes")
                return await getattr(self._connection, method)(*values)
            except _UNREACHABLE as error:
                await self._forget()
                raise Unreachable(f"the bus database was lost: {type(error).__name__}") from error
            except asyncpg.PostgresError as error:
                raise PublishFailed(f"the bus database refused: {type(error).__name__}") from error

    async def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await _close(connection)

    async def declare(self, topology: Topology, services: Collection[str]) -> None:
        """See :class:`shared.transport.Transport`."""
        self._topology, self._services = topology, tuple(services)
        async with self._using:
            await self._forget()
        await self._run("fetchval", "SELECT 1")

    async def publish(self, messages: Sequence[Message]) -> None:
        """See :class:`shared.transport.Transport`. One statement: all are there or none, but for those nobody hears."""
        lost = {one.id for one in messages if not self._topology.get(one.type)}
        known = [one for one in messages if one.id not in lost]
        if known:
            queues = [self._queue(service) for service in self._services]
            ids, types, bodies = [one.id for one in known], [one.type for one in known], [one.body for one in known]
            said = await self._run("execute", sql.PUBLISH, ids, types, bodies, queues)
            if int(said.rpartition(" ")[2]) < sum(len(self._topology[one.type]) for one in known):
                async with self._using:
                    await self._forget()  # bindings were removed under us: the next try declares them again
                raise PublishFailed("a binding is missing")
        if lost:
            raise Unroutable(lost)

    async def consume(self, service: str, handle_batch: HandleBatch, *, stop: asyncio.Event, batch: int = 100) -> None:
        """See :class:`shared.transport.Transport`. How often it looks: :class:`shared.pace.Pace`."""
        back_off = BackOff()
        while not stop.is_set():
            connection = None
            try:
                connection = await self._open(f"consumes for {service}")
                back_off.succeeded()
                await _Consumer(connection, self._queue(service), handle_batch, batch, self._delivery_limit, stop).run()
            except (Unreachable, *_UNREACHABLE) as error:
                if not back_off.failures:
                    _log.warning("the bus database was lost; connecting again", queue=service, reason=type(error).__name__)
                await back_off.wait(stop)
            finally:
                if connection is not None:
                    await _close(connection)

    async def depth(self, service: str) -> Depth:
        """See :class:`shared.transport.Transport`."""
        row = await self._run("fetchrow", sql.DEPTH, self._queue(service))
        return Depth(row["waiting"], row["dead"], row["oldest"] or 0.0)

    async def dead_letters(self, service: str, *, limit: int = 1000) -> list[DeadLetter]:
        """See :class:`shared.transport.Transport`."""
        rows = await self._run(
            "fetch",
            "SELECT id, type, body, reason, died_at FROM bus_dead_letter WHERE queue = $1 ORDER BY position LIMIT $2",
            self._queue(service),
            limit,
        )
        return [DeadLetter(service, Message(row["id"], row["type"], row["body"]), row["reason"], row["died_at"]) for row in rows]

    async def replay(self, service: str, ids: Collection[str] | None = None) -> int:
        """See :class:`shared.transport.Transport`."""
        said = await self._run("execute", sql.REPLAY, self._queue(service), None if ids is None else list(ids))
        return int(said.rpartition(" ")[2])

    async def discard(self, service: str, ids: Collection[str]) -> int:
        """See :class:`shared.transport.Transport`."""
        said = await self._run("execute", sql.DISCARD, self._queue(service), list(ids))
        return int(said.rpartition(" ")[2])

    async def empty(self, service: str) -> None:
        """See :class:`shared.transport.Transport`."""
        for table in ("bus_message", "bus_dead_letter"):
            await self._run("execute", f"DELETE FROM {table} WHERE queue = $1", self._queue(service))  # noqa: S608 - our own names

    async def healthy(self) -> bool:
        """See :class:`shared.transport.Transport`."""
        try:
            await self._run("fetchval", "SELECT 1")
        except PublishFailed:
            return False
        return True

    async def close(self) -> None:
        """See :class:`shared.transport.Transport`."""
        async with self._using:
            await self._forget()


class _Consumer:
    """One connection's consumer, under a number of its own."""

    def __init__(
        self, connection: Any, queue: str, handle_batch: HandleBatch, batch: int, delivery_limit: int, stop: asyncio.Event
    ) -> None:
        self._connection = connection
        self._queue = queue
        self._handle_batch = handle_batch
        self._batch = batch
        self._delivery_limit = delivery_limit
        self._stop = stop
        self._holder = 0
        self._held: set[int] = set()
        self._using = asyncio.Lock()

    async def _run(self, method: str, *values: Any) -> Any:
        async with self._using:  # a driver's connection does one thing at a time; retries settle beside the main loop
            return await getattr(self._connection, method)(*values)

    async def run(self) -> None:
        """Until ``stop``, or until the connection is lost (the driver's error)."""
        self._holder = await self._run("fetchval", "SELECT nextval('bus_holder')")
        await self._run("execute", f"SELECT pg_advisory_lock({self._holder})")
        pace = Pace()
        clock = asyncio.get_running_loop().time
        looked_for_abandoned = clock() - ABANDONED_EVERY_SECONDS
        while not self._stop.is_set():
            if clock() - looked_for_abandoned >= ABANDONED_EVERY_SECONDS:
                await self._run("execute", sql.TAKE_OVER, self._queue)
                looked_for_abandoned = clock()
            taken = await self._take()
            if not taken:
                await pace.wait(self._stop)
                continue
            pace.worked()
            await self._handle(taken)
        await self._run("execute", sql.GIVE_BACK, self._holder, None, 0.0, 1)

    async def _take(self) -> list[Received]:
        free = min(self._batch, 3 * self._batch - len(self._held))
        if free <= 0:
            return []
        rows = sorted(await self._run("fetch", sql.TAKE, self._queue, self._holder, free))
        spent = [row["position"] for row in rows if row["attempts"] > self._delivery_limit]
        if spent:
            await self._run("execute", sql.DIE, self._holder, spent, f"delivered {self._delivery_limit} times and never finished")
        self._held.update(row["position"] for row in rows)
        self._held.difference_update(spent)
        return [
            Received(Message(row["id"], row["type"], row["body"]), row["attempts"] > 1, row["position"])
            for row in rows
            if row["attempts"] <= self._delivery_limit
        ]

    async def _handle(self, taken: list[Received]) -> None:
        try:
            await self._handle_batch(taken, self)
        except Exception as error:
            if isinstance(error, _LOST) and self._connection.is_closed():
                raise
            _log.error("a batch could not be handled; it is delivered again", queue=self._queue, exc_info=error)
            unsettled = [one.handle for one in taken if one.handle in self._held]
            self._held.difference_update(unsettled)
            await self._run("execute", sql.GIVE_BACK, self._holder, unsettled, RETRY_SECONDS, 0)
            await wait_for_any(self._stop, seconds=0)

    async def done(self, received: Sequence[Received]) -> None:
        """See :class:`shared.transport.Settling`."""
        positions = [one.handle for one in received]
        await self._run("execute", "DELETE FROM bus_message WHERE holder = $1 AND position = ANY($2)", self._holder, positions)
        self._held.difference_update(positions)

    async def dead(self, received: Received, reason: str) -> None:
        """See :class:`shared.transport.Settling`."""
        await self._run("execute", sql.DIE, self._holder, [received.handle], reason)
        self._held.discard(received.handle)


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=2)
    except (*_LOST, asyncpg.PostgresError):
        connection.terminate()
