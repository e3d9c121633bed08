"""A service's handlers for the tests: each writes one row that nothing keeps from being written twice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import clock, ids, outbox, tenancy
from shared.contracts import Envelope
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, LotRecorded
from shared.delivery import Heard, Hears
from shared.organisation import CONSORTIUM, Kind, Organisation
from shared.transport import Message

BRISTOL = Organisation.council("E06000023")
BATH = Organisation.council("E06000022")


async def on_council_recorded(transaction: tenancy.Transaction, heard: Heard[CouncilRecorded]) -> None:
    """Write the effect under the rights of whose news it is."""
    if heard.event.name.startswith("fails"):
        raise LookupError(f"no room for {heard.event.name}, which is private")
    if heard.event.name.startswith("slow"):
        await asyncio.sleep(0.3)
    await transaction.execute(
        text("INSERT INTO effects (organisation, event_id, note) VALUES (:organisation, :id, :note)"),
        {"organisation": str(transaction.organisation), "id": heard.envelope.id, "note": heard.event.name},
    )


async def on_agency_recorded(transaction: tenancy.Transaction, heard: Heard[AgencyRecorded]) -> None:
    """Ask the database for something it refuses."""
    await transaction.execute(text("SELECT 1 / 0"))


HEARS: Hears = {CouncilRecorded: on_council_recorded, AgencyRecorded: on_agency_recorded, LotRecorded: on_council_recorded}


def news(name: str = "", *, organisation: Organisation = BRISTOL, council: str | None = None, id: UUID | None = None) -> Envelope:
    """One ``council.recorded`` as it travels: a council's about itself, another's about Bristol."""
    event = CouncilRecorded(council=_about(organisation), name=name or secrets.token_hex(4), joined_on=clock.today())
    return Envelope.of(
        event,
        id=id or ids.new_id(),
        source="/kit",
        time=clock.now(),
        subject=event.council,
        version=1,
        organisation=str(organisation),
        council=council,
        requestid="request-1",
    )


def _about(organisation: Organisation) -> str:
    return organisation.code if organisation.kind is Kind.COUNCIL else BRISTOL.code


def on_its_way(envelope: Envelope) -> Message:
    """An envelope as the relay publishes it."""
    return Message(str(envelope.id), envelope.type, envelope.to_json())


async def record(databases: tenancy.Databases, names: Iterable[str], organisation: Organisation = BRISTOL) -> list[UUID]:
    """Record one event a name in one transaction; their ids."""
    async with tenancy.transaction(databases, organisation) as transaction:
        return [
            outbox.record(
                transaction,
                CouncilRecorded(council=_about(organisation), name=name, joined_on=clock.today()),
                subject=_about(organisation),
                version=1,
                council=None,
            ).id
            for name in names
        ]


async def unsent(databases: tenancy.Databases) -> int:
    """Events recorded and not marked as sent."""
    async with tenancy.plumbing(databases.shared) as transaction:
        return int(await transaction.scalar(text("SELECT count(*) FROM outbox WHERE sent_at IS NULL")))


async def effects(databases: tenancy.Databases, organisation: Organisation = BRISTOL, engine: AsyncEngine | None = None) -> list[Any]:
    """The notes an organisation can see, in the order of events."""
    async with tenancy.transaction_on(databases, engine or databases.shared, organisation) as transaction:
        rows = await transaction.execute(text("SELECT note FROM effects ORDER BY event_id"))
        return [row.note for row in rows]


__all__ = [
    "BATH", "BRISTOL", "CONSORTIUM", "HEARS", "effects", "news", "on_its_way", "record", "unsent",
]  # fmt: skip
