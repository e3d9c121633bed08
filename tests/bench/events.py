"""Events: outbox, relay, RabbitMQ, inbox; beside bare pika, one at a time, and by the clock."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg

from shared import clock, ids, kit_tables, outbox, tenancy, transport
from shared.contracts import HEARD_BY, SERVICES, Envelope
from shared.contracts.referrals import ChildView, NearPlace, ReferralBroadcast, ReferralView
from shared.contracts.words import Need, PlacementKind, Religion, Sex, Siblings, Urgency
from shared.organisation import Organisation
from shared.transport import Message
from tests.bench.event_process import HANDLERS
from tests.bench.figures import Figure, Section, at_least, milliseconds, percentile, rate, spread, within
from tests.bench.ground import Ground, commit_times, prepared
from tests.bench.progress import say

NAME = "events"
COUNCIL = Organisation.council("E06000045")
EVENTS_A_SECOND = 50
EFFECTS = (
    "CREATE TABLE effects (organisation text NOT NULL, event_id uuid PRIMARY KEY, note text NOT NULL)",
    "ALTER TABLE effects ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE effects FORCE ROW LEVEL SECURITY",
    """CREATE POLICY effects_own ON effects FOR ALL USING (organisation = (select current_setting('app.organisation', true)))
       WITH CHECK (organisation = (select current_setting('app.organisation', true)))""",
    "GRANT SELECT, INSERT ON effects TO kit_app",
)


def broadcast_event(referral: UUID) -> ReferralBroadcast:
    """The news of one ordinary referral, as it travels."""
    view = ReferralView(
        referral=referral,
        reference="K7M4-WQ3P",
        council="E06000045",
        lot="general",
        urgency=Urgency.PLANNED,
        kind=PlacementKind.SHORT_TERM,
        needed_by=clock.today() + timedelta(days=10),
        planned=True,
        closes_at=clock.now() + timedelta(days=2),
        expected_weeks=26,
        siblings=Siblings.ONLY_CHILD,
        children=(
            ChildView(
                child_number=1,
                age_years=11,
                sex=Sex.FEMALE,
                languages=("en", "pl"),
                religion=Religion.CHRISTIAN,
                essential_needs=(Need.AUTISM,),
                preferred_needs=(Need.NO_PETS,),
            ),
        ),
        home_district="SO14",
        near=(NearPlace(what="school", district="SO15"),),
        avoid_districts=("PO1",),
        preferred_miles=10,
    )
    return ReferralBroadcast(view=view, in_house_reason="no_carer_with_vacancy")


def envelope(referral: UUID) -> Envelope:
    """The same in its envelope."""
    return Envelope.of(
        broadcast_event(referral),
        id=ids.new_id(),
        source="/referrals",
        time=clock.now(),
        subject=str(referral),
        version=4,
        organisation=str(COUNCIL),
        council=COUNCIL.code,
        requestid=str(ids.new_id()),
    )


async def measure(quick: bool) -> Section:
    """Throughput in turn, then times at a steady pace."""
    async with prepared("monitoring") as ground:
        bench = _Events(ground, 2_000 if quick else 10_000, 3 if quick else 12)
        await bench.prepare()
        return await bench.section()


@dataclass
class _Delivered:
    """Events a second, and the consumer's processor time: by the size of a batch, one value a turn."""

    a_second: dict[int, list[float]] = field(default_factory=lambda: {100: [], 1: []})
    cost: dict[int, list[float]] = field(default_factory=lambda: {100: [], 1: []})

    def take(self, batch: int, took: dict[str, Any]) -> None:
        """Keep one turn."""
        self.a_second[batch].append(took["events"] / took["seconds"])
        self.cost[batch].append(took["cpu"] / took["events"])

    def figure(self, name: str, goal: float | None = None) -> Figure:
        """A hundred at a time beside one at a time."""
        together, alone = median(self.a_second[100]), median(self.a_second[1])
        measured, against = (f"{rate(median(some))} {spread(some)}" for some in (self.a_second[100], self.a_second[1]))
        if goal is None:
            return Figure(name, measured, against, f"{together / alone:.2f}")
        return at_least(name, goal, together, alone, measured=measured, against=against)

    def each(self, batch: int) -> str:
        """What one event takes, and how much of it is the consumer's own."""
        return f"{milliseconds(1 / median(self.a_second[batch]))} ({milliseconds(median(self.cost[batch]))} of the consumer's processor)"

    @property
    def busy(self) -> float:
        """The share of its time in which the consumer's processor works."""
        return median(self.cost[100]) * median(self.a_second[100])


