"""The promises of the bus, each asked of RabbitMQ and of the queue table alike."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared import clock, queue_table, rabbit
from shared.transport import Message, PublishFailed, Received, Settling, Transport, Unreachable, Unroutable, connect
from tests.shared.bus.conftest import Bus

TOPOLOGY = {"a.happened": ("north", "south"), "b.happened": ("south",)}
SERVICES = ("north", "south")


def message(type: str = "a.happened", id: str | None = None) -> Message:
    return Message(id or secrets.token_hex(8), type, b'{"said": "\xc2\xa3"}')


async def declared(bus: Bus, url: str | None = None, **options: Any) -> Any:
    transport = bus.open(url, **options)
    await transport.declare(TOPOLOGY, SERVICES)
    return transport


class Listener:
    """A consumer that settles what it is given and remembers it; stops once it has seen enough."""

    def __init__(self, enough: int, *, stop: asyncio.Event | None = None) -> None:
        self.enough = enough
        self.stop = stop or asyncio.Event()
        self.batches: list[list[Received]] = []

    @property
    def seen(self) -> list[str]:
        return [one.message.id for batch in self.batches for one in batch]

    async def __call__(self, batch: Sequence[Received], settling: Settling) -> None:
        self.batches.append(list(batch))
        await settling.done(batch)
        if len(self.seen) >= self.enough:
            self.stop.set()


class SlowAtFirst(Listener):
    """The same, busy with its first batch for so long that the bus has brought more than the next one holds."""

    async def __call__(self, batch: Sequence[Received], settling: Settling) -> None:
        if not self.batches:
            await asyncio.sleep(1)
        await super().__call__(batch, settling)


async def heard(transport: Transport, service: str, count: int, *, batch: int = 100) -> Listener:
    """Consume until ``count`` messages were seen."""
    listener = Listener(count)
    await asyncio.wait_for(transport.consume(service, listener, stop=listener.stop, batch=batch), 60)
    return listener


async def until(condition: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for something another task brings about."""
    end = time.monotonic() + seconds
    while True:
        outcome = condition()
        if asyncio.iscoroutine(outcome):
            outcome = await outcome
        if outcome:
            return
        assert time.monotonic() < end, "it did not come about in time"
        await asyncio.sleep(0.02)


async def test_a_message_reaches_every_queue_bound_to_its_type_whole(bus: Bus) -> None:
    transport = await declared(bus)
    both, one = message("a.happened"), message("b.happened")
    await transport.publish([both, one])
    assert [received.message for received in (await heard(transport, "north", 1)).batches[0]] == [both]
    assert set((await heard(transport, "south", 2)).seen) == {both.id, one.id}


async def test_a_message_nobody_hears_is_an_error_and_the_others_of_its_batch_arrive(bus: Bus) -> None:
    transport = await declared(bus)
    known, unknown = message(), message("nobody.hears")
    with pytest.raises(Unroutable) as raised:
        await transport.publish([known, unknown])
    assert raised.value.ids == {unknown.id}
    assert (await heard(transport, "north", 1)).seen == [known.id]


async def test_declaring_twice_changes_nothing(bus: Bus) -> None:
    transport = await declared(bus)
    await transport.publish([message()])
    await (await declared(bus)).declare(TOPOLOGY, SERVICES)
    assert (await transport.depth("north")).waiting == 1


async def test_emptying_one_services_queue_and_dead_letters_leaves_the_others(bus: Bus) -> None:
    transport = await declared(bus)
    await transport.publish([message(), message()])
    stop = asyncio.Event()

    async def bury_one(batch: Sequence[Received], settling: Settling) -> None:
        hearing.append((await transport.depth("north")).consumers)
        stop.set()
        await settling.dead(batch[0], "for the test")

    hearing: list[int] = []
    south = (await transport.depth("south")).waiting
    await asyncio.wait_for(transport.consume("north", bury_one, stop=stop, batch=1), 60)
    assert (await transport.depth("north")).dead == 1
    assert hearing[0] == (1 if bus.kind == "rabbitmq" else 0)
    await transport.empty("north")
    depth = await transport.depth("north")
    assert (depth.waiting, depth.dead) == (0, 0)
    assert (await transport.depth("south")).waiting == south


