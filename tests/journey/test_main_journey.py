"""The whole journey over HTTP on RabbitMQ, every process apart, while one council keeps its children in a database of its own.

The same journey with all councils in one database is told in ``test_kills.py``, where processes end between its steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from hearth.story import Telling
from tests.journey.deployment import Deployment, deployed
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import rabbitmq_url

SOUTHAMPTON, HAMPSHIRE = "E06000045", "E10000014"


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deployed(postgres_url(), rabbitmq_url(), own=(SOUTHAMPTON,)) as running:
        outcome = asyncio.run(running.load())
        assert (outcome.faults, outcome.finished) == ([], True)
        yield running


async def councils_of_children_in(database_url: str) -> set[str]:
    """Whose children's records a database holds, as its superuser sees it past row security."""
    database = make_url(database_url).database
    connection = await asyncpg.connect(make_url(postgres_url()).set(database=database).render_as_string(hide_password=False))
    try:
        return {row[0] for row in await connection.fetch("SELECT DISTINCT organisation FROM children")}
    finally:
        await connection.close()


@pytest.mark.slow
async def test_the_journey_holds_and_each_councils_children_lie_in_its_own_database_alone(deployment: Deployment) -> None:
    told = await deployment.tell(Telling())
    assert told.checks > 25
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
