"""Parked homes, each its own provider's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from providers.domain.park import Park, ParkedAfter, ParkReason
from providers.tables import parked_homes
from shared.one_of import one_of
from shared.tenancy import Transaction


def _park(row: Row[tuple[object, ...]]) -> Park:
    return Park(
        id=row.id,
        household=row.household,
        reason=ParkReason(row.reason),
        after=ParkedAfter(row.after_what),
        parked_at=row.parked_at,
        parked_by=row.parked_by,
        until=row.until,
        ended_at=row.ended_at,
    )


async def running(transaction: Transaction, households: Collection[UUID], today: date) -> dict[UUID, Park]:
    """Which of these households of the asking provider are parked on this day."""
    rows = await transaction.execute(
        select(parked_homes).where(
            parked_homes.c.organisation == str(transaction.organisation),
            one_of(parked_homes.c.household, sorted(households)),
            parked_homes.c.ended_at.is_(None),
            parked_homes.c.until > today,
        )
    )
    return {row.household: _park(row) for row in rows}


async def last(transaction: Transaction, household: UUID) -> Park | None:
    """The park of a household that was made last."""
    rows = await transaction.execute(
        select(parked_homes).where(parked_homes.c.household == household).order_by(parked_homes.c.parked_at.desc()).limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else _park(row)


async def add(transaction: Transaction, park: Park) -> None:
    """Write a park of the asking provider."""
    await transaction.execute(
        insert(parked_homes).values(
            id=park.id,
            organisation=str(transaction.organisation),
            household=park.household,
            reason=park.reason,
            after_what=park.after,
            parked_at=park.parked_at,
            parked_by=park.parked_by,
            until=park.until,
        )
    )


async def end(transaction: Transaction, park: Park, at: datetime) -> bool:
    """End a park before its day; False when it was ended already."""
    done = await transaction.execute(
        update(parked_homes).where(parked_homes.c.id == park.id, parked_homes.c.ended_at.is_(None)).values(ended_at=at)
    )
    return done.rowcount == 1
