"""What is measured of the bus, each in a process of its own.

``python -m tests.bench.event_process relay COUNT | deliver COUNT BATCH HANDLER | bare FILE | run-relay | run-consume``.
Settings come from the environment as for every process of Hearth. The last line printed is the result as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pika
import uvloop

from shared import delivery, logs, long_lived, relay, settings, tenancy, transport
from shared.contracts import HEARD_BY, SERVICES
from shared.contracts.referrals import ReferralBroadcast
from shared.delivery import Heard, Hears, Together
from shared.settings import Settings
from shared.tenancy import Transaction

CONSUMER = "matching"
"""Whose queue is consumed; the events measured are heard by matching and monitoring, as in use."""

WINDOW = 100


async def on_broadcast(transaction: Transaction, heard: Heard[ReferralBroadcast]) -> None:
    """One row for one event: the least a handler can do."""
    await transaction.driver.execute(
        "INSERT INTO effects (organisation, event_id, note) VALUES ($1, $2, $3)",
        str(transaction.organisation),
        heard.envelope.id,
        heard.event.view.reference,
    )


async def on_broadcasts(transaction: Transaction, news: Sequence[Heard[ReferralBroadcast]]) -> None:
    """The same rows, of a batch in one statement."""
    await transaction.driver.execute(
        "INSERT INTO effects (organisation, event_id, note) SELECT $1, * FROM unnest($2::uuid[], $3::text[])",
        str(transaction.organisation),
        [heard.envelope.id for heard in news],
        [heard.event.view.reference for heard in news],
    )


def _of_monitoring() -> Hears:
    from monitoring.handlers import HEARS

    return HEARS


HEARS: Hears = {ReferralBroadcast: on_broadcast}
HANDLERS: dict[str, tuple[str, Callable[[], Hears]]] = {
    "apart": (CONSUMER, lambda: HEARS),
    "together": (CONSUMER, lambda: {ReferralBroadcast: Together(on_broadcasts)}),
    "monitoring": ("monitoring", _of_monitoring),
}
"""Whose queue is consumed, and by which handlers."""


async def _relayed(ours: Settings, databases: tenancy.Databases, bus: transport.Transport, count: int) -> dict[str, Any]:
    """Seconds in which the relay carried ``count`` events out, connected and declared before."""
    await bus.declare(HEARD_BY, SERVICES)
    async with tenancy.plumbing(databases.shared):
        pass
    stop = asyncio.Event()
    began, cpu = time.perf_counter(), time.process_time()
    running = asyncio.create_task(relay.run(databases, bus, ours, stop))
    await _until(lambda: _counted(relay.published) >= count, running)
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    stop.set()
    await running
    return took


async def _delivered(
    ours: Settings, databases: tenancy.Databases, bus: transport.Transport, count: int, batch: int, handlers: str
) -> dict[str, Any]:
    """Seconds from the first to the last of ``count`` events heard, in batches of at most ``batch``."""
    stop = asyncio.Event()
    consumer, hears = HANDLERS[handlers]
    running = asyncio.create_task(delivery.run(consumer, hears(), databases, bus, ours, stop, batch=batch))
    await _until(lambda: _counted(delivery.heard) >= 1, running)
    first, began, cpu = _counted(delivery.heard), time.perf_counter(), time.process_time()
    await _until(lambda: _counted(delivery.heard) >= count, running)
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "events": count - first}
    stop.set()
    await running
    return took


async def _until(done: Any, running: asyncio.Task[None]) -> None:
    while not done():
        if running.done():
            running.result()
            raise RuntimeError("it ended before its work was done")
        await asyncio.sleep(0.005)  # to look costs a tenth of a millisecond of the processor that is measured


def _counted(counter: Any) -> float:
    return float(sum(sample.value for metric in counter.collect() for sample in metric.samples if sample.name.endswith("_total")))


async def _run_for_good(role: str, ours: Settings, databases: tenancy.Databases, bus: transport.Transport) -> dict[str, Any]:
    """The relay or the consumer as it runs in use, until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if role == "run-relay":
        await relay.run(databases, bus, ours, stop)
    else:
        await delivery.run(CONSUMER, HEARS, databases, bus, ours, stop)
    return {}


async def _hearth(role: str, arguments: list[str]) -> dict[str, Any]:
    ours = settings.from_environment()
    logs.configure("bench", ours.log_level, once=True)
    databases = tenancy.Databases.from_settings(ours, service="referrals")
    bus = transport.connect(ours.broker_url, prefix=ours.queue_prefix)
    long_lived.set_aside()
    try:
        if role == "relay":
            return await _relayed(ours, databases, bus, int(arguments[0]))
        if role == "deliver":
            return await _delivered(ours, databases, bus, int(arguments[0]), int(arguments[1]), arguments[2])
        return await _run_for_good(role, ours, databases, bus)
    finally:
        await bus.close()
        await databases.close()


class _Bare:
    """Nothing but pika: batches of 100 persistent, mandatory messages, the next when all of the last are confirmed."""

    def __init__(self, url: str, exchange: str, bodies: list[tuple[str, str, bytes]]) -> None:
        self.exchange, self.bodies = exchange, bodies
        self.sent = self.confirmed = 0
        self.began = self.took = 0.0
        self.connection = pika.SelectConnection(pika.URLParameters(url), on_open_callback=self._opened)
        self.connection.ioloop.start()

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._ready)

    def _ready(self, channel: Any) -> None:
        self.channel = channel
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._begin())
        channel.add_on_return_callback(lambda *_: sys.exit("a message came back"))

    def _begin(self) -> None:
        self.began = time.perf_counter()
        self._publish()

    def _publish(self) -> None:
        batch = self.bodies[self.sent : self.sent + WINDOW]
        for id, type, body in batch:
            properties = pika.BasicProperties(message_id=id, type=type, content_type="application/cloudevents+json", delivery_mode=2)
            self.channel.basic_publish(self.exchange, type, body, properties, mandatory=True)
        self.sent += len(batch)

    def _on_confirm(self, frame: Any) -> None:
        assert isinstance(frame.method, pika.spec.Basic.Ack), "the broker refused"
        self.confirmed = frame.method.delivery_tag if frame.method.multiple else self.confirmed + 1
        if self.confirmed < self.sent:
            return
        if self.sent < len(self.bodies):
            self._publish()
        else:
            self.took = time.perf_counter() - self.began
            self.connection.ioloop.stop()


def _bare(file: str) -> dict[str, Any]:
    bodies = [(id, type, body.encode()) for id, type, body in json.loads(Path(file).read_text())]
    return {"seconds": _Bare(os.environ["BROKER_URL"], os.environ["QUEUE_PREFIX"], bodies).took}


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    print(json.dumps(_bare(arguments[0]) if role == "bare" else uvloop.run(_hearth(role, arguments))))
