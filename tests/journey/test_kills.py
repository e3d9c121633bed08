"""Killing any process between any two steps of the journey loses nothing and doubles nothing.

One consortium with every process apart and a broker of its own. Each killed process is started again by the test, as its
supervisor would; what it was doing must come out as though nothing had happened.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from hearth.arrangement import SERVICES, roles_of
from hearth.processes import wait_until_ready
from hearth.story import Telling
from hearth.story.account import Account, until
from hearth.story.cast import Cast, gather
from hearth.story.referring import Asked, refer_elsewhere
from hearth.tokens import Tokens
from shared.organisation import Role
from tests.journey.deployment import Deployment, deployed
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import PrivateBroker

pytestmark = pytest.mark.slow
KILLED = -9
PLUMBING = "SELECT set_config('app.organisation', 'plumbing', false)"
# Names that do not sound alike: a second child with the same birth date and a like name would rightly be taken for the first.
CHILDREN = iter(
    [
        ("Alfred", "Birch"),
        ("Bettina", "Crane"),
        ("Dmitri", "Drummond"),
        ("Esther", "Ferris"),
        ("Gulliver", "Napier"),
        ("Hepzibah", "Kemble"),
        ("Zuleika", "Pascoe"),
        ("Quentin", "Whitlock"),
        ("Rosamund", "Zeller"),
        ("Tobias", "Gillow"),
        ("Vanya", "Lorimer"),
        ("Xanthe", "Hatch"),
    ]
)


@pytest.fixture(scope="module")
def broker() -> PrivateBroker:
    return PrivateBroker()


@pytest.fixture(scope="module")
def deployment(broker: PrivateBroker) -> Iterator[Deployment]:
    with deployed(postgres_url(), broker.url) as running:
        outcome = asyncio.run(running.load())
        assert (outcome.faults, outcome.finished) == ([], True)
        yield running


@pytest.fixture
def everything_up(deployment: Deployment) -> Deployment:
    """The deployment with all its processes running, whatever the test before left."""
    for service, role in ((one, role) for one in SERVICES for role in roles_of(one)):
        if deployment.processes[f"{service}-{role}"].process.poll() is not None:
            deployment.start(service, role)
    wait_until_ready(deployment.processes.values())
    return deployment


def new_telling(mark: str) -> Telling:
    """The story with two children whom nobody knows yet."""
    (given, family), (other_given, other_family) = next(CHILDREN), next(CHILDREN)
    return Telling(mark, given, family, other_given, other_family)


Ask = tuple[httpx.AsyncClient, Tokens]


@pytest.fixture
async def ask(everything_up: Deployment) -> AsyncIterator[Ask]:
    """A way to ask the services, for as long as a test lasts."""
    async with everything_up.signed_in() as way:
        yield way


async def broadcast_one(deployment: Deployment, ask: Ask, mark: str) -> tuple[Cast, Asked]:
    """A council sends a referral out, through the public API, and the first agency sees it."""
    given, family = next(CHILDREN)
    telling = Telling(mark=mark, other_given_names=given, other_family_name=family)
    http, tokens = ask
    cast = await gather(http, tokens, deployment.where.addresses(), telling)
    return cast, await refer_elsewhere(Account(quiet=True), cast)


async def summary(deployment: Deployment) -> dict[str, int]:
    """What the project manager counts."""
    async with deployment.signed_in() as (http, tokens):
        headers = {"Authorization": f"Bearer {await tokens.of('consortium', Role.PROJECT_MANAGER)}"}
        reply = await http.get(f"{deployment.where.address('monitoring')}/summary", headers=headers)
        figures: dict[str, Any] = reply.json()["figures"]
        return {name: int(float(figures[name]["value"] or 0)) for name in ("referrals", "offers_made", "placements")}


async def outbox(deployment: Deployment, service: str) -> list[dict[str, Any]]:
    """What a service recorded as having happened, and whether its relay has marked it as sent."""
    connection = await asyncpg.connect(deployment.where.databases[service].app_url)
    try:
        await connection.execute(PLUMBING)
        rows = await connection.fetch("SELECT envelope, sent_at FROM outbox ORDER BY position")
        return [{**json.loads(row["envelope"]), "sent": row["sent_at"] is not None} for row in rows]
    finally:
        await connection.close()


async def all_sent(deployment: Deployment) -> None:
    """Until no service has anything left to send."""

    async def unsent() -> int:
        return len([event for service in SERVICES for event in await outbox(deployment, service) if not event["sent"]])

    await until(unsent, lambda count: count == 0, "That everything recorded is sent")


async def counted_once(deployment: Deployment, before: dict[str, int], referrals: int) -> None:
    """Until monitoring has counted the new referrals; and then it must not count them again."""
    expected = {**before, "referrals": before["referrals"] + referrals}
    await until(lambda: summary(deployment), lambda now: now["referrals"] >= expected["referrals"], "That the referrals are counted")
    await all_sent(deployment)
    await asyncio.sleep(0.5)
    assert await summary(deployment) == expected


async def seen_once(cast: Cast, asked: Asked) -> None:
    """Each agency of the lot sees the referral, and sees it once."""
    for agency in (cast.first_tier, cast.lower_tier):
        page = await agency.get("matching", "/opportunities?limit=200")
        assert [one["referral"] for one in page["items"]].count(asked.id) == 1


async def test_the_story_holds_while_a_process_is_killed_between_any_two_of_its_steps(everything_up: Deployment) -> None:
    deployment = everything_up
    turns = itertools.cycle(
        [(service, role) for role in ("relay", "consume", "api") for service in ("referrals", "matching", "providers", "monitoring")]
    )
    killed: list[tuple[str, str]] = []

    async def kill_the_next() -> None:
        service, role = next(turns)
        deployment.kill(service, role)
        killed.append((service, role))
        deployment.restart(service, role)

    await deployment.tell(new_telling("killing"), kill_the_next)
    assert len(killed) >= 10


async def test_a_relay_killed_after_publishing_and_before_marking_publishes_again_and_nobody_counts_twice(
    everything_up: Deployment, ask: Ask
) -> None:
    deployment, before = everything_up, await summary(everything_up)
    deployment.kill("referrals", "relay")
    deployment.restart("referrals", "relay", HEARTH_FAIL_POINT="relay.after_publish:1")
    sending = asyncio.create_task(broadcast_one(deployment, ask, "relay-publish"))
    assert await deployment.ended_by_itself("referrals", "relay", sending) == KILLED
    unmarked = [event for event in await outbox(deployment, "referrals") if not event["sent"]]
    assert unmarked, "what was published is not marked, so it will be published again"
    deployment.restart("referrals", "relay")
    cast, asked = await sending
    await counted_once(deployment, before, 1)
    await seen_once(cast, asked)


@pytest.mark.parametrize("place", ["delivery.before_commit", "delivery.before_ack"])
@pytest.mark.parametrize("service", ["matching", "monitoring"])
async def test_a_consumer_killed_before_acknowledging_hears_again_and_does_it_once(
    everything_up: Deployment, ask: Ask, service: str, place: str
) -> None:
    deployment, before = everything_up, await summary(everything_up)
    deployment.kill(service, "consume")
    deployment.restart(service, "consume", HEARTH_FAIL_POINT=f"{place}:1")
    sending = asyncio.create_task(broadcast_one(deployment, ask, f"{service}-{place.partition('_')[2]}"))
    assert await deployment.ended_by_itself(service, "consume", sending) == KILLED
    deployment.restart(service, "consume")
    cast, asked = await sending
    await counted_once(deployment, before, 1)
    await seen_once(cast, asked)


async def test_the_bed_is_taken_once_when_the_consumer_that_takes_it_is_killed_before_acknowledging(everything_up: Deployment) -> None:
    deployment = everything_up
    passed = False

    async def armed_after_the_comparison() -> None:
        """From here on the first thing that ``providers`` hears is a council's choice of a bed."""
        nonlocal passed
        steps.append(len(steps))
        if len(steps) == 7 and not passed:
            passed = True
            deployment.kill("providers", "consume")
            deployment.restart("providers", "consume", HEARTH_FAIL_POINT="delivery.before_ack:1")
            revived.append(asyncio.create_task(revive()))

    async def revive() -> None:
        assert await deployment.ended_by_itself("providers", "consume") == KILLED
        deployment.restart("providers", "consume")

    steps: list[int] = []
    revived: list[asyncio.Task[None]] = []
    await deployment.tell(new_telling("bed"), armed_after_the_comparison)
    assert passed
    await revived[0]


async def test_a_broker_that_is_killed_and_started_again_loses_nothing_that_was_recorded_meanwhile(
    everything_up: Deployment, ask: Ask, broker: PrivateBroker
) -> None:
    deployment, before = everything_up, await summary(everything_up)
    broker.kill()
    sending = asyncio.create_task(broadcast_one(deployment, ask, "broker"))
    await asyncio.sleep(2)
    held = [event["type"] for event in await outbox(deployment, "referrals") if not event["sent"]]
    assert "referral.created" in held, "councils go on working while the broker is away; their news waits"
    await asyncio.to_thread(broker.start)
    cast, asked = await sending
    await counted_once(deployment, before, 1)
    await seen_once(cast, asked)
