"""``hearth backup restore``: all databases back at one consistent point, proved before they are put in place.

Everything is restored into databases beside those that are there. Only when all are restored, have heard each other and are proved
do they take their names; whatever fails before that leaves what was there as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg
from alembic.script import ScriptDirectory

from hearth.backup import erased, manifest, programs, target
from hearth.backup.manifest import DATA, Manifest, Part
from hearth.backup.places import KEY_TABLES, Place
from hearth.backup.proving import Proof, Restored, prove
from hearth.backup.refused import RefusedError
from hearth.backup.replaying import Replayed, listeners, replay, told_since
from hearth.backup.taking import newest_keys, take_keys
from hearth.progress import step
from referrals.store.vault import Keyring
from shared import clock, migrating, transport
from shared.contracts import HEARD_BY, SERVICES
from shared.transport import PublishFailed, Transport


@dataclass(frozen=True)
class Wanted:
    """What is restored from where, beside which key file and broker."""

    places: Sequence[Place]
    folder: Path
    keys: Path
    ring: Keyring
    broker_url: str
    queue_prefix: str = "hearth"
    keep_days: int = 30
    replace: bool = False
    keys_as_kept: bool = False
    anyway: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a restore came to."""

    instant: datetime
    """As of when."""
    replayed: Replayed
    erased_again: int
    proofs: Sequence[Proof]
    in_place: bool
    kept: Sequence[str]
    """Databases that were replaced, under the names they are kept by."""


async def restore(wanted: Wanted) -> Outcome:
    """Restore, replay, prove, put in place. RefusedError, with nothing changed, for whatever stands in the way."""
    made = manifest.checked(wanted.folder, DATA)
    _fits(made, wanted.places)
    bus = transport.connect(wanted.broker_url, prefix=wanted.queue_prefix, name="hearth backup")
    try:
        await target.looked_at(wanted.places, made.postgresql, replace=wanted.replace)
        await _bus_is_quiet(bus, replace=wanted.replace)
        keys_folder, keys = await _keys(wanted, made)
        try:
            outcome = await _beside(wanted, made, keys_folder, keys)
            if not outcome.in_place:
                return outcome
            stamp = clock.now().strftime("%Y%m%d%H%M%S")
            kept = await target.put_in_place(wanted.places, stamp)
        finally:
            for place in wanted.places:
                await target.drop_beside(place)
        for service in SERVICES:
            await bus.empty(service)
        return Outcome(made.not_before, outcome.replayed, outcome.erased_again, outcome.proofs, True, kept)
    finally:
        await bus.close()


async def agree(places: Sequence[Place], ring: Keyring, broker_url: str, queue_prefix: str, keep_days: int) -> Outcome:
    """After every database was brought back to a time by other means: tell each service what it had not heard, and prove.

    The databases themselves are worked on, and the broker's queues emptied: the services must be stopped.
    """
    for place in places:
        connection = await place.connect(target.MAINTENANCE)
        try:
            if others := await target.still_connected(connection, place.database):
                raise RefusedError(f"{others} connections are open to {place.database}: stop the services first")
        finally:
            await connection.close()
    bus = transport.connect(broker_url, prefix=queue_prefix, name="hearth backup")
    try:
        await _bus_is_quiet(bus, replace=True)
        for service in SERVICES:
            await bus.empty(service)
    finally:
        await bus.close()
    instant = await _newest_recorded(places)
    replayed, proofs = await _told_and_proved(places, ring, told_since(instant, keep_days))
    return Outcome(instant, replayed, 0, proofs, True, ())


async def _newest_recorded(places: Sequence[Place]) -> datetime:
    moments = []
    for place in places:
        connection = await place.connect()
        try:
            moments.append(await connection.fetchval("SELECT max(recorded_at) FROM outbox"))
        finally:
            await connection.close()
    return max((moment for moment in moments if moment is not None), default=clock.now())


def _fits(made: Manifest, places: Sequence[Place]) -> None:
    backed_up, here = {part.name for part in made.parts}, {place.name for place in places}
    if missing := sorted(here - backed_up):
        raise RefusedError(f"the backup holds nothing of {', '.join(missing)}")
    if homeless := sorted(backed_up - here):
        raise RefusedError(f"the backup holds {', '.join(homeless)}, for which no database is named here")
    for part in made.parts:
        known = {each.revision for each in ScriptDirectory.from_config(migrating.configuration(_service(part))).walk_revisions()}
        if part.schema not in known:
            raise RefusedError(f"the backup's {part.name} has schema {part.schema}, of a newer Hearth than this one: restore with that")


