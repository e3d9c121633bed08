"""The bus on RabbitMQ: a topic exchange, a quorum queue for each service, and its dead letters beside it.

Publishing and each consumer have a connection of their own, so that a broker which blocks publishers (disk or memory alarm)
still serves consumers. Every new connection declares the whole topology first: a wiped broker is whole again before the first
event reaches it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared import clock, logs
from shared.broker import Link
from shared.pace import BackOff, wait_for_any
from shared.transport import DeadLetter, Depth, HandleBatch, Message, Received, Topology, Unreachable, Unroutable

DELIVERY_LIMIT = 100
"""How often the broker itself hands a message out before it puts it among the dead letters. It is the last resort against a
message that kills its consumer; a failing handler is counted by ``shared.delivery`` long before. A restart of the consumer
counts for every message it held, therefore not lower."""

_UNLIMITED = 1_000_000  # RabbitMQ 4 gives a quorum queue a limit of 20 if none is named, and each listing of dead letters counts

REASON = "x-hearth-reason"
DIED_AT = "x-hearth-died-at"
RETRY_SECONDS = 1.0

_log = logs.logger("shared.rabbit")


class RabbitTransport:
    """:class:`shared.transport.Transport` on RabbitMQ 3.10 or newer."""

    def __init__(
        self, url: str, *, prefix: str = "hearth", confirm_seconds: float = 10.0, name: str = "hearth", delivery_limit: int = DELIVERY_LIMIT
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._confirm_seconds = confirm_seconds
        self._name = name
        self._delivery_limit = delivery_limit
        self._topology: Topology = {}
        self._services: tuple[str, ...] = ()
        self._publisher: Link | None = None
        self._looker: Link | None = None
        self._consuming: dict[str, _Consumer] = {}
        self._opening = asyncio.Lock()
        self._looking = asyncio.Lock()

    def _queue(self, service: str) -> str:
        return f"{self._prefix}.{service}"

    def _dead_queue(self, service: str) -> str:
        return f"{self._prefix}.{service}.dead"

    async def declare(self, topology: Topology, services: Collection[str]) -> None:
        """See :class:`shared.transport.Transport`."""
        self._topology, self._services = topology, tuple(services)
        await self._declare_on(await self._publishing())

    async def _declare_on(self, link: Link) -> None:
        await link.exchange(self._prefix, "topic")
        await link.exchange(f"{self._prefix}.dead", "direct")
        for service in self._services:
            await link.queue(self._dead_queue(service), {"x-queue-type": "quorum", "x-delivery-limit": _UNLIMITED})
            link.bind(self._dead_queue(service), f"{self._prefix}.dead", service)
            arguments = {
                "x-queue-type": "quorum",
                "x-delivery-limit": self._delivery_limit,
                "x-dead-letter-exchange": f"{self._prefix}.dead",
                "x-dead-letter-routing-key": service,
                # At least once: the broker forgets a message only when the dead-letter queue has confirmed it.
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            }
            await link.queue(self._queue(service), arguments)
        for event_type, hearers in self._topology.items():
            for service in hearers:
                link.bind(self._queue(service), self._prefix, event_type)
        await link.exchange(self._prefix, "topic")  # its answer says that all bindings before it are made

    async def _open(self, purpose: str) -> Link:
        return await Link.open(self._url, name=f"{self._name} {purpose}")

    async def _open_declared(self, purpose: str) -> Link:
        link = await self._open(purpose)
        try:
            await self._declare_on(link)
        except BaseException:
            await link.close()
            raise
        return link

    async def _publishing(self) -> Link:
        async with self._opening:
            if self._publisher is None or not self._publisher.is_open:
                self._publisher = await self._open_declared("publishes")
            return self._publisher

    async def publish(self, messages: Sequence[Message]) -> None:
        """See :class:`shared.transport.Transport`."""
        link = await self._publishing()
        try:
            await link.publish(self._prefix, [(one.type, one, None) for one in messages], seconds=self._confirm_seconds)
        except Unroutable:
            # A queue may have been deleted under us: the next try declares everything again.
            await link.close()
            raise

    async def consume(self, service: str, handle_batch: HandleBatch, *, stop: asyncio.Event, batch: int = 100) -> None:
        """See :class:`shared.transport.Transport`."""
        back_off = BackOff()
        while not stop.is_set():
            try:
                link = await self._open_declared(f"consumes for {service}")
            except Unreachable as error:
                if not back_off.failures:
                    _log.warning("the broker cannot be reached; trying again", queue=service, reason=str(error))
                await back_off.wait(stop)
                continue
            back_off.succeeded()
            try:
                self._consuming[service] = _Consumer(self, link, service, handle_batch, batch, stop)
                await self._consuming[service].run()
            except Unreachable as error:
                _log.warning("the broker was lost; connecting again", queue=service, reason=str(error))
                await back_off.wait(stop)
            finally:
                del self._consuming[service]
                await link.close()

    async def depth(self, service: str) -> Depth:
        """See :class:`shared.transport.Transport`. RabbitMQ counts what no consumer holds, and does not say how old the oldest is: only
        the process that consumes knows, since the oldest is the first of what it holds."""
        async with self._looking:
            if self._looker is None or not self._looker.is_open:
                self._looker = await self._open("looks")
            waiting, consumers = await self._looker.looked_at(self._queue(service))
            dead = await self._looker.waiting(self._dead_queue(service))
        here = self._consuming.get(service)
        return Depth(waiting, dead, None if here is None else here.oldest_seconds(waiting), consumers)

    async def keep_dead(self, service: str, message: Message, reason: str) -> None:
        """Put a message among a service's dead letters and wait until the broker has it."""
        headers = {REASON: reason, DIED_AT: clock.now().isoformat()}
        link = await self._publishing()
        await link.publish(f"{self._prefix}.dead", [(service, message, headers)], seconds=self._confirm_seconds)

    async def dead_letters(self, service: str, *, limit: int = 1000) -> list[DeadLetter]:
        """See :class:`shared.transport.Transport`."""
        link = await self._open("lists dead letters")
        try:
            # Closing the link gives all of them back.
            return [_dead_letter(service, *taken) for taken in await _take(link, self._dead_queue(service), limit)]
        finally:
            await link.close()

    async def replay(self, service: str, ids: Collection[str] | None = None) -> int:
        """See :class:`shared.transport.Transport`."""
        return await self._take_away(service, ids, give_back=True)

    async def discard(self, service: str, ids: Collection[str]) -> int:
        """See :class:`shared.transport.Transport`."""
        return await self._take_away(service, ids, give_back=False)

    async def _take_away(self, service: str, ids: Collection[str] | None, *, give_back: bool) -> int:
        link = await self._open("replays dead letters" if give_back else "discards dead letters")
        taken = 0
        try:
            for received, _ in await _take(link, self._dead_queue(service), limit=await link.waiting(self._dead_queue(service))):
                if ids is not None and received.message.id not in ids:
                    continue
                if give_back:  # straight into this service's queue (the default exchange): the others have heard it already
                    await link.publish("", [(self._queue(service), received.message, None)], seconds=self._confirm_seconds)
                link.ack(received.handle)
                taken += 1
        finally:
            await link.close()
        return taken

    async def empty(self, service: str) -> None:
        """See :class:`shared.transport.Transport`. What a consumer holds is not thrown away: nobody may be consuming."""
        link = await self._open("empties")
        try:
            for queue in (self._queue(service), self._dead_queue(service)):
                await link.empty(queue)
        finally:
            await link.close()

    async def healthy(self) -> bool:
        """See :class:`shared.transport.Transport`."""
        try:
            await self._publishing()
        except Unreachable:
            return False
        return True

    async def close(self) -> None:
        """See :class:`shared.transport.Transport`."""
        for link in (self._publisher, self._looker):
            if link is not None:
                await link.close()


