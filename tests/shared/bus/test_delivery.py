"""News takes effect once: whatever is delivered twice, fails, comes late, is not understood, or is killed half-way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared import delivery, failures, logs, tenancy, turns
from shared.contracts import Envelope
from shared.contracts.providers import AgencyRecorded, CouncilRecorded
from shared.contracts.words import OfstedRating, Sector
from shared.delivery import Heard
from shared.organisation import CONSORTIUM, Organisation
from shared.transport import DeadLetter, Message, Unreachable
from tests.running.proxy import proxy_before
from tests.shared.bus.conftest import Bus, settings_for
from tests.shared.bus.effects import BATH, BRISTOL, HEARS, effects, news, on_its_way
from tests.shared.bus.test_relay import declared, process
from tests.shared.bus.test_transports import until

PAUSES = (0.05, 0.1)


class Consuming:
    """``matching`` listening in this process for as long as the block lasts."""

    def __init__(
        self, databases: tenancy.Databases, bus: Bus, hears: delivery.Hears = HEARS, url: str | None = None, **options: Any
    ) -> None:
        self.stop = asyncio.Event()
        settings = settings_for("postgresql://unused", bus, delivery_attempts=3)
        self.transport = bus.open(url)
        self.work = delivery.run("matching", hears, databases, self.transport, settings, self.stop, pauses=PAUSES, **options)

    async def __aenter__(self) -> Consuming:
        self.task = asyncio.create_task(self.work)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, 60)


async def has(databases: tenancy.Databases, *notes: str, organisation: Organisation = BRISTOL) -> bool:
    return sorted(await effects(databases, organisation)) == sorted(notes)


async def letters(bus: Bus, count: int) -> list[DeadLetter]:
    """The dead letters of matching, once there are as many."""
    transport = await declared(bus)
    found: list[DeadLetter] = []

    async def enough() -> bool:
        found[:] = await transport.dead_letters("matching")
        return len(found) >= count

    await until(enough)
    return found


async def publish(bus: Bus, *envelopes: Envelope) -> None:
    transport = await declared(bus)
    await transport.publish([on_its_way(one) for one in envelopes])


async def test_an_event_takes_effect_under_the_rights_of_whose_news_it_is(databases: tenancy.Databases, bus: Bus) -> None:
    await publish(bus, news("of Bristol"), news("of Bath", organisation=BATH), news("of all", organisation=CONSORTIUM))
    async with Consuming(databases, bus):
        await until(lambda: has(databases, "of all", organisation=CONSORTIUM))
        await until(lambda: has(databases, "of Bristol"))
        await until(lambda: has(databases, "of Bath", organisation=BATH))


async def test_an_event_that_comes_twice_takes_effect_once_together_or_apart(databases: tenancy.Databases, bus: Bus) -> None:
    twice = news("once")
    await publish(bus, twice, twice)
    async with Consuming(databases, bus):
        await until(lambda: has(databases, "once"))
        await publish(bus, twice, news("last"))
        await until(lambda: has(databases, "once", "last"))


async def test_two_consumers_of_the_same_event_do_its_work_once(databases: tenancy.Databases, bus: Bus) -> None:
    envelopes = [news(f"slow {number}") for number in range(3)]
    await asyncio.gather(*(delivery.deliver_one("matching", HEARS, databases, envelope) for envelope in envelopes for _ in range(4)))
    assert await has(databases, "slow 0", "slow 1", "slow 2")


@pytest.mark.parametrize("place", ["delivery.before_commit", "delivery.before_ack"])
async def test_a_consumer_that_is_killed_loses_nothing_and_doubles_nothing(databases: tenancy.Databases, bus: Bus, place: str) -> None:
    await publish(bus, news("a"), news("b"))
    doomed = await process("consume", databases, bus, fail_point=place)
    assert await asyncio.wait_for(doomed.wait(), 60) == -signal.SIGKILL
    assert await has(databases, *([] if place == "delivery.before_commit" else ["a", "b"]))
    async with Consuming(databases, bus) as consuming:
        await until(lambda: has(databases, "a", "b"))
        await until(lambda: empty(consuming.transport))
    assert await has(databases, "a", "b")


async def empty(transport: Any) -> bool:
    return bool((await transport.depth("matching")).waiting == 0)


async def test_one_that_fails_does_not_hold_up_the_others_of_its_batch_and_becomes_a_dead_letter(
    databases: tenancy.Databases, bus: Bus
) -> None:
    failing = news("fails always")
    await publish(bus, news("before"), failing, news("after"))
    async with Consuming(databases, bus):
        await until(lambda: has(databases, "before", "after"))
        [letter] = await letters(bus, 1)
    assert letter.message == on_its_way(failing)
    assert letter.reason.startswith("failed 3 times: LookupError at ")
    assert "private" not in letter.reason


async def test_one_that_fails_for_a_while_takes_effect_once_in_the_end(databases: tenancy.Databases, bus: Bus) -> None:
    tries: list[str] = []

    async def on_the_third_try(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        await HEARS[CouncilRecorded](transaction, heard)
        tries.append(heard.event.name)
        if len(tries) < 3:
            raise LookupError("not yet")

    await publish(bus, news("patience"))
    async with Consuming(databases, bus, {CouncilRecorded: on_the_third_try}):
        await until(lambda: has(databases, "patience"))
    assert len(tries) == 3


async def test_a_replayed_dead_letter_takes_effect_once_its_cause_is_mended(databases: tenancy.Databases, bus: Bus) -> None:
    await publish(bus, news("fails until mended"))
    async with Consuming(databases, bus):
        [letter] = await letters(bus, 1)
    transport = await declared(bus)
    assert await transport.replay("matching", [letter.message.id]) == 1

    async def mended(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        mended_event = heard.event.model_copy(update={"name": "mended"})
        await HEARS[CouncilRecorded](transaction, Heard(mended_event, heard.envelope))

    async with Consuming(databases, bus, {CouncilRecorded: mended}):
        await until(lambda: has(databases, "mended"))


def misunderstood() -> list[tuple[Message, str]]:
    """Messages no number of tries will make sense of, and what the dead letter says."""
    good = news("good")
    strange = good.model_copy(update={"type": "somebody.knows"})
    unfit = good.model_copy(update={"data": {"council": "E06000023", "name": 5, "joined_on": "31/12/2026"}})
    stranger = good.model_copy(update={"organisation": "school:12345"})
    injected = good.model_copy(update={"organisation": "council:E0600'; DROP TABLE effects; --"})
    return [
        (Message("1", "council.recorded", b"not json"), "not an event: body (json_invalid)"),
        (Message("2", "council.recorded", b"[]"), "not an event: body (model_type)"),
        (Message("3", "council.recorded", strange.to_json()), "no contract is known for its type"),
        (
            Message("4", "council.recorded", unfit.to_json()),
            "it does not fit the contract of council.recorded: name (string_type), joined_on (date_from_datetime_parsing)",
        ),
        (Message("5", "council.recorded", stranger.to_json()), "its organisation or council is none"),
        (Message("6", "council.recorded", injected.to_json()), "its organisation or council is none"),
    ]


async def test_what_is_not_understood_is_a_dead_letter_at_once_and_says_why_without_quoting_it(
    databases: tenancy.Databases, bus: Bus
) -> None:
    transport = await declared(bus)
    wrong = misunderstood()
    await transport.publish([message for message, _ in wrong] + [on_its_way(news("good"))])
    unheard = news("x").model_copy(update={"type": "lot.recorded"})
    await transport.publish([Message("7", "lot.recorded", unheard.to_json())])
    async with Consuming(databases, bus, {CouncilRecorded: HEARS[CouncilRecorded]}):
        found = await letters(bus, 7)
        await until(lambda: has(databases, "good"))
    told = {letter.message.id: letter.reason for letter in found}
    assert {message.id: reason for message, reason in wrong}.items() <= told.items()
    assert told["7"].startswith("it does not fit the contract of lot.recorded")


async def test_an_event_the_service_does_not_listen_to_is_a_dead_letter(databases: tenancy.Databases, bus: Bus) -> None:
    await publish(bus, news())
    async with Consuming(databases, bus, {}):
        [letter] = await letters(bus, 1)
    assert letter.reason == "matching does not listen to council.recorded"


async def test_a_database_error_is_told_without_the_row_it_quotes(databases: tenancy.Databases, bus: Bus) -> None:
    event = AgencyRecorded(agency="SC012345", name="private", rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE)
    like = news()
    await publish(bus, like.model_copy(update={"type": event.type, "data": event.model_dump(mode="json")}))
    async with Consuming(databases, bus):
        [letter] = await letters(bus, 1)
    assert letter.reason.startswith("failed 3 times: DivisionByZeroError at ")


async def test_a_database_that_is_away_pauses_and_makes_no_dead_letter(databases: tenancy.Databases, bus: Bus) -> None:
    url = databases.shared.url
    async with proxy_before(url.host or "", url.port or 5432) as proxy:
        engine = tenancy.engine_for(url.set(port=proxy.port).render_as_string(hide_password=False))
        behind = tenancy.Databases(engine, source="/kit")
        async with Consuming(behind, bus) as consuming:
            await publish(bus, news("before"))
            await until(lambda: has(databases, "before"))
            proxy.refuse()
            await publish(bus, news("meanwhile"))
            await asyncio.sleep(1.0)  # longer than all tries of a failing handler take here
            assert await has(databases, "before")
            proxy.refuse(False)
            await until(lambda: has(databases, "before", "meanwhile"))
            assert (await consuming.transport.depth("matching")).dead == 0
        await behind.close()


async def test_a_cut_bus_is_survived_and_nothing_takes_effect_twice(databases: tenancy.Databases, bus: Bus) -> None:
    proxy, through = await bus.behind_a_proxy()
    names = [f"slow {number}" for number in range(4)]
    await publish(bus, *(news(name) for name in names))
    async with Consuming(databases, bus, url=through, batch=2) as consuming:
        await asyncio.sleep(0.5)
        proxy.cut()
        await until(lambda: has(databases, *names))
        await until(lambda: is_empty(consuming.transport))
    assert await has(databases, *names)


async def is_empty(transport: Any) -> bool:
    try:
        return await empty(transport)
    except Unreachable:
        return False


async def test_stopping_commits_and_acknowledges_the_batch_in_hand(databases: tenancy.Databases, bus: Bus) -> None:
    began = asyncio.Event()

    async def slowly(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        began.set()
        await HEARS[CouncilRecorded](transaction, heard)

    await publish(bus, news("slow"))
    async with Consuming(databases, bus, {CouncilRecorded: slowly}):
        await asyncio.wait_for(began.wait(), 60)
    assert await has(databases, "slow")
    transport = await declared(bus)
    await until(lambda: empty(transport))


async def test_stopping_gives_back_what_waits_for_another_try(databases: tenancy.Databases, bus: Bus) -> None:
    await publish(bus, news("fails"))
    tried = asyncio.Event()

    async def fails(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        tried.set()
        raise LookupError

    settings, stop = settings_for("postgresql://unused", bus), asyncio.Event()
    work = delivery.run("matching", {CouncilRecorded: fails}, databases, bus.open(), settings, stop, pauses=(60.0,))
    consuming = asyncio.create_task(work)
    await asyncio.wait_for(tried.wait(), 60)
    await asyncio.sleep(0.2)
    stop.set()
    await asyncio.wait_for(consuming, 60)
    async with Consuming(databases, bus):
        assert len(await letters(bus, 1)) == 1


async def test_no_more_is_taken_while_a_whole_batch_waits_for_another_try(databases: tenancy.Databases, bus: Bus) -> None:
    tried: set[UUID] = set()

    async def fails(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        tried.add(heard.envelope.id)
        raise LookupError

    await publish(bus, *(news(str(number)) for number in range(20)))
    settings, stop = settings_for("postgresql://unused", bus), asyncio.Event()
    hears: delivery.Hears = {CouncilRecorded: fails}
    consuming = asyncio.create_task(delivery.run("matching", hears, databases, bus.open(), settings, stop, batch=5, pauses=(60.0,)))
    await until(lambda: len(tried) >= 5)
    await asyncio.sleep(0.3)
    assert len(tried) <= 10
    stop.set()
    await asyncio.wait_for(consuming, 60)


async def test_handlers_speak_in_the_logs_under_the_call_that_began_it(databases: tenancy.Databases, bus: Bus) -> None:
    spoken: list[str | None] = []

    async def speaks(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        spoken.append(logs.request_id.get())

    await delivery.deliver_one("matching", {CouncilRecorded: speaks}, databases, news())
    assert spoken == ["request-1"]
    assert logs.request_id.get() is None


@pytest.fixture
async def two_databases(kit_database: Callable[[], Awaitable[str]], bus: Bus) -> Any:
    """A service in which Bristol has a database of its own."""
    pools = tenancy.Databases(
        tenancy.engine_for(await kit_database()), {BRISTOL.code: tenancy.engine_for(await kit_database())}, source="/kit"
    )
    yield pools
    await pools.close()


async def test_a_councils_news_goes_to_its_own_database_and_common_news_to_every_one(two_databases: tenancy.Databases) -> None:
    shared, own = two_databases.every()
    agency = Organisation.agency("SC012345")
    for envelope in (
        news("Bristol itself"),
        news("Bath itself", organisation=BATH),
        news("an agency about Bristol", organisation=agency, council=BRISTOL.code),
        news("an agency about nobody", organisation=agency),
        news("the consortium", organisation=CONSORTIUM),
    ):
        await delivery.deliver_one("matching", HEARS, two_databases, envelope)

    async def kept(engine: Any) -> set[str]:
        found: set[str] = set()
        for organisation in (BRISTOL, BATH, agency, CONSORTIUM):
            found |= set(await effects(two_databases, organisation, engine))
        return found

    assert await kept(own) == {"Bristol itself", "an agency about Bristol", "an agency about nobody", "the consortium"}
    assert await kept(shared) == {"Bath itself", "an agency about nobody", "the consortium"}


async def test_a_councils_own_database_that_is_away_does_not_hold_up_the_others(two_databases: tenancy.Databases, bus: Bus) -> None:
    url = two_databases.own[BRISTOL.code].url
    async with proxy_before(url.host or "", url.port or 5432) as proxy:
        through = tenancy.engine_for(url.set(port=proxy.port).render_as_string(hide_password=False))
        behind = tenancy.Databases(two_databases.shared, {BRISTOL.code: through}, source="/kit")
        proxy.refuse()
        async with Consuming(behind, bus):
            await publish(bus, news("Bristol waits"), news("Bath goes on", organisation=BATH))
            await until(lambda: has(two_databases, "Bath goes on", organisation=BATH))
            await publish(bus, news("Bath goes on again", organisation=BATH))
            await until(lambda: has(two_databases, "Bath goes on", "Bath goes on again", organisation=BATH))
            proxy.refuse(False)

            async def arrived() -> bool:
                return await effects(two_databases, BRISTOL, two_databases.own[BRISTOL.code]) == ["Bristol waits"]

            await until(arrived)
        await turns.close(through)


async def test_an_unclosed_setting_leaves_the_claim_refused(databases: tenancy.Databases) -> None:
    async with databases.shared.connect() as connection:
        with pytest.raises(Exception, match="row-level security"):
            await connection.execute(text("INSERT INTO inbox (event_id) VALUES (gen_random_uuid())"))
        with pytest.raises(Exception, match="row-level security"):
            await connection.execute(text("INSERT INTO outbox (id, type, envelope) VALUES (gen_random_uuid(), 'a', '{}')"))


def test_a_drivers_complaint_about_its_caller_is_no_outage() -> None:
    import asyncpg

    assert not failures.is_outage(asyncpg.DataError("invalid input for query argument $1"))
    assert failures.is_outage(asyncpg.InterfaceError("connection is closed"))
    assert failures.is_outage(ConnectionRefusedError())
    assert not failures.is_outage(LookupError())