def _service(part: Part) -> str:
    return part.name.partition(":")[0]


async def _bus_is_quiet(bus: Transport, *, replace: bool) -> None:
    try:
        await bus.declare(HEARD_BY, SERVICES)
        depths = {service: await bus.depth(service) for service in SERVICES}
    except PublishFailed as error:
        raise RefusedError(f"the broker does not answer ({error}); its queues must be emptied with a restore, so start it first") from error
    if heard := [service for service, depth in depths.items() if depth.consumers]:
        raise RefusedError(
            f"somebody hears from the queues of {', '.join(heard)} at this broker, which a restore empties: stop those services first. "
            "If it is another Hearth's broker, name this one's, or unset AMQP_URL"
        )
    full = [f"{depth.waiting + depth.dead} events wait for {service}" for service, depth in depths.items() if depth.waiting or depth.dead]
    if full and not replace:
        raise RefusedError(f"{'; '.join(full)}: they are news of another time than the backup's. To throw them away, say --replace")


async def _keys(wanted: Wanted, made: Manifest) -> tuple[Path, Manifest]:
    """The newest copy of the keys there is: of what still runs, if it does. An older one could open what was erased since."""
    live = [place for place in wanted.places if place.service == "referrals" and "data_keys" in await target.tables_of(place)]
    if live and not wanted.keys_as_kept:
        with_own = [place for place in wanted.places if place.service == "referrals"]
        if len(live) == len(with_own):
            await take_keys(with_own, wanted.keys)
    folder, keys = newest_keys(wanted.keys)
    if keys.not_before < made.not_before:
        raise RefusedError(
            f"the newest keys ({folder.name}) are older than the data: keys made between would be missing. Give the folder of newer ones"
        )
    if missing := [part.name for part in made.parts if _service(part) == "referrals" and keys.part(part.name) is None]:
        raise RefusedError(f"{folder} has no keys of {', '.join(missing)}")
    return folder, keys


async def _beside(wanted: Wanted, made: Manifest, keys_folder: Path, keys: Manifest) -> Outcome:
    beside = [target.beside(place) for place in wanted.places]
    proofs = []
    with step("Restoring the databases", len(beside)) as progress:
        for place, new in zip(wanted.places, beside, strict=True):
            part = made.part(place.name)
            assert part is not None
            await target.make_beside(place)
            proofs.append(await _load(new, wanted.folder, part, "--single-transaction"))
            if part.schema != migrating.newest(new.service):
                await migrating.upgrade(new.url, new.service, role=new.owner)
            if key_part := keys.part(place.name):
                proofs.append(await _load(new, keys_folder, key_part, "--single-transaction", "--data-only"))
            await _analyse(new)
            progress.done()
    erased_again = await erased.again(beside, made, wanted.ring)
    replayed, proved = await _told_and_proved(beside, wanted.ring, told_since(made.not_before, wanted.keep_days))
    proofs += proved
    whole = not any(proof.broken for proof in proofs)
    return Outcome(made.not_before, replayed, erased_again, proofs, whole or wanted.anyway, ())


async def _told_and_proved(places: Sequence[Place], ring: Keyring, since: datetime) -> tuple[Replayed, list[Proof]]:
    async with listeners(places) as services, AsyncExitStack() as stack:
        replayed = await replay(places, services, since)
        connections: dict[str, asyncpg.Connection] = {}
        for place in places:
            connections[place.name] = await place.connect()
            stack.push_async_callback(connections[place.name].close)
        proofs = await erased.keys_are_here(connections, ring)
        return replayed, proofs + await prove(Restored(places, connections, services, since, replayed))


async def _load(place: Place, folder: Path, part: Part, *arguments: str) -> Proof:
    connection = await place.connect()
    try:
        program = programs.found("pg_restore", connection.get_server_version().major)
        await programs.run(program, place.url, "--exit-on-error", *arguments, str(folder / part.file))
        found = {table: await connection.fetchval(f'SELECT count(*) FROM "{table}"') for table in part.rows}  # noqa: S608 - counted tables
    finally:
        await connection.close()
    wrong = tuple(f"{table} has {found[table]} rows and not {rows}" for table, rows in part.rows.items() if found[table] != rows)
    what = "keys" if set(part.rows) == set(KEY_TABLES) else "rows"
    return Proof(f"All {what} of {part.name} are there as they were counted", sum(found.values()), wrong)


async def _analyse(place: Place) -> None:
    connection = await place.connect()
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
