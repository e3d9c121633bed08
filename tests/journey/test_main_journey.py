"""The whole journey over HTTP on RabbitMQ, every process apart, while one council keeps its children in a database of its own.

The same journey with all councils in one database is told in ``test_kills.py``, where processes end between its steps. This one is traced,
and a collector told: each request is one trace from its transaction to the last handler of the four services and to a webhook.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg
import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.engine import make_url

from hearth.story import Telling, Told
from tests.journey.deployment import Deployment, deployed
from tests.matching.receiver import Receiver, receiving
from tests.running.collector import Collector, collecting, paths
from tests.running.collector import Told as Span
from tests.running.figures import OF_PROMETHEUS, asked, open_labels
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import rabbitmq_url
from tests.running.spans import open_values

SOUTHAMPTON, HAMPSHIRE = "E06000045", "E10000014"
CHOICE = "POST /referrals/{referral}/choice"
CLIENT = 3
"""The kind of a statement's span."""
TOLD_EVERY = 0.5
"""How often a process tells the collector of its spans, in seconds."""


@dataclass
class Journey:
    """The journey as it was told, what the collector was told meanwhile, and whom a council had called."""

    told: Told
    spans: list[Span]
    receiver: Receiver


def held(spans: list[Span]) -> Iterator[tuple[Span, set[tuple[str, ...]]]]:
    """The choices that ended in a placement, each with all ways that lead from it."""
    for one in spans:
        if one.name == CHOICE and one.attributes["http.response.status_code"] in (200, 201, 202):
            ways = paths(spans, one)
            if any("placement.agreed" in step for way in ways for step in way):
                yield one, ways


