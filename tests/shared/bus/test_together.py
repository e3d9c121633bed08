"""A handler that takes a batch together: called once for what comes one after another, with the same promises as one event at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from shared import delivery, hearing, tenancy, tracing
from shared.contracts import Envelope
from shared.contracts.providers import CouncilRecorded, LotRecorded, PriceBand
from shared.contracts.words import PlacementKind
from shared.delivery import Heard, Hears, Together
from tests.running.spans import traced, tree
from tests.shared.bus.conftest import Bus
from tests.shared.bus.effects import BATH, BRISTOL, HEARS, effects, news
from tests.shared.bus.test_delivery import Consuming, has, letters, publish
from tests.shared.bus.test_transports import until

LOT = LotRecorded(
    framework="f1",
    lot="general",
    title="General",
    kinds=(PlacementKind.SHORT_TERM,),
    price_bands=(PriceBand(code="all", from_age=0, to_age=17),),
    starts_on="2026-01-01",
    ends_on="2030-01-01",
)


class Remembered:
    """Which events came together, call by call, and what is written of each."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.hears: Hears = {CouncilRecorded: Together(self.write), LotRecorded: self.write_one}

    async def write(self, transaction: tenancy.Transaction, some: Sequence[Heard[CouncilRecorded]]) -> None:
        """A row an event, each under the rights of whose news it is."""
        self.calls.append([heard.event.name for heard in some])
        for heard in some:
            async with transaction.acting_as(BATH if heard.envelope.organisation == str(BATH) else BRISTOL):
                await HEARS[CouncilRecorded](transaction, heard)

    async def write_one(self, transaction: tenancy.Transaction, heard: Heard[LotRecorded]) -> None:
        """An ordinary handler, between the others."""
        self.calls.append([heard.event.lot])
        await transaction.execute(
            text("INSERT INTO effects (organisation, event_id, note) VALUES (:organisation, :id, 'a lot')"),
            {"organisation": str(transaction.organisation), "id": heard.envelope.id},
        )


async def heard(databases: tenancy.Databases, hears: Hears, *envelopes: Envelope) -> None:
    """These, as one batch of the bus."""
    items = [hearing.understood("matching", hears, databases, envelope) for envelope in envelopes]
    await hearing.work(databases, databases.shared, items)


def lot() -> Envelope:
    like = news()
    return like.model_copy(update={"type": LOT.type, "data": LOT.model_dump(mode="json")})


async def test_what_comes_one_after_another_is_one_call_in_its_order_and_another_handlers_news_is_between(
    databases: tenancy.Databases,
) -> None:
    kept = Remembered()
    await heard(databases, kept.hears, news("a"), news("b", organisation=BATH), news("c"), lot(), news("d"))
    assert kept.calls == [["a", "b", "c"], ["general"], ["d"]]
    assert await effects(databases, BATH) == ["b"]
    assert sorted(await effects(databases)) == ["a", "a lot", "c", "d"]


async def test_what_came_before_or_comes_twice_in_a_batch_is_not_handed_over_again(databases: tenancy.Databases) -> None:
    kept = Remembered()
    before, twice = news("before"), news("twice")
    await heard(databases, kept.hears, before)
    await heard(databases, kept.hears, twice, before, twice, news("new"))
    await heard(databases, kept.hears, twice, before)
    assert kept.calls == [["before"], ["twice", "new"]]
    assert sorted(await effects(databases)) == ["before", "new", "twice"]


async def test_one_that_fails_undoes_the_call_and_the_others_take_effect_each_alone(databases: tenancy.Databases, bus: Bus) -> None:
    kept = Remembered()
    await publish(bus, news("first"), news("fails always"), news("last"))
    async with Consuming(databases, bus, kept.hears):
        await until(lambda: has(databases, "first", "last"))
        [letter] = await letters(bus, 1)
    assert letter.reason.startswith("failed 3 times: LookupError at ")
    assert [call for call in kept.calls if "fails always" not in call] == [["first"], ["last"]]


async def test_each_is_a_span_of_its_own_trace(databases: tenancy.Databases) -> None:
    kept = Remembered()
    with traced() as spans:
        envelopes = []
        for name in ("a", "b"):
            with tracing.span(f"POST /{name}", tracing.Kind.SERVER):
                envelopes.append(news(name).model_copy(update={"traceparent": tracing.carried().traceparent}))
        await heard(databases, kept.hears, *envelopes)
        found = spans.get_finished_spans()
    for name in ("a", "b"):
        [root] = [one for one in found if one.name == f"POST /{name}"]
        its_own = tuple(one for one in found if one.context and root.context and one.context.trace_id == root.context.trace_id)
        assert tree(its_own) == [f"POST /{name}", "  process council.recorded"]
    assert kept.calls == [["a", "b"]]


async def test_one_event_alone_is_handed_over_as_ever(databases: tenancy.Databases) -> None:
    kept = Remembered()
    await delivery.deliver_one("matching", kept.hears, databases, news("alone"))
    assert (kept.calls, await effects(databases)) == ([["alone"]], ["alone"])