async def test_a_batch_that_was_not_settled_is_delivered_again_and_says_so(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rabbit, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(queue_table, "RETRY_SECONDS", 0.05)
    transport = await declared(bus)
    await transport.publish([message(id="fails twice")])
    stop, tries = asyncio.Event(), []

    async def fails_twice(batch: Sequence[Received], settling: Settling) -> None:
        tries.append(batch[0].redelivered)
        if len(tries) < 3:
            raise RuntimeError("not yet")
        await settling.done(batch)
        stop.set()

    await asyncio.wait_for(transport.consume("north", fails_twice, stop=stop), 60)
    assert tries == [False, True, True]
    assert (await transport.depth("north")).waiting == 0


async def test_what_a_lost_consumer_held_is_delivered_to_another(bus: Bus) -> None:
    proxy, through = await bus.behind_a_proxy()
    doomed, survivor = await declared(bus, through), await declared(bus)
    await survivor.publish([message(id="held")])
    stop, holding = asyncio.Event(), asyncio.Event()

    async def hold(batch: Sequence[Received], settling: Settling) -> None:
        holding.set()

    consuming = asyncio.create_task(doomed.consume("north", hold, stop=stop))
    await asyncio.wait_for(holding.wait(), 60)
    proxy.refuse()
    assert (await heard(survivor, "north", 1)).seen == ["held"]
    stop.set()
    await asyncio.wait_for(consuming, 60)


async def test_a_dead_letter_is_kept_whole_with_its_reason_until_it_is_replayed_to_that_service_alone(bus: Bus) -> None:
    transport = await declared(bus)
    first, second = message(), message()
    await transport.publish([first, second])
    stop = asyncio.Event()

    async def bury(batch: Sequence[Received], settling: Settling) -> None:
        for one in batch:
            await settling.dead(one, f"no home for {len(one.message.body)} bytes")
        if (await transport.depth("north")).dead == 2:
            stop.set()

    async def bury_last(batch: Sequence[Received], settling: Settling) -> None:
        await settling.dead(batch[0], "for the test")
        stop.set()

    await asyncio.wait_for(transport.consume("north", bury, stop=stop), 60)
    for _ in (1, 2):  # looking takes nothing away
        letters = await transport.dead_letters("north")
        assert [letter.message for letter in letters] == [first, second]
        assert {letter.reason for letter in letters} == {f"no home for {len(first.body)} bytes"}
        assert all(letter.died_at for letter in letters)
    third = message()
    await transport.publish([third])
    stop.clear()
    await asyncio.wait_for(transport.consume("north", bury_last, stop=stop), 60)
    assert await transport.discard("north", ["another"]) == 0
    assert await transport.discard("north", [third.id]) == 1
    assert [letter.message for letter in await transport.dead_letters("north")] == [first, second], "the others stay"
    assert await transport.replay("north", [second.id]) == 1
    assert (await heard(transport, "north", 1)).seen == [second.id]
    assert await transport.replay("north") == 1
    assert (await heard(transport, "north", 1)).seen == [first.id]
    assert await transport.dead_letters("north") == []
    assert (await transport.depth("south")).waiting == 3


async def test_a_message_that_is_never_finished_becomes_a_dead_letter_by_itself(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rabbit, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(queue_table, "RETRY_SECONDS", 0.01)
    transport = await declared(bus, delivery_limit=3)
    await transport.publish([message(id="poison")])
    stop = asyncio.Event()

    async def break_down(batch: Sequence[Received], settling: Settling) -> None:
        raise RuntimeError("again")

    consuming = asyncio.create_task(transport.consume("north", break_down, stop=stop))

    async def is_dead() -> bool:
        return bool((await transport.depth("north")).dead == 1)

    await until(is_dead)
    stop.set()
    await asyncio.wait_for(consuming, 60)
    [letter] = await transport.dead_letters("north")
    assert letter.message.id == "poison"
    assert letter.reason
    assert letter.died_at


async def test_batches_are_as_large_as_asked_and_nothing_comes_twice(bus: Bus) -> None:
    transport = await declared(bus)
    sent = [message() for _ in range(230)]
    await transport.publish(sent)
    listener = SlowAtFirst(230)
    await asyncio.wait_for(transport.consume("north", listener, stop=listener.stop, batch=50), 60)
    assert max(len(batch) for batch in listener.batches) == 50
    assert sorted(listener.seen) == sorted(one.id for one in sent)
    assert listener.seen == [one.id for one in sent], "one consumer and no failure: the order of publishing"


async def test_two_consumers_share_the_work_and_do_nothing_twice(bus: Bus) -> None:
    publisher = await declared(bus)
    stop = asyncio.Event()
    listeners = [Listener(10**9, stop=stop), Listener(10**9, stop=stop)]
    consuming = [asyncio.create_task((await declared(bus)).consume("north", one, stop=stop, batch=10)) for one in listeners]
    sent = [message() for _ in range(400)]
    for start in range(0, 400, 20):
        await publisher.publish(sent[start : start + 20])
        await asyncio.sleep(0.005)
    await until(lambda: sum(len(one.seen) for one in listeners) >= 400)
    stop.set()
    await asyncio.gather(*consuming)
    assert all(one.seen for one in listeners)
    assert sorted(listeners[0].seen + listeners[1].seen) == sorted(one.id for one in sent)


async def test_stopping_finishes_the_batch_in_hand_and_leaves_the_rest_waiting(bus: Bus) -> None:
    transport = await declared(bus)
    await transport.publish([message() for _ in range(30)])
    stop, began = asyncio.Event(), asyncio.Event()
    finished: list[Received] = []

    async def slowly(batch: Sequence[Received], settling: Settling) -> None:
        began.set()
        await asyncio.sleep(0.3)
        await settling.done(batch)
        finished.extend(batch)

    consuming = asyncio.create_task(transport.consume("north", slowly, stop=stop, batch=10))
    await asyncio.wait_for(began.wait(), 60)
    stop.set()
    await asyncio.wait_for(consuming, 60)
    assert 1 <= len(finished) <= 10, "one batch: what had come by then, and no more than was asked"

    async def others_wait() -> bool:
        return bool((await transport.depth("north")).waiting == 30 - len(finished))

    await until(others_wait)


async def test_no_more_than_three_batches_are_held_unsettled(bus: Bus) -> None:
    transport = await declared(bus)
    await transport.publish([message() for _ in range(100)])
    stop = asyncio.Event()
    held: list[Received] = []

    async def keep(batch: Sequence[Received], settling: Settling) -> None:
        held.extend(batch)

    consuming = asyncio.create_task(transport.consume("north", keep, stop=stop, batch=10))
    await until(lambda: len(held) == 30)
    await asyncio.sleep(2 * queue_table.ABANDONED_EVERY_SECONDS)  # nor does anybody take over what a living consumer holds
    assert len(held) == 30
    stop.set()
    await asyncio.wait_for(consuming, 60)


async def test_some_of_a_batch_may_be_settled_later_and_in_any_order(bus: Bus) -> None:
    transport = await declared(bus)
    await transport.publish([message(id=str(number)) for number in range(6)])
    stop = asyncio.Event()
    got: list[Received] = []
    answers: list[Settling] = []

    async def keep(batch: Sequence[Received], settling: Settling) -> None:
        got.extend(batch)
        answers.append(settling)

    consuming = asyncio.create_task(transport.consume("north", keep, stop=stop))
    await until(lambda: len(got) == 6)
    await answers[0].done([got[4], got[2]])
    await answers[0].done([got[0]])
    await answers[0].dead(got[5], "no")
    stop.set()
    await asyncio.wait_for(consuming, 60)
    assert sorted((await heard(transport, "north", 2)).seen) == ["1", "3"]
    assert [letter.message.id for letter in await transport.dead_letters("north")] == ["5"]


async def test_a_cut_connection_is_survived_by_publisher_and_consumer(bus: Bus) -> None:
    proxy, through = await bus.behind_a_proxy()
    transport = await declared(bus, through)
    listener = Listener(100)  # what was seen but not yet settled when the line was cut comes again, so seeing two things is not enough
    consuming = asyncio.create_task(transport.consume("north", listener, stop=listener.stop))
    await transport.publish([message(id="before")])
    await until(lambda: listener.seen)
    proxy.cut()
    await until(lambda: tried(transport, message(id="after")))
    await until(lambda: set(listener.seen) == {"before", "after"})
    listener.stop.set()
    await asyncio.wait_for(consuming, 60)


class DiedInTheDriversHands:
    """A connection that ended in the middle of an answer: the driver says so with an error of its own that is no PostgreSQL error."""

    def is_closed(self) -> bool:
        return False

    async def fetchrow(self, *_: object) -> None:
        raise asyncpg.InternalClientError("got result for unknown protocol state 3")

    async def close(self, **_: float) -> None:
        """Nothing is left to close."""


async def test_a_connection_that_died_in_the_drivers_hands_is_a_bus_that_was_lost() -> None:
    transport = queue_table.QueueTableTransport("postgresql://nowhere")
    transport._connection = DiedInTheDriversHands()
    with pytest.raises(Unreachable):
        await transport.depth("north")
    assert transport._connection is None, "the next call opens another"


async def tried(transport: Transport, one: Message) -> bool:
    try:
        await transport.publish([one])
    except PublishFailed:
        return False
    return True


async def test_a_bus_that_is_away_is_unreachable_not_healthy_and_then_well_again(bus: Bus) -> None:
    proxy, through = await bus.behind_a_proxy()
    transport = await declared(bus, through)
    assert await transport.healthy()
    proxy.refuse()
    await until(lambda: becomes_unhealthy(transport))
    with pytest.raises(Unreachable):
        await transport.publish([message()])
    proxy.refuse(False)
    assert await transport.healthy()
    await transport.publish([message()])


async def becomes_unhealthy(transport: Transport) -> bool:
    return not await transport.healthy()


async def test_a_bus_that_falls_silent_is_given_up_at_our_own_deadline(bus: Bus) -> None:
    proxy, through = await bus.behind_a_proxy()
    transport = await declared(bus, through, confirm_seconds=0.5)
    proxy.silence()
    began = time.monotonic()
    with pytest.raises(PublishFailed):
        await transport.publish([message()])
    assert time.monotonic() - began < 3
    proxy.speak()
    await until(lambda: tried(transport, message()))


async def test_a_wiped_bus_is_whole_again_before_the_first_event_reaches_it(bus: Bus) -> None:
    transport = await declared(bus)
    await bus.wipe()
    await until(lambda: tried(transport, message(id="after the wipe")))
    assert (await heard(transport, "north", 1)).seen == ["after the wipe"]
    assert "after the wipe" in (await heard(transport, "south", 1)).seen


async def test_a_consumer_survives_a_wiped_bus(bus: Bus) -> None:
    transport = await declared(bus)
    listener = Listener(1)
    consuming = asyncio.create_task(transport.consume("north", listener, stop=listener.stop))
    await asyncio.sleep(0.2)
    await bus.wipe()
    await until(lambda: tried(transport, message(id="after the wipe")))
    await asyncio.wait_for(consuming, 60)
    assert listener.seen == ["after the wipe"]


async def test_the_depth_counts_what_waits_and_what_is_dead(bus: Bus) -> None:
    transport = await declared(bus)
    await transport.publish([message(), message()])
    depth = await transport.depth("north")
    assert (depth.waiting, depth.dead) == (2, 0)


async def test_who_consumes_knows_how_old_the_oldest_event_is(bus: Bus) -> None:
    transport = await declared(bus)
    stop, held = asyncio.Event(), asyncio.Event()

    async def keeps(batch: Sequence[Received], settling: Settling) -> None:
        held.set()
        await release.wait()
        await settling.done(batch)

    release = asyncio.Event()
    consumer = bus.open()
    await consumer.declare(TOPOLOGY, SERVICES)
    consuming = asyncio.create_task(consumer.consume("north", keeps, stop=stop))
    happened = (clock.now() - timedelta(minutes=5)).isoformat()
    await transport.publish([Message("1", "a.happened", json.dumps({"time": happened}).encode())])
    await held.wait()
    age = (await consumer.depth("north")).oldest_seconds
    assert age is not None
    if bus.kind == "rabbitmq":
        assert 299 < age < 400, "since it happened"
    else:
        assert 0 <= age < 60, "since it was published"
    release.set()

    async def nothing_waits() -> bool:
        depth = await consumer.depth("north")
        return depth.waiting == 0 and not depth.oldest_seconds

    await until(nothing_waits)
    stop.set()
    await consuming


def test_the_address_chooses_the_transport() -> None:
    assert isinstance(connect("amqp://guest@127.0.0.1/"), rabbit.RabbitTransport)
    assert isinstance(connect("postgresql+asyncpg://bus@/hearth_bus"), queue_table.QueueTableTransport)
    with pytest.raises(ValueError, match="amqp"):
        connect("redis://127.0.0.1")
