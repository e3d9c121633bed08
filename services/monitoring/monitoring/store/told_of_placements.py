"""Notice given in placements, and councils' own counts of stability 2, as the formulas read them."""

from __future__ import annotations

from sqlalchemy import select, true

from monitoring import tables
from monitoring.domain.facts import Notice, StabilityCount
from shared.tenancy import Transaction

NOTICES, STABILITY = tables.notices, tables.stability_counts


async def notices(transaction: Transaction, *, council: str | None = None) -> tuple[Notice, ...]:
    """Every notice known that was not taken back, whenever it was given."""
    c = NOTICES.c
    wanted = (c.given_on.is_not(None), c.withdrawn_at.is_(None), true() if council is None else c.council == council)
    rows = await transaction.execute(select(NOTICES).where(*wanted))
    return tuple(Notice(row.id, row.placement, row.council, row.provider, row.given_by, row.given_on, row.ends_on) for row in rows)


async def stability_counts(transaction: Transaction, *, council: str | None = None) -> tuple[StabilityCount, ...]:
    """Every count a council made of its own children."""
    rows = await transaction.execute(select(STABILITY).where(true() if council is None else STABILITY.c.council == council))
    return tuple(StabilityCount(row.council, row.as_of, row.looked_after_long, row.same_placement) for row in rows)
