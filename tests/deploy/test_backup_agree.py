"""After databases came back by other means: each service is told what it had not heard, and what does not hold is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy import make_url

from hearth.backup import places, restoring
from hearth.backup.places import Place
from hearth.backup.restoring import Outcome
from referrals.store.vault import Keyring
from shared import ids, transport
from shared.contracts import HEARD_BY, SERVICES
from tests.running.services import RunningService

COUNCIL = {"name": "Southampton", "joined_on": "2010-06-01", "lead_roles": []}
Running = Callable[..., Awaitable[RunningService]]


@pytest.fixture
async def bus(admin_url: str) -> AsyncIterator[str]:
    """A queue table of its own, in which an event of another time waits."""
    name = f"bus_{ids.new_id().hex[-12:]}"
    connection = await asyncpg.connect(admin_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    table = transport.connect(url)
    await table.declare(HEARD_BY, SERVICES)
    await table.publish([transport.Message(str(ids.new_id()), "offer.made", b"{}")])
    await table.close()
    yield url
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


async def test_each_service_is_told_what_it_had_not_heard_and_what_does_not_hold_is_named(
    admin_url: str, bus: str, running: Running, fresh_database: Callable[[str], Awaitable[tuple[str, str]]]
) -> None:
    providers = await running("providers")
    async with providers.as_("consortium") as client:
        assert (await client.put("/councils/E06000045", json=COUNCIL)).status_code < 300
    await providers.databases.close()
    urls = {service: (await fresh_database(service))[0] for service in SERVICES if service != "providers"}
    urls["providers"] = providers.settings.database_url
    admin = make_url(admin_url)
    ours = places.of({name: admin.set(database=make_url(url).database).render_as_string(hide_password=False) for name, url in urls.items()})

    async def agree() -> Outcome:
        return await restoring.agree(ours, Keyring("", development=True), bus, "hearth", 30)

    first = await agree()
    assert dict(first.replayed.told) == {"referrals": 1, "matching": 1, "monitoring": 1}
    assert [proof.line for proof in first.proofs if proof.broken] == []
    table = transport.connect(bus)
    assert (await table.depth("monitoring")).waiting == 0, "what waited was of another time"
    await table.close()
    assert (await agree()).replayed.told.total() == 0, "nobody is told twice"

    of = {place.service: place for place in ours}
    nobody_said, refused = ids.new_id(), ids.new_id()
    await run(of["matching"], "INSERT INTO inbox (event_id) VALUES ($1)", nobody_said)
    copy = """INSERT INTO outbox (id, type, envelope, sent_at)
        SELECT $1, type, jsonb_set(jsonb_set(envelope::jsonb, '{id}', to_jsonb($2::text)), '{data}', '{}')::text, now()
        FROM outbox LIMIT 1"""
    await run(of["providers"], copy, refused, str(refused))
    await run(of["referrals"], "DELETE FROM inbox")
    await run(of["monitoring"], "UPDATE councils SET name = 'Elsewhere'")
    last = await agree()
    broken = {proof.words: " ".join(proof.broken) for proof in last.proofs if proof.broken}
    assert f"matching heard {nobody_said}" in broken.pop("No service has heard what no other has said")
    assert str(refused) in broken.pop("Every recorded event was heard once by each service that hears it")
    assert "councils" in broken.pop("Every fact and count of monitoring equals a rebuild from the log of events")
    assert broken == {}
    assert last.replayed.told["referrals"] == 1, "what its inbox had lost"
    assert {service for service, _ in last.replayed.failed} == {"referrals", "matching", "monitoring"}
    assert await run(of["providers"], "SELECT sent_at FROM outbox WHERE id = $1", refused) is None, "it is sent again, to be a dead letter"


async def run(place: Place, sql: str, *values: object) -> object:
    connection = await place.connect()
    found = await connection.fetchval(sql, *values)
    await connection.close()
    return found
