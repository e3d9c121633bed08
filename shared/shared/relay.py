"""Carries what a service recorded in its outbox to the bus, at least once, whatever stops in between.

It scans *unsent* rows by position and never asks for "greater than the last seen": numbers are given before commit and commit out
of order, so the last seen proves nothing about those below it. Rows are marked, published and confirmed inside one transaction: if
anything fails before its COMMIT they are unsent again. Two relays skip each other's rows (SKIP LOCKED) and share the work.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import fail_points, logs, tenancy, tracing
from shared.contracts import HEARD_BY, SERVICES
from shared.pace import BackOff, Pace, wait_for_any
from shared.refusals import Refused
from shared.transport import Message, PublishFailed, Transport, Unroutable

if TYPE_CHECKING:
    from shared.settings import Settings

BATCH = 200
PRUNE_SECONDS = 600.0
GAUGE_SECONDS = 5.0
PRUNE_ROWS = 5000

published = Counter("hearth_events_published_total", "Events the bus has confirmed", ["service"])
unsent = Gauge("hearth_outbox_unsent", "Events recorded and not yet confirmed by the bus", ["service", "database"])
answers = Gauge("hearth_database_answers", "1 while the database answers, else 0", ["service", "database"])
lag = Gauge("hearth_outbox_lag_seconds", "Age of the oldest event not yet confirmed by the bus", ["service", "database"])

_log = logs.logger("shared.relay")
_LOST = (Refused, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

# Marked first and undone by ROLLBACK if the bus does not confirm: one round trip fewer than to select, publish and then mark.
_TAKE = """
UPDATE outbox SET sent_at = now()
WHERE id = ANY (ARRAY(
    SELECT id FROM outbox WHERE sent_at IS NULL ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING position, id, type, envelope
"""
_UNMARK = "UPDATE outbox SET sent_at = NULL WHERE id = ANY($1::uuid[])"
_LAG = """
SELECT count(*) AS unsent, coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float AS lag
FROM outbox WHERE sent_at IS NULL
"""
_PRUNE_OUTBOX = """
DELETE FROM outbox WHERE id = ANY (ARRAY(
    SELECT id FROM outbox WHERE sent_at IS NOT NULL AND sent_at < now() - make_interval(days => $1) LIMIT $2 FOR UPDATE SKIP LOCKED))
"""
_PRUNE_INBOX = """
DELETE FROM inbox WHERE event_id = ANY (ARRAY(
    SELECT event_id FROM inbox WHERE heard_at < now() - make_interval(days => $1) LIMIT $2))
"""


async def run(databases: tenancy.Databases, transport: Transport, settings: Settings, stop: asyncio.Event, *, batch: int = BATCH) -> None:
    """Carry events of every database of the map until ``stop``; then finish the batch in hand and return.

    An outage of the bus or of a database is waited out: said once in the log, tried again with growing pauses.
    """
    fail_points.arm(settings.fail_point)
    try:
        await asyncio.gather(
            *(
                _Carrier(databases, number, engine, transport, settings, stop, batch).run()
                for number, engine in enumerate(databases.every())
            )
        )
    finally:
        await transport.close()


async def carry_once(engine: AsyncEngine, transport: Transport, *, service: str = "", batch: int = BATCH) -> int:
    """Publish and mark up to ``batch`` unsent events of one database; how many were confirmed.

    Unroutable when some are heard by nobody: those stay unsent, the others are marked. Any other failure marks nothing.
    """
    homeless: Unroutable | None = None
    async with tenancy.plumbing(engine) as transaction:
        rows = sorted(await transaction.driver.fetch(_TAKE, batch))
        if not rows:
            return 0
        fail_points.passing("relay.before_publish")
        try:
            await transport.publish([Message(str(row["id"]), row["type"], row["envelope"].encode()) for row in rows])
        except Unroutable as error:
            homeless = error
            await transaction.driver.execute(_UNMARK, list(error.ids))
        fail_points.passing("relay.after_publish")
    fail_points.passing("relay.after_mark")
    tracing.sent(row["envelope"] for row in rows if homeless is None or str(row["id"]) not in homeless.ids)
    sent = len(rows) - (len(homeless.ids) if homeless else 0)
    published.labels(service).inc(sent)
    if homeless:
        raise homeless
    return sent


async def prune(engine: AsyncEngine, *, days: int) -> int:
    """Forget sent events and heard event ids older than ``days``; how many rows. Longer than any replay, or it would double."""
    removed = 0
    for statement in (_PRUNE_OUTBOX, _PRUNE_INBOX):
        while True:
            async with tenancy.plumbing(engine) as transaction:
                gone = int((await transaction.driver.execute(statement, days, PRUNE_ROWS)).rpartition(" ")[2])
            removed += gone
            if gone < PRUNE_ROWS:
                break
    return removed


class _Carrier:
    """The relay of one database."""

    def __init__(
        self,
        databases: tenancy.Databases,
        number: int,
        engine: AsyncEngine,
        transport: Transport,
        settings: Settings,
        stop: asyncio.Event,
        batch: int,
    ) -> None:
        self._databases = databases
        self._labels = (databases.source.strip("/"), str(number))
        self._engine = engine
        self._transport = transport
        self._settings = settings
        self._stop = stop
        self._batch = batch

    async def run(self) -> None:
        back_off, declared, pace = BackOff(), False, Pace()
        keeping = asyncio.create_task(self._keep_house())
        try:
            while not self._stop.is_set():
                try:
                    if not declared:
                        await self._transport.declare(HEARD_BY, SERVICES)
                        declared = True
                    carried = await carry_once(self._engine, self._transport, service=self._labels[0], batch=self._batch)
                except (PublishFailed, *_LOST) as error:
                    self._say_once(back_off, error)
                    await back_off.wait(self._stop)
                    continue
                if back_off.failures:
                    _log.info("events flow again", database=self._labels[1], attempt=back_off.failures)
                back_off.succeeded()
                if carried:
                    pace.worked()
                if carried < self._batch:
                    await self._rest(pace)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _rest(self, pace: Pace) -> None:
        committed = self._databases.committed
        await pace.wait(self._stop, committed)
        committed.clear()  # what was committed before this is found by the look that follows

    def _say_once(self, back_off: BackOff, error: BaseException) -> None:
        if isinstance(error, Unroutable):
            _log.error("nobody hears some recorded events; they wait in the outbox", count=len(error.ids), database=self._labels[1])
        elif not back_off.failures:
            _log.warning("events wait in the outbox", error=type(error).__name__, database=self._labels[1])

    async def _keep_house(self) -> None:
        """Tell the lag every few seconds; prune every ten minutes."""
        clock = asyncio.get_running_loop().time
        prune_at = clock() + GAUGE_SECONDS
        while not self._stop.is_set():
            try:
                async with tenancy.plumbing(self._engine) as transaction:
                    row: Any = await transaction.driver.fetchrow(_LAG)
                unsent.labels(*self._labels).set(row["unsent"])
                lag.labels(*self._labels).set(row["lag"])
                answers.labels(*self._labels).set(1)
                if clock() >= prune_at:
                    await prune(self._engine, days=self._settings.keep_events_days)
                    prune_at = clock() + PRUNE_SECONDS
            except _LOST as error:
                answers.labels(*self._labels).set(0)
                _log.debug("could not look after the outbox", error=type(error).__name__)
            await wait_for_any(self._stop, seconds=GAUGE_SECONDS)
