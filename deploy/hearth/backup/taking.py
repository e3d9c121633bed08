"""``hearth backup take``: every database at one instant, the keys apart; while everything goes on."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import asyncpg

from hearth.backup import manifest, programs
from hearth.backup.instant import Instant, one_instant
from hearth.backup.manifest import DATA, KEYS, Manifest, Part
from hearth.backup.places import KEY_TABLES, Place
from hearth.backup.refused import RefusedError
from hearth.progress import step
from shared import clock

KEEP_KEYS_DAYS = 7
"""How long an older copy of the keys is kept: while it is there, what was erased since could be opened with it."""
_MOMENT = "%Y%m%dT%H%M%S.%fZ"


async def take(places: Sequence[Place], into: Path, keys: Path) -> Manifest:
    """Write a backup of the data to the new folder ``into``, and one of the keys, of the same instant, into a folder below ``keys``."""
    _may_be_written(into, keys)
    async with _Unfinished(into) as unfinished, one_instant(places) as instant:
        made = await _dump(places, instant, unfinished, DATA)
        await _keep_keys(places, instant, keys)
    return made


async def take_keys(places: Sequence[Place], keys: Path) -> Manifest:
    """Write a backup of the keys alone into a folder below ``keys``; older ones go."""
    with_keys = [place for place in places if place.service == "referrals"]
    async with one_instant(with_keys) as instant:
        return await _keep_keys(with_keys, instant, keys)


def newest_keys(keys: Path) -> tuple[Path, Manifest]:
    """The last finished backup of the keys. RefusedError when there is none, or the last is damaged: no older one is taken."""
    found = _kept(keys)
    if not found:
        raise RefusedError(f"{keys} holds no backup of the keys: without it nobody can read who the children are")
    return found[-1], manifest.checked(found[-1], KEYS)


def _may_be_written(into: Path, keys: Path) -> None:
    data, apart = into.resolve(), keys.resolve()
    if into.exists():
        raise RefusedError(f"{into} is there already, and is not written over")
    if data == apart or data in apart.parents or apart in data.parents:
        raise RefusedError("the keys must lie apart from the data: give --keys a folder that is neither inside the backup nor around it")


def _kept(keys: Path) -> list[Path]:
    return sorted(each for each in keys.glob("*Z") if (each / manifest.SUMS).exists()) if keys.is_dir() else []


async def _keep_keys(places: Sequence[Place], instant: Instant, keys: Path) -> Manifest:
    with_keys = [place for place in places if place.service == "referrals"]
    async with _Unfinished(keys / instant.not_before.strftime(_MOMENT)) as unfinished:
        made = await _dump(with_keys, instant, unfinished, KEYS)
    for older in _kept(keys)[:-1]:
        if _moment(older) < clock.now() - timedelta(days=KEEP_KEYS_DAYS):
            shutil.rmtree(older)
    return made


def _moment(kept: Path) -> datetime:
    return datetime.strptime(f"{kept.name}+0000", f"{_MOMENT}%z")


class _Unfinished:
    """A folder that has its name only when it is whole; nobody but its owner may read it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._part = folder.with_name(f"{folder.name}.part")

    async def __aenter__(self) -> Path:
        if self._part.exists():
            shutil.rmtree(self._part)  # of one that was broken off
        self._part.mkdir(parents=True, mode=0o700)
        return self._part

    async def __aexit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._part.rename(self._folder)
        else:
            shutil.rmtree(self._part, ignore_errors=True)


async def _dump(places: Sequence[Place], instant: Instant, folder: Path, kind: str) -> Manifest:
    major = max(each.get_server_version().major for each in instant.connections.values())
    parts = []
    with step(f"Backing up the {kind}", len(places)) as progress:
        for place in places:
            reader = instant.connections[place.name]
            program = programs.found("pg_dump", reader.get_server_version().major)
            chosen = _only_keys(place) if kind == KEYS else _without_keys(place)
            arguments = ["--format=custom", f"--snapshot={instant.snapshots[place.name]}", f"--file={folder / place.file}", *chosen]
            await programs.run(program, place.url, *arguments)
            parts.append(await _part(reader, place, kind))
            progress.done()
    made = Manifest(kind, version("hearth-launcher"), major, instant.not_before, instant.not_after, tuple(parts))
    manifest.write(folder, made)
    return made


def _only_keys(place: Place) -> list[str]:
    return ["--data-only", *(f"--table={table}" for table in KEY_TABLES)]


def _without_keys(place: Place) -> list[str]:
    return [f"--exclude-table-data={table}" for table in KEY_TABLES] if place.service == "referrals" else []


async def _part(reader: asyncpg.Connection, place: Place, kind: str) -> Part:
    tables = await reader.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1")
    wanted = [row["relname"] for row in tables if (row["relname"] in KEY_TABLES) == (kind == KEYS)]
    rows = {table: await reader.fetchval(f'SELECT count(*) FROM "{table}"') for table in wanted}  # noqa: S608 - of the catalogue
    schema = await reader.fetchval("SELECT version_num FROM alembic_version")
    search_keys, under = {}, defaultdict(list)
    if place.service == "referrals":
        search_keys = await digests_of_search_keys(reader)
        used = "SELECT organisation, key_id FROM data_keys UNION SELECT organisation, key_id FROM search_keys ORDER BY 1, 2"
        for row in await reader.fetch(used):
            under[row["organisation"]].append(row["key_id"])
    return Part(place.name, place.database, place.file, schema, rows, search_keys, dict(under))


async def digests_of_search_keys(connection: asyncpg.Connection) -> dict[str, str]:
    """Council → digest of its search key as it is sealed: tells whether it is another, and nothing else."""
    rows = await connection.fetch("SELECT organisation, key_id, wrapped_key FROM search_keys")
    return {row["organisation"]: hashlib.sha256(row["key_id"].encode() + b"\0" + row["wrapped_key"]).hexdigest() for row in rows}