class _Events:
    def __init__(self, ground: Ground, count: int, seconds: float) -> None:
        self.ground = ground
        self.count = count
        self.seconds = seconds
        self.administrator: asyncpg.Connection

    async def prepare(self) -> None:
        """A database with the kit's tables and one of effects; the queues of the whole topology."""
        addresses = await self.ground.database("kit")
        owner = await asyncpg.connect(addresses.owner_url)
        for statement in (*kit_tables.statements_v1("kit"), *EFFECTS):
            await owner.execute(statement)
        await owner.close()
        self.administrator = await self.ground.administrator("kit")
        await self._empty_queues()

    async def section(self) -> Section:
        relayed, bare, relayed_cpu = [], [], []
        for side in "ABBA":
            if side == "A":
                took = await self.relay()
                relayed.append(self.count / took["seconds"])
                relayed_cpu.append(took["cpu"] / took["seconds"])
            else:
                bare.append(self.count / (await self.bare())["seconds"])
        kept = {name: await self.delivered(name, self.count if name != "monitoring" else self.count // 5) for name in HANDLERS}
        times = await self.commit_to_visible()
        await self.administrator.close()
        size = len(envelope(ids.new_id()).to_json())
        return Section(
            "Events: outbox, relay, RabbitMQ, inbox",
            f"{self.count:,} events `referral.broadcast` ({size} bytes), each into the two quorum queues that hear it. The relay (one "
            "process: outbox rows marked, published, confirmed, committed, 100 at a time) beside bare pika (`SelectConnection`, batches of "
            "100, confirms, mandatory, persistent) with the same bodies into the same queues; in turn A B B A, medians.",
            [
                at_least(
                    "relay",
                    0.7,
                    median(relayed),
                    median(bare),
                    measured=f"{rate(median(relayed))} {spread(relayed)}",
                    against=f"{rate(median(bare))} {spread(bare)}",
                ),
                kept["together"].figure("delivery in batches of 100, beside one at a time", goal=8),
                kept["apart"].figure("the same where each event of a batch writes its own row"),
                kept["monitoring"].figure("the same of all that monitoring does"),
                Figure(f"commit to visible at {EVENTS_A_SECOND} events a second, p50", milliseconds(percentile(times, 0.5))),
                within(f"commit to visible at {EVENTS_A_SECOND} events a second, p99", 0.030, percentile(times, 0.99)),
            ],
            [
                "Commit to visible: from the commit of the transaction that recorded the event to the commit of the one in which the "
                "consumer wrote its row, both as stamped by PostgreSQL (`pg_xact_commit_timestamp`); producer, relay and consumer are "
                f"three processes, and the relay finds the event by polling. {len(times):,} events.",
                f"The relay's process is busy {median(relayed_cpu):.0%} of its time, the consumer's {kept['together'].busy:.0%}: "
                "the rest is waiting for broker and database.",
                "The first two handlers write one row an event: claim of the event's id, its effect and the commit are one transaction a "
                "batch. A handler that takes a batch together writes all rows in one statement, as monitoring's does, which hears all; "
                "those of the other services take one event after another, in one transaction. "
                f"Together an event takes {kept['together'].each(100)}, one after another in a batch {kept['apart'].each(100)}, alone "
                f"{kept['together'].each(1)}, with a transaction and a flush of its own; at monitoring {kept['monitoring'].each(100)} and "
                f"{kept['monitoring'].each(1)}. The quicker the disk, the less there is for a batch to save.",
            ],
        )

    def _environment(self) -> dict[str, str]:
        return self.ground.environment("kit")

    async def _in_process(self, *arguments: str, service: str = "kit") -> dict[str, Any]:
        environment = self.ground.environment(service)
        async with self.ground.process("tests.bench.event_process", *arguments, environment=environment) as process:
            return await process.result()

    async def _empty_queues(self) -> None:
        bus = transport.connect(self.ground.amqp_url, prefix=self.ground.prefix)
        await bus.declare(HEARD_BY, SERVICES)
        await bus.close()
        await asyncio.to_thread(self.ground.purge_queues)

    async def relay(self) -> dict[str, Any]:
        say(f"events: {self.count:,} by the relay")
        await self._empty_queues()
        await self.administrator.execute("TRUNCATE outbox")
        rows = [(one.id, one.type, one.to_json().decode()) for one in (envelope(ids.new_id()) for _ in range(self.count))]
        await self.administrator.copy_records_to_table("outbox", records=rows, columns=["id", "type", "envelope"])
        await self.administrator.execute("ANALYZE outbox")
        return await self._in_process("relay", str(self.count))

    async def bare(self) -> dict[str, Any]:
        say(f"events: {self.count:,} by bare pika")
        await self._empty_queues()
        file = self.ground.folder / "bodies.json"
        made = [envelope(ids.new_id()) for _ in range(self.count)]
        file.write_text(json.dumps([(str(one.id), one.type, one.to_json().decode()) for one in made]))
        return await self._in_process("bare", str(file))

    async def delivered(self, handlers: str, count: int) -> _Delivered:
        """``count`` events heard in batches of 100, and a tenth of them one at a time, in turn."""
        kept = _Delivered()
        for batch in (100, 1, 1, 100):
            kept.take(batch, await self.deliver(count if batch > 1 else count // 10, batch, handlers))
        return kept

    async def deliver(self, count: int, batch: int, handlers: str) -> dict[str, Any]:
        say(f"events: {count:,} delivered, {'in batches of 100' if batch > 1 else 'one at a time'}, {handlers}")
        await self._empty_queues()
        await self.administrator.execute("TRUNCATE inbox, effects")
        bus = transport.connect(self.ground.amqp_url, prefix=self.ground.prefix)
        for _ in range(0, count, 100):
            made = [envelope(ids.new_id()) for _ in range(100)]
            await bus.publish([Message(str(one.id), one.type, one.to_json()) for one in made])
        await bus.close()
        service = "monitoring" if handlers == "monitoring" else "kit"
        return await self._in_process("deliver", str(count), str(batch), handlers, service=service)

    async def commit_to_visible(self) -> list[float]:
        """Seconds from commit to commit, one value an event."""
        say(f"events: {EVENTS_A_SECOND} a second for {self.seconds:g} s, relay and consumer apart")
        await self._empty_queues()
        await self.administrator.execute("TRUNCATE outbox, inbox, effects")
        settings = self.ground.settings("kit")
        databases = tenancy.Databases.from_settings(settings, service="referrals")
        process = "tests.bench.event_process"
        async with (
            self.ground.process(process, "run-relay", environment=self._environment()),
            self.ground.process(process, "run-consume", environment=self._environment()),
        ):
            await self._record(databases)  # both are ready when the first has come through
            await self._until_seen(1)
            recorded: dict[UUID, int] = {}
            due = time.perf_counter()
            for _ in range(int(EVENTS_A_SECOND * self.seconds)):
                due += 1 / EVENTS_A_SECOND
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                recorded |= [await self._record(databases)]
            await self._until_seen(len(recorded) + 1)
        await databases.close()
        rows = await self.administrator.fetch("SELECT event_id, xmin::text::bigint AS written_in FROM effects")
        seen_in = {row["event_id"]: row["written_in"] for row in rows if row["event_id"] in recorded}
        at = await commit_times(self.administrator, [*recorded.values(), *seen_in.values()])
        return [at[seen_in[event]] - at[recorded[event]] for event in recorded]

    async def _record(self, databases: tenancy.Databases) -> tuple[UUID, int]:
        """Record one event as an action does; its id and its transaction."""
        async with tenancy.transaction(databases, COUNCIL) as transaction:
            referral = ids.new_id()
            event = broadcast_event(referral)
            recorded = outbox.record(transaction, event, subject=str(referral), version=4, council=COUNCIL.code)
            return recorded.id, int(await transaction.driver.fetchval("SELECT pg_current_xact_id()::text"))

    async def _until_seen(self, count: int) -> None:
        for _ in range(3000):
            if await self.administrator.fetchval("SELECT count(*) FROM effects") >= count:
                return
            await asyncio.sleep(0.02)
        raise RuntimeError("the events did not come through")
