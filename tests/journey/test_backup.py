"""A backup taken while people work, everything lost, and all of it put back: nothing that was accepted before is missing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from hearth.backup import places, restoring, taking
from hearth.backup.places import Place
from hearth.backup.refused import RefusedError
from hearth.backup.restoring import Wanted
from hearth.databases import make_empty
from hearth.story import Telling
from hearth.story.account import until
from referrals.store.vault import Keyring
from shared import transport
from shared.contracts import SERVICES
from shared.organisation import Role
from tests.journey.deployment import Deployment, deployed
from tests.journey.going_on import going_on
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import rabbitmq_url

pytestmark = pytest.mark.slow
SOUTHAMPTON = "E06000045"
CHILD = {"child_id": "ERASED-1", "given_names": "Zephyrine", "family_name": "Marrowby", "date_of_birth": "2016-02-29", "sex": "F"}


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deployed(postgres_url(), rabbitmq_url(), own=(SOUTHAMPTON,), together=True) as running:
        outcome = asyncio.run(running.load())
        assert (outcome.faults, outcome.finished) == ([], True)
        yield running


def databases_of(deployment: Deployment) -> list[Place]:
    urls = {name: where.owner_url for name, where in deployment.where.databases.items()}
    urls |= {f"referrals:{council}": where.owner_url for council, where in deployment.where.own_databases.items()}
    admin = make_url(postgres_url())
    return places.of({name: admin.set(database=make_url(url).database).render_as_string(hide_password=False) for name, url in urls.items()})


async def lose_all_but_matching(ours: list[Place]) -> None:
    """Some are gone, some made anew and empty, and matching's is of another time: all three must do."""
    connection = await asyncpg.connect(postgres_url())
    for place in ours:
        if place.name != "matching":
            await connection.execute(f'DROP DATABASE "{place.database}"')
    for place in ours[:2]:
        await make_empty(connection, place.database, place.owner, place.app)
    await connection.close()


async def there(ours: list[Place]) -> set[str]:
    connection = await asyncpg.connect(postgres_url())
    rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE $1", f"{ours[0].database.rpartition('_')[0]}%")
    await connection.close()
    return {row["datname"] for row in rows}


async def erase(deployment: Deployment, child: str) -> None:
    """Two administrators; the record is of a child nobody sought a home for."""
    async with deployment.signed_in() as (http, tokens):
        for person, path, body in (("ruth", "/erasure", {"ground": "kept_elsewhere"}), ("omar", "/erasure/confirmation", {})):
            headers = {"Authorization": f"Bearer {await tokens.of(f'council:{SOUTHAMPTON}', Role.ADMINISTRATOR, person)}"}
            address = f"{deployment.where.address('referrals')}/children/{child}{path}"
            reply = await http.post(address, json=body, headers=headers)
            assert reply.status_code < 300, reply.text


async def test_all_services_come_back_at_one_point_with_every_write_that_was_accepted_before_it(
    deployment: Deployment, tmp_path: Path
) -> None:
    ours, backup, keys = databases_of(deployment), tmp_path / "backup", tmp_path / "keys"
    await deployment.tell(Telling())
    deployment.processes["monitoring"].process.kill()  # so that much is recorded that monitoring has not heard
    async with going_on(deployment, seed=7) as work:
        to_be_erased = await work.cast.officer.post("referrals", "/children", CHILD)
        await until(lambda: asyncio.sleep(0, len(work.broadcast)), lambda sent: sent >= 3, "That some referrals are sent")
        made = await taking.take(ours, backup, keys)
        sent = len(work.broadcast)
        await until(lambda: asyncio.sleep(0, len(work.broadcast)), lambda now: now > sent, "That people work on")
    assert work.failed == [], "nobody notices that a backup is taken"
    assert any(one.at > made.not_after for one in work.accepted), "people worked on after the instant"
    await erase(deployment, to_be_erased["id"])
    await taking.take_keys(ours, keys)
    deployment.stop_all()
    await lose_all_but_matching(ours)
    wanted = Wanted(
        ours, backup, keys, Keyring("", development=True), rabbitmq_url(), queue_prefix=f"{deployment.extra['QUEUE_PREFIX']}-new"
    )

    await is_refused(wanted, tmp_path, there_before := await there(ours), ours)
    with pytest.raises(RefusedError, match="matching is not empty: to put the backup in its place, say --replace"):
        await restoring.restore(wanted)
    assert await there(ours) == there_before
    outcome = await restoring.restore(replace(wanted, replace=True))

    assert [proof.line for proof in outcome.proofs if proof.broken] == []
    assert outcome.in_place
    looked_at = {proof.words: proof.looked_at for proof in outcome.proofs}
    assert looked_at["Every confirmed offer has its placement"] == 1
    assert looked_at["Every council's disclosure ledger is whole"] > 0
    assert outcome.replayed.told["monitoring"] > 10, "all that it had not heard"
    assert outcome.replayed.failed == {}
    assert outcome.erased_again == 1
    (matching,) = [place.database for place in ours if place.name == "matching"]
    assert [name.rpartition("_replaced_")[0] for name in outcome.kept] == [matching], "what was there is kept aside"
    assert await there(ours) == {place.database for place in ours} | set(outcome.kept), "nothing else is left beside them"

    deployment.extra["QUEUE_PREFIX"] = wanted.queue_prefix
    deployment.start_together()
    assert await work.missing(deployment, made.not_before) == []
    async with deployment.signed_in() as (http, tokens):
        headers = {"Authorization": f"Bearer {await tokens.of(f'council:{SOUTHAMPTON}', Role.PLACEMENTS_OFFICER)}"}
        reply = await http.get(f"{deployment.where.address('referrals')}/children/{to_be_erased['id']}", headers=headers)
        assert reply.status_code == 410, "what was erased after the backup stays erased"
    await deployment.tell(Telling("again", "Bettina", "Crane", "Dmitri", "Drummond"))
    bus = transport.connect(wanted.broker_url, prefix=wanted.queue_prefix)
    try:
        assert [(await bus.depth(service)).dead for service in SERVICES] == [0, 0, 0, 0]
    finally:
        await bus.close()


async def is_refused(wanted: Wanted, tmp_path: Path, before: set[str], ours: list[Place]) -> None:
    """Damaged, cut short, incomplete, or with keys of another time: named, and no database is touched."""
    for damage, words in ((_cut_short, "matching.dump is altered or cut short"), (_without_one, "providers.dump is missing")):
        bad = tmp_path / f"bad-{damage.__name__}"
        shutil.copytree(wanted.folder, bad)
        damage(bad)
        with pytest.raises(RefusedError, match=words):
            await restoring.restore(replace(wanted, folder=bad))
    with pytest.raises(RefusedError, match="holds no backup of the keys"):
        await restoring.restore(replace(wanted, replace=True, keys=tmp_path / "elsewhere"))
    fewer: Any = [place for place in wanted.places if not place.council]
    with pytest.raises(RefusedError, match=f"referrals:{SOUTHAMPTON}, for which no database is named"):
        await restoring.restore(replace(wanted, places=fewer, replace=True))
    assert await there(ours) == before


def _cut_short(folder: Path) -> None:
    whole = (folder / "matching.dump").read_bytes()
    (folder / "matching.dump").write_bytes(whole[: len(whole) // 2])


def _without_one(folder: Path) -> None:
    (folder / "providers.dump").unlink()
