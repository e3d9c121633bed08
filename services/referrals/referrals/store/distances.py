"""Measured distances: the miles alone. Where the two homes are is never kept beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.tables import distances
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Distance:
    """Straight-line miles to 0.1 from the child's home to one household; 999.9 when either postcode is unknown."""

    household: UUID
    miles: Decimal
    measured_at: datetime


async def keep(transaction: Transaction, referral: UUID, miles: Mapping[UUID, Decimal], *, now: datetime) -> None:
    """Keep these distances of a referral; measuring again replaces."""
    rows = [
        {"organisation": str(transaction.organisation), "referral": referral, "household": household, "miles": each, "measured_at": now}
        for household, each in sorted(miles.items())
    ]
    statement = upsert(distances).values(rows)
    await transaction.execute(
        statement.on_conflict_do_update(
            index_elements=list(distances.primary_key.columns),
            set_={"miles": statement.excluded.miles, "measured_at": statement.excluded.measured_at},
        )
    )


async def of_referral(transaction: Transaction, referral: UUID) -> Sequence[Distance]:
    """All distances measured for a referral, nearest first."""
    table = distances.c
    rows = await transaction.execute(
        select(table.household, table.miles, table.measured_at)
        .where(table.organisation == str(transaction.organisation), table.referral == referral)
        .order_by(table.miles, table.household)
    )
    return [Distance(row.household, row.miles, row.measured_at) for row in rows]


async def to_household(transaction: Transaction, referral: UUID, household: UUID) -> Decimal | None:
    """The miles to one household, if they were measured."""
    table = distances.c
    query = select(table.miles).where(
        table.organisation == str(transaction.organisation), table.referral == referral, table.household == household
    )
    found: Decimal | None = await transaction.scalar(query)
    return found
