"""Monitoring's facts against a recomputation: every event ever said, heard once and in order, in a database that heard nothing before."""

from __future__ import annotations

from typing import Any

from monitoring.handlers import HEARS
from shared import delivery, tenancy
from shared.contracts import HEARD_BY, SERVICES, Envelope
from tests.simulation.invariants import Broken
from tests.simulation.postgres.connection import ModelledEngine
from tests.simulation.postgres.rows import Database
from tests.simulation.world import World

NO_FACTS = ("outbox", "inbox", "heard", "recount_due", "idempotency_key")
"""What says when something was heard or is to be counted, which another order changes by right."""


async def facts_are_what_a_recomputation_gives(world: World) -> None:
    """Broken where one table differs."""
    anew = world.founded.databases["monitoring"].copied(world.now)
    for envelope in sorted(_heard(world), key=lambda one: (one.time, one.version, one.id)):
        await delivery.deliver_one("monitoring", HEARS, _pools(anew), envelope)
    for name in anew.tables:
        if name not in NO_FACTS and (found := _rows(world.databases["monitoring"], name)) != (wanted := _rows(anew, name)):
            differ = sorted(set(found) ^ set(wanted))
            raise Broken(f"facts are what a recomputation gives: {name} differs in {differ[:2]}")


def _heard(world: World) -> list[Envelope]:
    known = {row["event_id"] for row in world.founded.databases["monitoring"].told("inbox")}
    said = (Envelope.model_validate_json(row["envelope"]) for service in SERVICES for row in world.databases[service].told("outbox"))
    return [one for one in said if "monitoring" in HEARD_BY[one.type] and one.id not in known]


def _pools(database: Database) -> tenancy.Databases:
    async def at_once(_: str) -> None:
        return None

    engine: Any = ModelledEngine(database, at_once, [])
    return tenancy.Databases(engine, source="/monitoring")


def _rows(database: Database, name: str) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in database.told(name))