def called(ways: set[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those of the ways that end at a webhook."""
    return [way for way in ways if way[-1] == "matching: POST webhook"]


def last_told(spans: list[Span]) -> bool:
    """Whether a choice that held has been told of to its last steps, each hearer's and a webhook's."""
    hearers = {f"{service}: process placement.agreed" for service in ("providers", "matching", "monitoring")}
    return any(called(ways) and hearers <= {way[-1] for way in ways} for _, ways in held(spans))


async def tell(deployment: Deployment, collector: Collector) -> Journey:
    async with receiving() as receiver:
        async with deployment.signed_in() as (http, tokens):
            headers = {"Authorization": f"Bearer {await tokens.of('council:E06000045')}"}
            address = f"{deployment.where.address('matching')}/webhooks"
            (await http.post(address, headers=headers, json={"url": receiver.url})).raise_for_status()
        told = await deployment.tell(Telling())
        spans = await asyncio.to_thread(collector.wait_for, last_told, rest=4 * TOLD_EVERY)
        return Journey(told, spans, receiver)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as one:
        yield one
    assert one.refused == []


@pytest.fixture(scope="module")
def deployment(collector: Collector) -> Iterator[Deployment]:
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "OTEL_BSP_SCHEDULE_DELAY": f"{TOLD_EVERY * 1000:.0f}"}
    with deployed(postgres_url(), rabbitmq_url(), own=(SOUTHAMPTON,), extra=traced) as running:
        outcome = asyncio.run(running.load())
        assert (outcome.faults, outcome.finished) == ([], True)
        yield running


@pytest.fixture(scope="module")
def journey(deployment: Deployment, collector: Collector) -> Journey:
    return asyncio.run(tell(deployment, collector))


async def councils_of_children_in(database_url: str) -> set[str]:
    """Whose children's records a database holds, as its superuser sees it past row security."""
    database = make_url(database_url).database
    connection = await asyncpg.connect(make_url(postgres_url()).set(database=database).render_as_string(hide_password=False))
    try:
        return {row[0] for row in await connection.fetch("SELECT DISTINCT organisation FROM children")}
    finally:
        await connection.close()


@pytest.mark.slow
async def test_the_journey_holds_and_each_councils_children_lie_in_its_own_database_alone(deployment: Deployment, journey: Journey) -> None:
    assert journey.told.checks > 25
    where = deployment.where
    assert await councils_of_children_in(where.own_databases[SOUTHAMPTON].app_url) == {f"council:{SOUTHAMPTON}"}
    assert await councils_of_children_in(where.databases["referrals"].app_url) == {f"council:{HAMPSHIRE}"}


@pytest.mark.slow
async def test_loading_the_same_files_again_changes_nothing(deployment: Deployment) -> None:
    before = await published(deployment)
    outcome = await deployment.load()
    assert (outcome.faults, outcome.finished) == ([], True)
    assert await published(deployment) == before


async def published(deployment: Deployment) -> list[object]:
    """The consortium's records, with their versions."""
    async with deployment.signed_in() as (http, tokens):
        headers = {"Authorization": f"Bearer {await tokens.of('consortium')}"}
        address = deployment.where.address("providers")
        paths = ("/councils", "/agencies", "/frameworks", "/lots", "/tender-rounds")
        return [(await http.get(f"{address}{path}?limit=200", headers=headers)).json() for path in paths]


@pytest.mark.slow
def test_a_choice_is_one_trace_through_all_four_services_and_to_the_webhook(journey: Journey) -> None:
    choice, ways = next((one, ways) for one, ways in held(journey.spans) if called(ways))
    assert choice.parent == ""
    chosen = (f"matching: {CHOICE}", "matching: create offer.selected")
    assert (*chosen, "matching: send offer.selected") in ways
    vacant = (*chosen, "providers: process offer.selected", "providers: create vacancy.held")
    confirmed = (*vacant, "matching: process vacancy.held", "matching: create offer.confirmed")
    agreed = (*confirmed, "referrals: process offer.confirmed", "referrals: create placement.agreed")
    for hearer in ("providers", "matching", "monitoring"):
        assert (*agreed, f"{hearer}: process placement.agreed") in ways
    assert (*agreed, "referrals: send placement.agreed") in ways
    assert (*confirmed, "monitoring: process offer.confirmed") in ways
    assert {way[-2].partition(" ")[2].partition(" ")[0] for way in called(ways)} <= {"process", "POST"}, "below what told of it"
    assert all("traceparent" not in {name.lower() for name in one.headers} for one in journey.receiver.received), "nothing outside is told"


@pytest.mark.slow
def test_referral_broadcast_and_offer_are_one_trace_each_to_their_last_hearer(journey: Journey) -> None:
    for request, event, hearers in (
        ("POST /referrals", "referral.created", ("monitoring",)),
        ("POST /referrals/{referral}/broadcast", "referral.broadcast", ("matching", "monitoring")),
        ("POST /offers", "offer.made", ("providers", "monitoring")),
    ):
        roots = [one for one in journey.spans if one.name == request and one.attributes["http.response.status_code"] in (200, 201, 202)]
        assert roots, request
        service = roots[0].service.removeprefix("hearth-")
        for root in roots:
            ways = paths(journey.spans, root)
            for hearer in hearers:
                assert (f"{service}: {request}", f"{service}: create {event}", f"{hearer}: process {event}") in ways
    statements = [one for one in journey.spans if "db.system.name" in one.attributes]
    assert {one.service for one in statements} == {f"hearth-{name}" for name in ("referrals", "providers", "matching", "monitoring")}
    assert {one.kind for one in statements} == {CLIENT}
    assert not [one.name for one in statements if one.parent == ""], "no trace begins with a statement"


@pytest.mark.slow
def test_nothing_identifying_is_in_any_span_of_the_whole_journey(journey: Journey) -> None:
    assert len(journey.spans) > 500
    assert sorted({wrong for one in journey.spans for wrong in open_values(one.name, one.attributes)}) == []
    assert [one for one in journey.spans if one.message or one.events] == []
    told = " ".join(str(value) for one in journey.spans for value in (one.name, *one.attributes.values()))
    assert re.findall(r"\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b|\b20\d\d-\d\d-\d\d\b|(?:council|agency):\w+", told) == []
    assert not [name for name in journey.told.cast.names.values() if name in told]


@pytest.mark.slow
async def test_every_process_has_the_figures_that_alerts_and_dashboard_ask_for_and_none_names_anybody(
    deployment: Deployment, journey: Journey
) -> None:
    families: dict[str, Metric] = {}
    async with httpx.AsyncClient() as http:
        for process in deployment.processes.values():
            said = (await http.get(f"{process.address}/metrics")).text
            found = {family.name: family for family in text_string_to_metric_families(said)}
            assert open_labels(found) == [], process.name
            for name, family in found.items():
                families.setdefault(name, family).samples.extend(family.samples)
    samples = {sample.name: set(sample.labels) for family in families.values() for sample in family.samples}
    wanted = [one for one in asked() if one.metric not in OF_PROMETHEUS]
    # A webhook that was never stopped, a sweep, a try and an event that never failed have no line yet.
    unseen = {one.metric for one in wanted} - samples.keys()
    assert unseen <= {
        "hearth_webhooks_stopped_total",
        "hearth_sweep_failed_total",
        "hearth_events_failed_total",
        "hearth_events_dead_lettered_total",
    }
    assert {name.removesuffix("_total") for name in unseen} <= families.keys()
    assert [(one.metric, one.labels) for one in wanted if one.metric in samples and one.labels - samples[one.metric]] == []
    refused = {sample.labels["rule"] for sample in families["hearth_refusals"].samples if sample.value}
    assert {"not-found", "within_terms_of_approval"} <= refused, "the story is refused so on its way"
