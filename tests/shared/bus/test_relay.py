"""What is recorded is published: at least once, whatever stops in between, and never for a transaction that did not commit."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared import clock, outbox, relay, tenancy
from shared.contracts import HEARD_BY, SERVICES, Envelope
from shared.contracts.providers import CouncilRecorded
from shared.transport import PublishFailed, Unroutable
from tests.running.proxy import proxy_before
from tests.shared.bus.conftest import Bus, settings_for
from tests.shared.bus.effects import BRISTOL, record, unsent
from tests.shared.bus.test_transports import heard, until


async def process(role: str, databases: tenancy.Databases, bus: Bus, *, fail_point: str = "") -> asyncio.subprocess.Process:
    """A relay or consumer of its own, that may kill itself at a fail point."""
    environment = {
        **os.environ,
        "DATABASE_URL": databases.shared.url.set(drivername="postgresql").render_as_string(hide_password=False),
        "BROKER_URL": bus.url,
        "ISSUER": "http://issuer.test",
        "QUEUE_PREFIX": bus.prefix,
        "HEARTH_FAIL_POINT": fail_point,
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.shared.bus.process", role, env=environment, stdout=asyncio.subprocess.DEVNULL
    )

    async def end() -> None:
        if child.returncode is None:  # the test failed before the fail point did its work
            child.kill()
            await child.wait()

    bus.rooms.push_async_callback(end)
    return child


async def declared(bus: Bus) -> Any:
    transport = bus.open()
    await transport.declare(HEARD_BY, SERVICES)
    return transport


class Carrying:
    """A relay in this process for as long as the block lasts."""

    def __init__(self, databases: tenancy.Databases, bus: Bus, url: str | None = None, **changes: Any) -> None:
        self.stop = asyncio.Event()
        transport = bus.open(url, confirm_seconds=2.0)
        self.work = relay.run(databases, transport, settings_for("postgresql://unused", bus, **changes), self.stop)

    async def __aenter__(self) -> Carrying:
        self.task = asyncio.create_task(self.work)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, 60)


async def all_sent(databases: tenancy.Databases) -> bool:
    return await unsent(databases) == 0


async def test_an_event_is_published_as_it_was_recorded(databases: tenancy.Databases, bus: Bus) -> None:
    [id] = await record(databases, ["Bristol"])
    async with Carrying(databases, bus):
        [received] = (await heard(await declared(bus), "matching", 1)).batches[0]
    envelope = Envelope.model_validate_json(received.message.body)
    assert (envelope.id, envelope.source, envelope.organisation) == (id, "/kit", str(BRISTOL))
    assert envelope.data["name"] == "Bristol"
    assert received.message.id == str(id)


async def test_nothing_is_published_for_a_transaction_that_rolls_back(databases: tenancy.Databases, bus: Bus) -> None:
    with pytest.raises(LookupError):
        async with tenancy.transaction(databases, BRISTOL) as transaction:
            event = CouncilRecorded(council="E06000023", name="never", joined_on=clock.today())
            outbox.record(transaction, event, subject="E06000023", version=1, council=None)
            raise LookupError
    assert await relay.carry_once(databases.shared, await declared(bus)) == 0


async def test_an_organisation_can_record_but_not_read_mark_or_remove_what_was_recorded(databases: tenancy.Databases, bus: Bus) -> None:
    await record(databases, ["Bristol"])
    async with tenancy.transaction(databases, BRISTOL) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM outbox")) == 0
        assert (await transaction.execute(text("UPDATE outbox SET sent_at = now()"))).rowcount == 0
        assert (await transaction.execute(text("DELETE FROM outbox"))).rowcount == 0
        assert (await transaction.execute(text("DELETE FROM inbox"))).rowcount == 0
    assert await unsent(databases) == 1


async def test_numbers_that_commit_out_of_order_are_not_skipped(databases: tenancy.Databases, bus: Bus) -> None:
    transport = await declared(bus)
    slow_may_commit = asyncio.Event()
    slow_has_its_number = asyncio.Event()

    async def slow() -> None:
        async with tenancy.transaction(databases, BRISTOL) as transaction:
            event = CouncilRecorded(council="E06000023", name="first number, last commit", joined_on=clock.today())
            outbox.record(transaction, event, subject="E06000023", version=1, council=None)
            await outbox.flush(transaction)
            transaction.pending.clear()  # written by hand, so that the number is taken before the commit
            slow_has_its_number.set()
            await slow_may_commit.wait()

    writing = asyncio.create_task(slow())
    await slow_has_its_number.wait()
    await record(databases, ["second number, first commit"])
    assert await relay.carry_once(databases.shared, transport) == 1
    slow_may_commit.set()
    await writing
    assert await relay.carry_once(databases.shared, transport) == 1
    listener = await heard(transport, "matching", 2)
    names = [Envelope.model_validate_json(one.message.body).data["name"] for batch in listener.batches for one in batch]
    assert names == ["second number, first commit", "first number, last commit"]


@pytest.mark.parametrize("place", ["relay.after_publish", "relay.after_mark"])
async def test_a_relay_that_is_killed_loses_nothing(databases: tenancy.Databases, bus: Bus, place: str) -> None:
    ids = await record(databases, [str(number) for number in range(5)])
    doomed = await process("relay", databases, bus, fail_point=f"{place}:1")
    assert await asyncio.wait_for(doomed.wait(), 60) == -signal.SIGKILL
    transport = await declared(bus)
    twice = place == "relay.after_publish"
    assert await unsent(databases) == (5 if twice else 0)
    async with Carrying(databases, bus):
        await until(lambda: all_sent(databases))
    seen = Counter((await heard(transport, "matching", 10 if twice else 5)).seen)
    assert seen == {str(id): 2 if twice else 1 for id in ids}


async def test_two_relays_share_the_work_and_publish_nothing_twice(databases: tenancy.Databases, bus: Bus) -> None:
    ids = []
    for _ in range(20):
        ids += await record(databases, [str(number) for number in range(25)])
    transport = await declared(bus)
    one, other = bus.open(), bus.open()
    for each in (one, other):
        await each.declare(HEARD_BY, SERVICES)

    async def carry(through: Any) -> int:
        total = 0
        while carried := await relay.carry_once(databases.shared, through, batch=20):
            total += carried
        return total

    shares = await asyncio.gather(carry(one), carry(other))
    assert sum(shares) == 500
    assert min(shares) > 0
    assert sorted((await heard(transport, "matching", 500)).seen) == sorted(str(id) for id in ids)


async def test_a_bus_that_is_away_keeps_events_in_the_outbox_until_it_is_back(databases: tenancy.Databases, bus: Bus) -> None:
    proxy, through = await bus.behind_a_proxy()
    proxy.refuse()
    async with Carrying(databases, bus, through):
        await record(databases, ["waits"])
        await asyncio.sleep(0.5)
        assert await unsent(databases) == 1
        proxy.refuse(False)
        await until(lambda: all_sent(databases))
        proxy.cut()
        await record(databases, ["after the cut"])
        await until(lambda: all_sent(databases))


async def test_a_database_that_is_away_is_waited_for(databases: tenancy.Databases, bus: Bus) -> None:
    url = databases.shared.url
    async with proxy_before(url.host or "", url.port or 5432) as proxy:
        engine = tenancy.engine_for(url.set(port=proxy.port).render_as_string(hide_password=False))
        behind = tenancy.Databases(engine, source="/kit")
        async with Carrying(behind, bus):
            await record(databases, ["before"])
            await until(lambda: all_sent(databases))
            proxy.refuse()
            await record(databases, ["while the relay cannot see it"])
            await asyncio.sleep(0.5)
            assert await unsent(databases) == 1
            proxy.refuse(False)
            await until(lambda: all_sent(databases))
        await behind.close()


async def test_stopping_finishes_the_batch_in_hand(databases: tenancy.Databases, bus: Bus) -> None:
    await record(databases, [str(number) for number in range(100)])
    transport = bus.open()
    stop = asyncio.Event()
    publish = transport.publish

    async def stopped_while_publishing(messages: Any) -> None:
        stop.set()
        await asyncio.sleep(0.1)
        await publish(messages)

    transport.publish = stopped_while_publishing
    await asyncio.wait_for(relay.run(databases, transport, settings_for("postgresql://unused", bus), stop), 60)
    assert await unsent(databases) == 0


async def test_an_event_nobody_hears_stays_and_does_not_hold_up_the_others(databases: tenancy.Databases, bus: Bus) -> None:
    await record(databases, ["heard"])
    async with tenancy.transaction(databases, BRISTOL) as transaction:
        await transaction.execute(text("INSERT INTO outbox (id, type, envelope) VALUES (gen_random_uuid(), 'nobody.hears', '{}')"))
    transport = await declared(bus)
    with pytest.raises(Unroutable):
        await relay.carry_once(databases.shared, transport)
    assert await unsent(databases) == 1
    assert len((await heard(await declared(bus), "matching", 1)).seen) == 1


async def test_what_the_bus_refuses_is_not_marked(databases: tenancy.Databases, bus: Bus) -> None:
    await record(databases, ["refused"])
    transport = await declared(bus)

    async def refuses(messages: Any) -> None:
        raise PublishFailed("refused")

    transport.publish = refuses
    with pytest.raises(PublishFailed):
        await relay.carry_once(databases.shared, transport)
    assert await unsent(databases) == 1


async def test_old_sent_events_and_heard_ids_are_pruned_and_unsent_ones_never(databases: tenancy.Databases, bus: Bus) -> None:
    await record(databases, ["old and sent", "old and unsent", "new and sent"])
    long_ago = clock.now() - timedelta(days=31)
    async with tenancy.plumbing(databases.shared) as transaction:
        rows = (await transaction.execute(text("SELECT id FROM outbox ORDER BY position"))).scalars().all()
        await transaction.execute(text("UPDATE outbox SET sent_at = :then WHERE id = :id"), {"then": long_ago, "id": rows[0]})
        await transaction.execute(text("UPDATE outbox SET sent_at = now() WHERE id = :id"), {"id": rows[2]})
        await transaction.execute(text("INSERT INTO inbox (event_id, heard_at) VALUES (:id, :then)"), {"id": rows[0], "then": long_ago})
        await transaction.execute(text("INSERT INTO inbox (event_id) VALUES (:id)"), {"id": rows[1]})
    assert await relay.prune(databases.shared, days=30) == 2
    async with tenancy.plumbing(databases.shared) as transaction:
        assert (await transaction.execute(text("SELECT id FROM outbox ORDER BY position"))).scalars().all() == rows[1:]
        assert (await transaction.execute(text("SELECT event_id FROM inbox"))).scalars().all() == [rows[1]]


async def test_a_relay_in_the_same_process_is_woken_by_the_commit(
    databases: tenancy.Databases, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.pace.BUSY_SECONDS", 30)
    monkeypatch.setattr("shared.pace.IDLE_SECONDS", 30)
    async with Carrying(databases, bus):
        await asyncio.sleep(0.5)
        await record(databases, ["at once"])
        await until(lambda: all_sent(databases), seconds=20)
