"""A new version takes over from the one that serves: the schema first, then process by process, and nobody who works notices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from hearth.arrangement import SERVICES, roles_of
from hearth.processes import migrate_apart, start_roles, wait_until_ready
from hearth.story.account import until
from shared import clock, transport
from tests.journey import versions
from tests.journey.deployment import Deployment, deployed
from tests.journey.going_on import GoingOn, going_on
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import rabbitmq_url

pytestmark = pytest.mark.slow
BESIDE = 20
"""How far the ports of the new processes lie from the old ones'."""
ENDS_WITHIN = 120
"""Seconds a process told to stop is waited for: it needs one or two, but the machine may be busy."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The released code; where it is not at hand, the code of this version, which is then its own predecessor."""
    try:
        return versions.released(tmp_path / "old")
    except versions.NotAtHand:
        return versions.this(tmp_path / "old")


@pytest.fixture
def deployment(old: Path) -> Iterator[Deployment]:
    with deployed(postgres_url(), rabbitmq_url(), together=True, extra={"PYTHONPATH": versions.path(old)}) as running:
        outcome = asyncio.run(running.load())
        assert (outcome.faults, outcome.finished) == ([], True)
        yield running


def test_the_released_code_is_at_hand(tmp_path: Path) -> None:
    try:
        code = versions.released(tmp_path)
    except versions.NotAtHand as why:
        pytest.skip(f"the upgrade is tested from this version itself: {why}")
    assert (code / "services" / "matching" / "matching" / "app.py").is_file()


async def test_released_code_serves_on_the_newest_schema_and_is_relieved_without_a_failed_request_or_a_lost_event(
    deployment: Deployment, old: Path, tmp_path: Path
) -> None:
    code = versions.with_a_schema_that_grew(versions.this(tmp_path / "new"))
    new = versions.path(code)
    assert await schemas(deployment) == versions.schemas_of(old), "it is the old code that serves"
    async with going_on(deployment, seed=11) as work:
        await more(work)
        await asyncio.to_thread(migrate, deployment, new)
        await more(work)  # the old version, on the new schema
        await relieve(deployment, work, new)
        await more(work)
    assert work.failed == []
    assert await schemas(deployment) == versions.schemas_of(code)
    assert await work.missing(deployment, clock.now()) == []
    await until(lambda: unsent(deployment), lambda waiting: waiting == 0, "That everything recorded is sent")
    assert await dead_letters(deployment) == 0, "no event was too new or too old for whoever heard it"
    expected = await recorded(deployment)
    await until(lambda: counted(deployment), lambda now: now == expected, "That monitoring has counted every referral once")
    for agency in (work.cast.first_tier, work.cast.lower_tier):
        whose = (agency.organisation, agency.role)
        await until(lambda: seen(deployment, *whose), set(work.broadcast).issubset, "That every agency of the lot sees every referral")  # noqa: B023


async def more(work: GoingOn) -> None:
    """Until two more referrals have gone out, and nothing has failed."""
    enough = len(work.broadcast) + 2
    await until(
        lambda: asyncio.sleep(0, work), lambda now: bool(now.failed) or len(now.broadcast) >= enough, "That people get on with their work"
    )
    assert work.failed == []


def migrate(deployment: Deployment, code: str) -> None:
    """Every service's tables to the new version's schema, by its own command, while the old version serves."""
    migrate_apart(deployment.where, deployment.folder.logs, extra={"PYTHONPATH": code})


async def relieve(deployment: Deployment, work: GoingOn, code: str) -> None:
    """Start the new processes; service by service send people to the new one, then stop the old one, as a load balancer does."""
    where = replace(deployment.where, port_base=deployment.where.port_base + BESIDE)
    extra = {**deployment.extra, "PYTHONPATH": code}
    started = {service: start_roles(where, service, roles_of(service), deployment.folder.logs, extra=extra) for service in SERVICES}
    deployment.processes |= {f"{service}-new": one for service, one in started.items()}
    await asyncio.to_thread(wait_until_ready, started.values())
    for service in ("providers", "referrals", "matching", "monitoring"):
        before = deployment.processes.pop(service)
        try:
            work.addresses[service] = deployment.moved[service] = started[service].address
            await asyncio.sleep(0.5)  # whoever read the old address just now still gets there
        finally:
            before.process.terminate()
            await asyncio.to_thread(before.process.wait, ENDS_WITHIN)
        assert before.process.returncode == 0, "it finished what it held"


async def schemas(deployment: Deployment) -> dict[str, str]:
    found = {}
    for service, where in deployment.where.databases.items():
        connection = await asyncpg.connect(where.app_url)
        found[service] = await connection.fetchval("SELECT version_num FROM alembic_version")
        await connection.close()
    return found


async def outboxes(deployment: Deployment) -> list[asyncpg.Record]:
    rows = []
    for where in deployment.where.databases.values():
        connection = await asyncpg.connect(where.app_url)
        await connection.execute("SELECT set_config('app.organisation', 'plumbing', false)")
        rows += await connection.fetch("SELECT type, envelope, sent_at FROM outbox")
        await connection.close()
    return rows


async def unsent(deployment: Deployment) -> int:
    return len([row for row in await outboxes(deployment) if row["sent_at"] is None])


async def recorded(deployment: Deployment) -> int:
    return len({json.loads(row["envelope"])["subject"] for row in await outboxes(deployment) if row["type"] == "referral.created"})


async def counted(deployment: Deployment) -> int:
    async with deployment.signed_in() as (http, tokens):
        headers = {"Authorization": f"Bearer {await tokens.of('consortium', 'project_manager')}"}
        reply = await http.get(f"{deployment.addresses()['monitoring']}/summary", headers=headers)
        return int(float(reply.json()["figures"]["referrals"]["value"] or 0))


async def seen(deployment: Deployment, organisation: str, role: str) -> set[str]:
    async with deployment.signed_in() as (http, tokens):
        headers = {"Authorization": f"Bearer {await tokens.of(organisation, role)}"}
        found: list[str] = []
        page: dict[str, str] = {"limit": "100"}
        while page:
            reply = (await http.get(f"{deployment.addresses()['matching']}/opportunities", params=page, headers=headers)).json()
            found += [one["referral"] for one in reply["items"]]
            page = {"limit": "100", "cursor": reply["next_cursor"]} if reply["next_cursor"] else {}
    assert len(found) == len(set(found)), "each once"
    return set(found)


async def dead_letters(deployment: Deployment) -> int:
    bus = transport.connect(deployment.where.broker_url, prefix=deployment.extra["QUEUE_PREFIX"])
    try:
        return sum([(await bus.depth(service)).dead for service in SERVICES])
    finally:
        await bus.close()
