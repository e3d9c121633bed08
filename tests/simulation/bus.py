"""A modelled RabbitMQ: durable queues, confirms, acknowledgements; at least once, in no order that may be relied on.

What a broker may do to a message without breaking its promise, it does here: store and lose the confirm, lose what it has not confirmed,
hand out twice, hand out in any order, drop every connection and hand out again what was not acknowledged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts import HEARD_BY, SERVICES
from shared.transport import DeadLetter, Depth, HandleBatch, Message, Received, Topology, Unreachable, Unroutable
from tests.simulation.chance import Chance


@dataclass(eq=False)
class Copy:
    """One message in one queue."""

    message: Message
    redelivered: bool = False
    holder: ModelledTransport | None = None


@dataclass(eq=False)
class Broker:
    """What is in each service's queue, and what is dead."""

    queues: dict[str, list[Copy]] = field(default_factory=lambda: {name: [] for name in SERVICES})
    dead: dict[str, list[DeadLetter]] = field(default_factory=lambda: {name: [] for name in SERVICES})
    arrived: dict[str, asyncio.Event] = field(default_factory=lambda: {name: asyncio.Event() for name in SERVICES})
    connections: list[ModelledTransport] = field(default_factory=list)
    stored: list[Message] = field(default_factory=list)
    is_up: bool = True

    def store(self, message: Message, service: str) -> None:
        """Into one queue."""
        if service in self.queues:
            self.queues[service].append(Copy(message))
            self.arrived[service].set()

    def waiting(self) -> int:
        """How many messages are not acknowledged yet."""
        return sum(len(queue) for queue in self.queues.values())

    def lose_connections(self) -> None:
        """As when the broker is restarted: what was not acknowledged is handed out again."""
        for one in list(self.connections):
            one.lose()


class ModelledTransport:
    """:class:`shared.transport.Transport` of one process."""

    def __init__(
        self, broker: Broker, chance: Chance, turn: Callable[[str], Awaitable[None]], is_not_heard: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._broker = broker
        self._chance = chance
        self._turn = turn
        self._is_not_heard = is_not_heard
        self._connection = 0
        self._gone = False
        broker.connections.append(self)

    def lose(self) -> None:
        """The connection is gone, and with it the hold on what was handed out over it."""
        self._connection += 1
        for service, queue in self._broker.queues.items():
            for copy in queue:
                if copy.holder is self:
                    copy.holder, copy.redelivered = None, True
                    self._broker.arrived[service].set()

    def kill(self) -> None:
        """The process is gone."""
        self.lose()
        self._gone = True
        if self in self._broker.connections:
            self._broker.connections.remove(self)

    async def declare(self, topology: Topology, services: Collection[str]) -> None:
        """Queues are always there in the model; that they are declared again is tested on real brokers."""
        await self._turn("declares its queues")
        self._must_be_up()

    def _must_be_up(self) -> None:
        if self._gone or not self._broker.is_up:
            raise Unreachable("the modelled broker is away")

    async def publish(self, messages: Sequence[Message]) -> None:
        """See Transport. Each copy is stored in a step of its own, so that a crash may find half of a batch stored."""
        homeless = {one.id for one in messages if not HEARD_BY.get(one.type)}
        connection = self._connection
        for message in messages:
            for service in HEARD_BY.get(message.type, ()):
                if self._chance.rarely("splits a batch"):
                    await self._turn(f"has published part of a batch, up to {message.type}")
                    if connection != self._connection or not self._broker.is_up:
                        raise Unreachable("the modelled broker was lost in the middle of a batch")
                self._must_be_up()
                self._broker.store(message, service)
                self._broker.stored.append(message)
        await self._turn(f"awaits the confirm of {', '.join(one.type for one in messages)}")
        if connection != self._connection or self._chance.rarely("loses a confirm"):
            raise Unreachable("the modelled broker's confirm was lost")
        if homeless:
            raise Unroutable(homeless)

    async def consume(self, service: str, handle_batch: HandleBatch, *, stop: asyncio.Event, batch: int = 100) -> None:
        """See Transport: any messages that wait, in any order, some of them again."""
        broker = self._broker
        while not stop.is_set() and not self._gone:
            free = [copy for copy in broker.queues[service] if copy.holder is None]
            if not free or not broker.is_up:
                broker.arrived[service].clear()
                await broker.arrived[service].wait()
                await self._turn("looks for messages")
                continue
            taken = self._chance.some(free, most=self._chance.pick((1, 2, 8)))
            settling = _Settling(self, service, self._connection)
            for copy in taken:
                copy.holder = self
            await self._turn(f"is handed {', '.join(copy.message.type for copy in taken)}")
            if settling.lost:
                continue
            try:
                await handle_batch([Received(copy.message, copy.redelivered, copy) for copy in taken], settling)
            except Unreachable:
                continue

    async def depth(self, service: str) -> Depth:
        """How much waits."""
        return Depth(len(self._broker.queues.get(service, ())), len(self._broker.dead[service]))

    async def dead_letters(self, service: str, *, limit: int = 1000) -> list[DeadLetter]:
        """See Transport."""
        return self._broker.dead[service][:limit]

    async def discard(self, service: str, ids: Collection[str]) -> int:
        """Nobody looks at dead letters here: one is a finding."""
        raise NotImplementedError

    async def replay(self, service: str, ids: Collection[str] | None = None) -> int:
        """See Transport."""
        again = [one for one in self._broker.dead[service] if ids is None or one.message.id in ids]
        for one in again:
            self._broker.dead[service].remove(one)
            self._broker.store(one.message, service)
        return len(again)

    async def healthy(self) -> bool:
        """Whether the broker answers."""
        return self._broker.is_up

    async def close(self) -> None:
        """The connection is given back."""
        self.lose()


@dataclass
class _Settling:
    """How what was handed out over one connection is answered for."""

    transport: ModelledTransport
    service: str
    connection: int

    @property
    def lost(self) -> bool:
        """Whether that connection is gone."""
        return self.transport._connection != self.connection or self.transport._gone

    async def done(self, received: Sequence[Received]) -> None:
        """See Settling."""
        await self.transport._turn(f"acknowledges {', '.join(one.message.type for one in received)}")
        if self.transport._is_not_heard("acknowledgement"):
            self.transport.lose()  # here it is the broker that does not hear, and hands all of it out again
        self._answered(received)

    async def dead(self, received: Received, reason: str) -> None:
        """See Settling."""
        await self.transport._turn(f"gives up on {received.message.type}: {reason}")
        self._answered([received])
        self.transport._broker.dead[self.service].append(DeadLetter(self.service, received.message, reason, None))

    def _answered(self, received: Sequence[Received]) -> None:
        if self.lost:
            raise Unreachable("the modelled broker was lost before it heard the answer")
        queue = self.transport._broker.queues[self.service]
        for one in received:
            copy: Any = one.handle
            if copy in queue:
                queue.remove(copy)
