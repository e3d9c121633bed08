"""How news reaches a service's handlers: claimed once, done in one transaction, then acknowledged.

A batch is one transaction a database: every event's id is claimed, the claimed ones are handled in order, and all of it commits
together, ten times faster than one at a time. If one fails the batch is rolled back and each is tried alone; the one that
fails alone is tried again after growing pauses, beside the others, and at last put among the dead letters with its reason. A
database that is away is waited for: an outage makes no dead letters.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Counted
from collections.abc import Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import clock, fail_points, failures, logs
from shared.contracts import HEARD_BY, SERVICES, Envelope
from shared.hearing import Handler, Heard, Hears, Item, NotUnderstood, Together, envelope_of, told_in_logs, understood, work
from shared.pace import BackOff, wait_for_any
from shared.transport import PublishFailed, Received, Settling, Transport

if TYPE_CHECKING:
    from shared.settings import Settings
    from shared.tenancy import Databases

__all__ = ["Handler", "Heard", "Hears", "NotUnderstood", "Together", "deliver_one", "run"]

BATCH = 100
PAUSES = (0.2, 1.0, 5.0, 15.0)
"""Seconds before the second, third … try of an event that failed; the last one repeats."""
DEPTH_SECONDS = 10.0

heard = Counter("hearth_events_heard_total", "Events worked on and committed, or known already", ["service", "type"])
failed = Counter("hearth_events_failed_total", "Tries of an event that failed", ["service", "type"])
dead_lettered = Counter("hearth_events_dead_lettered_total", "Events put among the dead letters", ["service", "type"])
age = Histogram(
    "hearth_event_age_seconds",
    "From when it happened to when it was worked on",
    ["service"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1, 5, 30, 300, 3600),
)
waiting = Gauge("hearth_queue_waiting", "Events waiting in the service's queue", ["service"])
oldest = Gauge("hearth_queue_oldest_seconds", "Age of the oldest event in the service's queue", ["service"])
answers = Gauge("hearth_bus_answers", "1 while the bus answers, else 0", ["service"])
dead_letters = Gauge("hearth_dead_letters", "Dead letters nobody has replayed", ["service"])

_log = logs.logger("shared.delivery")


async def run(
    service_name: str,
    hears: Hears,
    databases: Databases,
    transport: Transport,
    settings: Settings,
    stop: asyncio.Event,
    *,
    batch: int = BATCH,
    pauses: Sequence[float] = PAUSES,
) -> None:
    """Hear events until ``stop``; then finish the batch in hand, give back what waits for another try, and return."""
    fail_points.arm(settings.fail_point)
    delivery = _Delivery(service_name, hears, databases, settings.delivery_attempts, pauses, batch, stop)
    back_off = BackOff()
    try:
        while not stop.is_set():
            try:
                await transport.declare(HEARD_BY, SERVICES)
                break
            except PublishFailed as error:
                if not back_off.failures:
                    answers.labels(service_name).set(0)  # told from the start: nobody is alerted to what is not there
                    _log.warning("the bus cannot be reached; trying again", queue=service_name, reason=str(error))
                await back_off.wait(stop)
        watching = asyncio.create_task(_watch(service_name, transport, stop))
        await transport.consume(service_name, delivery.handle, stop=stop, batch=batch)
        await asyncio.gather(watching, *delivery.waiting)
    finally:
        await transport.close()


async def deliver_one(service_name: str, hears: Hears, databases: Databases, envelope: Envelope) -> None:
    """Bring one event to its handler exactly as the bus would, without a bus: claimed, handled, committed in each database it concerns.

    The handler's error is raised; NotUnderstood when the service does not hear it or it does not fit its contract.
    """
    item = understood(service_name, hears, databases, envelope)
    for engine in item.places:
        await work(databases, engine, [item])


class _Delivery:
    """Works on batches; keeps what failed and tries it again beside them."""

    def __init__(
        self, service: str, hears: Hears, databases: Databases, attempts: int, pauses: Sequence[float], capacity: int, stop: asyncio.Event
    ) -> None:
        self._service = service
        self._hears = hears
        self._databases = databases
        self._attempts = attempts
        self._pauses = pauses
        self._capacity = capacity
        self._stop = stop
        self.waiting: dict[asyncio.Task[None], int] = {}

    async def handle(self, batch: Sequence[Received], settling: Settling) -> None:
        """Work on a batch and answer for it; what must be tried again is kept and answered for later."""
        groups: dict[AsyncEngine, list[Item]] = {}
        for received in batch:
            try:
                item = understood(self._service, self._hears, self._databases, envelope_of(received.message.body))
            except NotUnderstood as error:
                with _told_of(received):
                    await self._bury(received, settling, str(error))
                continue
            item.received, item.settling = received, settling
            item.open.update(item.places)
            for engine in item.places:
                groups.setdefault(engine, []).append(item)
        for engine, items in groups.items():
            await self._together(engine, items)
        await self._make_room()

    async def _together(self, engine: AsyncEngine, items: list[Item]) -> None:
        error = await self._try(engine, items)
        if error is None:
            await self._finished(engine, items)
        elif failures.is_outage(error):
            self._keep(len(items), self._when_back(engine, items, error))
        elif len(items) == 1:
            with told_in_logs(items[0].envelope):  # the task keeps it for its lines
                self._keep(1, self._again(engine, items[0], error))
        else:
            for item in items:
                await self._together(engine, [item])

    async def _try(self, engine: AsyncEngine, items: list[Item]) -> Exception | None:
        """None when it is committed, else why not."""
        try:
            await work(self._databases, engine, items)
        except Exception as error:
            return error
        return None

    async def _finished(self, engine: AsyncEngine, items: list[Item]) -> None:
        fail_points.passing("delivery.before_ack")
        for item in items:
            item.open.discard(engine)
        whole = [item for item in items if not item.open]
        for kind, count in Counted(item.envelope.type for item in whole).items():
            heard.labels(self._service, kind).inc(count)
        now, ages = clock.now(), age.labels(self._service)
        for item in whole:
            seconds = (now - item.envelope.time).total_seconds()
            ages.observe(seconds)
            if item.envelope.requestid:  # somebody's call led to it: its line says that it arrived here
                with told_in_logs(item.envelope):
                    _log.info("heard", queue=self._service, milliseconds=round(seconds * 1000, 1))
        if whole and (settling := whole[0].settling):
            await settling.done([item.received for item in whole if item.received])

    async def _when_back(self, engine: AsyncEngine, items: list[Item], error: Exception) -> None:
        """The database is away: keep the batch until it answers, however long that takes."""
        _log.warning("the database is away; events wait", queue=self._service, error=type(error).__name__, count=len(items))
        back_off = BackOff()
        while not self._stop.is_set():
            await back_off.wait(self._stop)
            again = await self._try(engine, items)
            if again is None:
                await self._finished(engine, items)
                return
            if not failures.is_outage(again):
                for item in items:
                    await self._together(engine, [item])
                return

    async def _again(self, engine: AsyncEngine, item: Item, error: Exception) -> None:
        """One event failed alone: try it again after growing pauses, then put it among the dead letters."""
        back_off = BackOff()
        attempt = 1
        while True:
            if failures.is_outage(error):
                await back_off.wait(self._stop)
            else:
                failed.labels(self._service, item.envelope.type).inc()
                _log.warning(
                    "an event could not be worked on",
                    queue=self._service,
                    attempt=attempt,
                    reason=failures.described(error),
                )
                if attempt >= self._attempts:
                    break
                await wait_for_any(self._stop, seconds=self._pauses[min(attempt, len(self._pauses)) - 1])
                attempt += 1
            if self._stop.is_set():
                return
            again = await self._try(engine, [item])
            if again is None:
                await self._finished(engine, [item])
                return
            error = again
        if item.received and item.settling:
            await self._bury(item.received, item.settling, f"failed {attempt} times: {failures.described(error)}")

    async def _bury(self, received: Received, settling: Settling, reason: str) -> None:
        known = received.message.type if received.message.type in HEARD_BY else "unknown"
        dead_lettered.labels(self._service, known).inc()
        _log.error("an event is a dead letter", queue=self._service, event_type=known, event_id=received.message.id, reason=reason)
        await settling.dead(received, reason)

    def _keep(self, count: int, trying: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            try:
                await trying
            except Exception as error:
                # The bus was lost while answering: it delivers the event again, and the inbox knows it.
                _log.warning("an answer to the bus was lost", queue=self._service, error=type(error).__name__)

        task = asyncio.create_task(guarded())
        self.waiting[task] = count
        task.add_done_callback(self.waiting.pop)

    async def _make_room(self) -> None:
        """Take no more while a whole batch waits for another try: the bus keeps the rest."""
        stopping = asyncio.create_task(self._stop.wait())
        try:
            while sum(self.waiting.values()) >= self._capacity and not self._stop.is_set():
                await asyncio.wait({stopping, *self.waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()


def _told_of(received: Received) -> AbstractContextManager[None]:
    """What can be said in the log of a message that is not understood: all of its envelope, if it is one."""
    try:
        return told_in_logs(envelope_of(received.message.body))
    except NotUnderstood:
        return nullcontext()


async def _watch(service: str, transport: Transport, stop: asyncio.Event) -> None:
    """Keep the gauges of the service's queue."""
    while not stop.is_set():
        try:
            depth = await transport.depth(service)
            waiting.labels(service).set(depth.waiting)
            dead_letters.labels(service).set(depth.dead)
            if depth.oldest_seconds is not None:
                oldest.labels(service).set(depth.oldest_seconds)
            answers.labels(service).set(1)
        except PublishFailed:
            answers.labels(service).set(0)  # why is said where events are published and consumed
        await wait_for_any(stop, seconds=DEPTH_SECONDS)