class _Consumer:
    """One connection's consumer: what it holds, in the order it came, and how it is settled."""

    def __init__(
        self, transport: RabbitTransport, link: Link, service: str, handle_batch: HandleBatch, batch: int, stop: asyncio.Event
    ) -> None:
        self._transport = transport
        self._link = link
        self._service = service
        self._handle_batch = handle_batch
        self._batch = batch
        self._stop = stop
        self._arrived: deque[Received] = deque()
        self._something = asyncio.Event()
        self._held: dict[int, Received] = {}  # by tag, which only grows: the first key is the oldest

    def _take(self, received: Received) -> None:
        self._held[received.handle] = received
        self._arrived.append(received)
        self._something.set()

    def oldest_seconds(self, waiting: int) -> float | None:
        """Age of the oldest event it holds; 0 when it holds none and none waits."""
        if not self._held:
            return None if waiting else 0.0
        try:
            happened = datetime.fromisoformat(json.loads(next(iter(self._held.values())).message.body)["time"])
            return max(0.0, (clock.now() - happened).total_seconds())
        except (ValueError, KeyError, TypeError):
            return None  # it is no event, and about to be a dead letter

    async def run(self) -> None:
        """Until ``stop`` or the link's end (Unreachable)."""
        lost = asyncio.Event()
        self._link.lost.add_done_callback(lambda _: lost.set())
        consumer = await self._link.consume(self._transport._queue(self._service), 3 * self._batch, self._take)
        while not self._stop.is_set():
            if lost.is_set():
                raise Unreachable(f"the broker was lost: {type(self._link.lost.result()).__name__}")
            if not self._arrived:
                self._something.clear()
                await wait_for_any(self._something, self._stop, lost, seconds=60)
                continue
            taken = [self._arrived.popleft() for _ in range(min(self._batch, len(self._arrived)))]
            try:
                await self._handle_batch(taken, self)
            except Exception as error:
                _log.error("a batch could not be handled; it is delivered again", queue=self._service, exc_info=error)
                await wait_for_any(self._stop, lost, seconds=RETRY_SECONDS)
                for one in taken:
                    if self._held.pop(one.handle, None) is not None:
                        self._link.give_back(one.handle)
        if self._link.is_open:
            await self._link.cancel(consumer)

    async def done(self, received: Sequence[Received]) -> None:
        """See :class:`shared.transport.Settling`."""
        self._acknowledge(sorted(tag for one in received if (tag := one.handle) in self._held))

    def _acknowledge(self, tags: list[int]) -> None:
        if not tags:
            return
        for tag in tags:
            del self._held[tag]
        if _first(self._held) > tags[-1]:  # nothing older is still in work: one frame answers for all
            self._link.ack(tags[-1], multiple=True)
            return
        for tag in tags:
            self._link.ack(tag)

    async def dead(self, received: Received, reason: str) -> None:
        """See :class:`shared.transport.Settling`."""
        if received.handle in self._held:
            await self._transport.keep_dead(self._service, received.message, reason)
            self._acknowledge([received.handle])


def _first(held: Mapping[int, Any]) -> float:
    return next(iter(held), float("inf"))


async def _take(link: Link, queue: str, limit: int) -> list[tuple[Received, Mapping[str, Any]]]:
    taken: list[tuple[Received, Mapping[str, Any]]] = []
    while len(taken) < limit and (one := await link.get(queue)) is not None:
        taken.append(one)
    return taken


def _dead_letter(service: str, received: Received, headers: Mapping[str, Any]) -> DeadLetter:
    reason = headers.get(REASON)
    died_at = headers.get(DIED_AT)
    if reason is None:  # the broker put it there itself
        deaths: Iterable[Mapping[str, Any]] = headers.get("x-death") or ()
        said = {str(death.get("reason")) for death in deaths}
        reason = f"the broker gave up: {', '.join(sorted(said)) or 'no reason given'}"
        times = [death["time"] for death in deaths if isinstance(death.get("time"), datetime)]
        return DeadLetter(service, received.message, reason, max(times).replace(tzinfo=UTC) if times else None)
    return DeadLetter(service, received.message, reason, datetime.fromisoformat(died_at) if died_at else None)
