"""What a lot's league table is made of besides counted records: its published list, Ofsted's ratings, households."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring import tables
from shared.tenancy import Transaction


async def listed(transaction: Transaction, lot: str) -> dict[str, tuple[int, int]]:
    """Each agency of a lot's published list with its rank and tier; none where none is published."""
    lines = await transaction.scalar(select(tables.tier_lists.c.lines).where(tables.tier_lists.c.lot == lot)) or []
    return {line["agency"]: (line["rank"], line["tier"]) for line in lines}


async def ratings(transaction: Transaction) -> dict[str, str]:
    """Each agency's rating as last recorded."""
    return {row.urn: row.rating for row in await transaction.execute(select(tables.agencies.c.urn, tables.agencies.c.rating))}


async def households(transaction: Transaction, at: datetime) -> dict[str, int]:
    """How many households each agency had approved at a moment, as it last told before it."""
    c = tables.places_counts.c
    query = (
        select(c.provider, c.households)
        .ext(distinct_on(c.provider))
        .where(c.counted_at < at, c.provider.startswith("agency:"))
        .order_by(c.provider, c.counted_at.desc(), c.version.desc())
    )
    return {row.provider.removeprefix("agency:"): row.households for row in await transaction.execute(query)}
