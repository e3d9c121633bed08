"""Restored services are brought to agree: what one recorded and another has not heard is told to it, past the bus, by its own handlers."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from hearth.arrangement import SERVICES
from hearth.backup.places import Place
from hearth.progress import step
from shared import delivery, hearing, tenancy
from shared.contracts import HEARD_BY, Envelope
from shared.delivery import Hears
from shared.tenancy import Databases

AT_ONCE = 1000
_RECORDED = """
SELECT position, id, type, envelope FROM outbox
WHERE position > $1 AND (sent_at IS NULL OR sent_at > $2) ORDER BY position LIMIT $3
"""
_UNKNOWN = "SELECT id FROM unnest($1::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM inbox WHERE event_id = id)"


@dataclass(frozen=True)
class Listener:
    """A service that hears, without a process: its handlers and its databases, as its application role."""

    name: str
    hears: Hears
    databases: Databases

    async def has_not_heard(self, events: Sequence[Envelope]) -> list[Envelope]:
        """Those of these events that a database which they concern does not know. What cannot be understood counts as not heard."""
        wanted: dict[AsyncEngine, set[UUID]] = {}
        missing: set[UUID] = set()
        for envelope in events:
            try:
                places = hearing.understood(self.name, self.hears, self.databases, envelope).places
            except delivery.NotUnderstood:
                missing.add(envelope.id)
                continue
            for engine in places:
                wanted.setdefault(engine, set()).add(envelope.id)
        for engine, ids in wanted.items():
            async with tenancy.plumbing(engine) as transaction:
                missing |= {row["id"] for row in await transaction.driver.fetch(_UNKNOWN, list(ids))}
        return [envelope for envelope in events if envelope.id in missing]


@dataclass
class Replayed:
    """What was told to whom, and what could not be worked on."""

    told: Counter[str] = field(default_factory=Counter)
    failed: dict[tuple[str, UUID], str] = field(default_factory=dict)
    """Service and event → its type and what stood in the way."""


@asynccontextmanager
async def listeners(places: Sequence[Place]) -> AsyncIterator[Mapping[str, Listener]]:
    """The four services' handlers on these databases, for as long as the block lasts."""
    opened: dict[str, Listener] = {}
    try:
        for service in SERVICES:
            hears: Hears = importlib.import_module(f"{service}.app").SERVICE.hears
            ours = [place for place in places if place.service == service]
            engines = {
                place.council: tenancy.engine_for(place.url, pool_size=2, application="hearth backup", role=place.app) for place in ours
            }
            opened[service] = Listener(service, hears, Databases(engines.pop(""), engines, source=f"/{service}"))
        yield opened
    finally:
        for listener in opened.values():
            await listener.databases.close()


async def recorded(connection: asyncpg.Connection, since: datetime, after: int = 0) -> AsyncIterator[tuple[int, list[Envelope]]]:
    """A database's outbox from a position on, in order, in parts: what is unsent, and what was sent since; and the last position."""
    while rows := await connection.fetch(_RECORDED, after, since, AT_ONCE):
        after = rows[-1]["position"]
        yield after, [Envelope.model_validate_json(row["envelope"]) for row in rows]


def told_since(instant: datetime, keep_days: int) -> datetime:
    """From when on a sent event can be told again: what is older may have left the inbox of a service that did hear it.

    Events and heard ids are forgotten after the same number of days, each by its own service's clock; a day (or half of a shorter time)
    stays clear of that.
    """
    return instant - timedelta(days=max(keep_days - 1, keep_days / 2))


async def replay(places: Sequence[Place], services: Mapping[str, Listener], since: datetime) -> Replayed:
    """Tell every service what it has not heard, until nothing moves. What a handler refuses to the end is marked to be sent again."""
    done = Replayed()
    seen = {place.name: 0 for place in places}
    connections = {place.name: await place.connect() for place in places}
    try:
        with step("Telling each service what it had not heard") as progress:
            moved = True
            while moved:
                moved = await _tell_failed(services, done, connections)
                for place in places:
                    async for position, events in recorded(connections[place.name], since, seen[place.name]):
                        seen[place.name] = position
                        for service, missing in (await _unheard(services, events)).items():
                            for envelope in missing:
                                moved |= await _tell(services[service], envelope, done)
                        progress.say(f"Telling each service what it had not heard: {done.told.total()} so far")
        ids = {id for _, id in done.failed}
        for connection in connections.values():
            await connection.execute("UPDATE outbox SET sent_at = NULL WHERE id = ANY($1::uuid[])", list(ids))
    finally:
        for connection in connections.values():
            await connection.close()
    return done


async def _unheard(services: Mapping[str, Listener], events: Sequence[Envelope]) -> dict[str, list[Envelope]]:
    return {
        name: await listener.has_not_heard([each for each in events if name in HEARD_BY.get(each.type, ())])
        for name, listener in services.items()
    }


async def _tell(listener: Listener, envelope: Envelope, done: Replayed) -> bool:
    key = (listener.name, envelope.id)
    try:
        await delivery.deliver_one(listener.name, listener.hears, listener.databases, envelope)
    except Exception as error:
        done.failed[key] = f"{envelope.type}: {type(error).__name__}"
        return False
    done.failed.pop(key, None)
    done.told[listener.name] += 1
    return True


async def _tell_failed(services: Mapping[str, Listener], done: Replayed, connections: Mapping[str, Any]) -> bool:
    """Try once more what failed: it may have needed what was told after it."""
    wanted = {id for _, id in done.failed}
    if not wanted:
        return False
    moved = False
    for connection in connections.values():
        for row in await connection.fetch("SELECT envelope FROM outbox WHERE id = ANY($1::uuid[]) ORDER BY position", list(wanted)):
            envelope = Envelope.model_validate_json(row["envelope"])
            for service in [name for name, id in done.failed if id == envelope.id]:
                moved |= await _tell(services[service], envelope, done)
    return moved
