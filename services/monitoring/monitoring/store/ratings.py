"""Ofsted's ratings of agencies, each as it was recorded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from monitoring.tables import agency_ratings
from shared.tenancy import Transaction


async def of_agencies(transaction: Transaction, agency: str | None = None) -> dict[str, list[tuple[str, datetime]]]:
    """Each agency's ratings with the moment they were recorded, the first version first; of one agency, if named."""
    c = agency_ratings.c
    query = select(c.agency, c.rating, c.recorded_at).order_by(c.agency, c.version)
    found: dict[str, list[tuple[str, datetime]]] = {}
    for row in await transaction.execute(query if agency is None else query.where(c.agency == agency)):
        found.setdefault(row.agency, []).append((row.rating, row.recorded_at))
    return found
