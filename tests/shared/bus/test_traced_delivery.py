"""A trace goes on over either bus: what recorded an event, relay, handler and what it records; a dead letter and its replay keep it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import logs, outbox, relay, tenancy, tracing
from shared.contracts.providers import CouncilRecorded
from shared.delivery import Heard
from tests.running.spans import open_values, traced, tree
from tests.shared.bus.conftest import Bus
from tests.shared.bus.effects import BRISTOL, HEARS, effects, news, on_its_way
from tests.shared.bus.test_delivery import Consuming, has, letters
from tests.shared.bus.test_relay import declared
from tests.shared.bus.test_transports import until


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    with traced() as kept:
        yield kept


async def recorded(databases: tenancy.Databases, name: str) -> None:
    """What a request would do: record an event in its transaction."""
    with tracing.span("POST /councils", tracing.Kind.SERVER):
        async with tenancy.transaction(databases, BRISTOL) as transaction:
            outbox.record(transaction, news(name).event(), subject="E06000023", version=1, council=None)


async def test_from_the_request_over_the_bus_to_what_the_handler_records(
    spans: InMemorySpanExporter, databases: tenancy.Databases, bus: Bus
) -> None:
    async def hears(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        await HEARS[CouncilRecorded](transaction, heard)
        outbox.record(transaction, heard.event, subject="E06000023", version=2, council=None)

    await recorded(databases, "Bristol")
    await relay.carry_once(databases.shared, await declared(bus), service="kit")
    async with Consuming(databases, bus, {CouncilRecorded: hears}):
        await until(lambda: has(databases, "Bristol"))
    found = spans.get_finished_spans()
    assert len({one.context.trace_id for one in found if one.context}) == 1
    assert tree(found) == [
        "POST /councils",
        "  create council.recorded",
        "    send council.recorded",
        "    process council.recorded",
        "      create council.recorded",
    ]
    assert [wrong for one in found for wrong in open_values(one.name, dict(one.attributes or {}))] == []
    [handled] = [one for one in found if one.name.startswith("process")]
    asked = [one.name for one in found if one.parent and handled.context and one.parent.span_id == handled.context.span_id]
    assert "INSERT effects" in asked


async def test_a_dead_letter_keeps_its_trace_and_its_replay_goes_on_with_it(
    spans: InMemorySpanExporter, databases: tenancy.Databases, bus: Bus
) -> None:
    await recorded(databases, "fails, and is private")
    await relay.carry_once(databases.shared, await declared(bus), service="kit")
    async with Consuming(databases, bus):
        [letter] = await letters(bus, 1)
    await (await declared(bus)).replay("matching", [letter.message.id])

    async def mended(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
        await HEARS[CouncilRecorded](transaction, Heard(heard.event.model_copy(update={"name": "mended"}), heard.envelope))

    async with Consuming(databases, bus, {CouncilRecorded: mended}):
        await until(lambda: has(databases, "mended"))
    tries = [one for one in spans.get_finished_spans() if one.name.startswith("process")]
    assert len({one.context.trace_id for one in spans.get_finished_spans() if one.context}) == 1
    assert [(one.attributes or {}).get("error.type") for one in tries] == ["LookupError"] * (len(tries) - 1) + [None]
    assert len(tries) >= 4
    assert not any(one.events or one.status.description for one in tries), "why it failed quotes what is private"


async def test_an_event_without_a_trace_begins_one_where_it_is_heard(
    spans: InMemorySpanExporter, databases: tenancy.Databases, bus: Bus
) -> None:
    for wrong in (None, "not a trace"):
        spans.clear()
        envelope = news("untraced").model_copy(update={"traceparent": wrong})
        await (await declared(bus)).publish([on_its_way(envelope)])
        async with Consuming(databases, bus):
            await until(lambda: _heard(spans))
        [handled] = [one for one in spans.get_finished_spans() if one.name.startswith("process")]
        assert handled.parent is None
    assert await effects(databases, BRISTOL) == ["untraced", "untraced"]


async def _heard(spans: InMemorySpanExporter) -> bool:
    return any(one.name.startswith("process") for one in spans.get_finished_spans())


async def test_every_line_about_an_event_joins_on_the_request_that_caused_it(
    databases: tenancy.Databases, bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("kit")
    rating = news("fails for ever")
    refused = rating.model_copy(update={"data": {"council": 5}, "id": news().id})
    good = news("well")
    await (await declared(bus)).publish([on_its_way(one) for one in (rating, refused, good)])
    async with Consuming(databases, bus):
        await letters(bus, 2)
        await until(lambda: has(databases, "well"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    about = [line for line in lines if "event" in line and line.get("queue") == "matching"]
    assert {line["event"] for line in about} == {"heard", "an event could not be worked on", "an event is a dead letter"}
    assert {line.get("request_id") for line in about} == {"request-1"}
    assert {line["event_id"] for line in about} == {str(one.id) for one in (rating, refused, good)}
    assert {line["event_type"] for line in about} == {"council.recorded"}
    assert not any("fails for ever" in json.dumps(line) for line in lines)
