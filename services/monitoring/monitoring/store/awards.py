"""The framework's awarded prices, as published with each list of a lot: rows of the consortium alone."""

from __future__ import annotations

from sqlalchemy import func, select

from monitoring import tables
from monitoring.domain.ledger.awarded import Award
from monitoring.domain.ledger.pence import pence
from shared.tenancy import Transaction

TABLE = tables.awarded_prices


async def every(transaction: Transaction) -> list[Award]:
    """All prices of all lists, for the consortium."""
    rows = await transaction.execute(select(TABLE).order_by(TABLE.c.lot, TABLE.c.awarded_at, TABLE.c.agency, TABLE.c.band))
    return [Award(row.lot, row.awarded_at, row.agency, row.tier, row.band, pence(row.pounds_per_week)) for row in rows]


async def latest(transaction: Transaction) -> str:
    """Which lists there are, in a word that changes when one is added."""
    prices, newest = func.count().label("prices"), func.max(TABLE.c.awarded_at).label("newest")
    row = (await transaction.execute(select(prices, newest))).one()
    return f"{row.prices}@{row.newest}"
