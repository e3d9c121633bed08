"""The event bus behind one small interface: what is published is in every bound queue, what is taken is held until settled.

Two transports, chosen by the scheme of the address: ``amqp://`` is RabbitMQ through pika, ``postgresql://`` a queue table
for one machine without a broker. One suite of tests runs against both. The promise of each: at least once, in no order that
may be relied on; a message is gone only when it was settled, and a dead letter is kept until somebody replays it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Topology = Mapping[str, Collection[str]]
"""Event type → the services that hear it."""


class PublishFailed(Exception):
    """The bus did not confirm; what was published may or may not be there, so it is published again."""


class Unreachable(PublishFailed):
    """The bus cannot be reached or was lost; try again later."""


class Unroutable(PublishFailed):
    """No queue is bound for these messages; all others of the batch were confirmed."""

    def __init__(self, ids: Collection[str]) -> None:
        super().__init__(f"no service hears {len(ids)} of the messages")
        self.ids = frozenset(ids)


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way: its id, its type (the routing key) and the envelope's bytes."""

    id: str
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """A message this consumer holds. ``handle`` is the transport's own mark for it."""

    message: Message
    redelivered: bool
    handle: Any


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message a service could not work on, whole, with the reason."""

    service: str
    message: Message
    reason: str
    died_at: datetime | None


@dataclass(frozen=True, slots=True)
class Depth:
    """What waits for a service: messages, dead letters, and the age of the oldest message where the transport knows it.

    ``consumers``: who hears from it just now, where the transport knows; the table does not, whose listeners are its database's clients.
    """

    waiting: int
    dead: int
    oldest_seconds: float | None = None
    consumers: int = 0


class Settling(Protocol):
    """How a consumer answers for what it holds. What is never answered for is delivered again, to it or to another."""

    async def done(self, received: Sequence[Received]) -> None:
        """These were worked on and committed; forget them."""

    async def dead(self, received: Received, reason: str) -> None:
        """This cannot be worked on: keep it whole among the dead letters, with the reason (never its payload)."""


HandleBatch = Callable[[Sequence[Received], Settling], Awaitable[None]]
"""Works on a batch. It may return with some unsettled, to settle them later; if it raises, all unsettled ones of the batch
are delivered again after a pause."""


class Transport(Protocol):
    """What relay, delivery, the metrics and the dead-letter commands need of a bus."""

    async def declare(self, topology: Topology, services: Collection[str]) -> None:
        """Make a queue and a dead-letter queue for every service and bind them. Safe to repeat; done again on its own after
        a lost connection, so that a wiped bus is whole again. Unreachable when the bus does not answer."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return when the bus has confirmed every message in every bound queue; PublishFailed, Unroutable, Unreachable otherwise."""

    async def consume(self, service: str, handle_batch: HandleBatch, *, stop: asyncio.Event, batch: int = 100) -> None:
        """Hand batches of what waits for ``service`` to ``handle_batch`` until ``stop`` is set; then finish the one in hand.

        At most ``3 × batch`` messages are held at a time. A lost connection is opened again with growing pauses.
        """

    async def depth(self, service: str) -> Depth:
        """How much waits for a service."""

    async def dead_letters(self, service: str, *, limit: int = 1000) -> list[DeadLetter]:
        """A service's dead letters, oldest first; they stay where they are."""

    async def replay(self, service: str, ids: Collection[str] | None = None) -> int:
        """Give dead letters (those named, or all) back to the service's queue; how many."""

    async def discard(self, service: str, ids: Collection[str]) -> int:
        """Throw the dead letters named away, for good; how many. For what can never be worked on, and has been looked at."""

    async def empty(self, service: str) -> None:
        """Throw away all that waits for a service, dead letters too: after a restore it is news of a time that is gone."""

    async def healthy(self) -> bool:
        """Whether the bus answers now."""

    async def close(self) -> None:
        """Give the connections back; consumers are stopped through their ``stop`` first."""


def connect(url: str, *, prefix: str = "hearth", confirm_seconds: float = 10.0, name: str = "hearth") -> Transport:
    """The transport an address asks for; connects on first use. ``prefix`` begins the name of every exchange and queue.

    ValueError for a scheme that is neither ``amqp``, ``amqps`` nor ``postgresql``.
    """
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme in ("amqp", "amqps"):
        from shared.rabbit import RabbitTransport

        return RabbitTransport(url, prefix=prefix, confirm_seconds=confirm_seconds, name=name)
    if scheme in ("postgresql", "postgres"):
        from shared.queue_table import QueueTableTransport

        return QueueTableTransport(url, prefix=prefix, confirm_seconds=confirm_seconds, name=name)
    raise ValueError("the address of the bus begins with amqp://, amqps:// or postgresql://")
