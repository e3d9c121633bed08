"""Ofsted's ratings of agencies, each as it was recorded."""

from __future__ import annotations

from sqlalchemy import select

from monitoring.domain.ofsted import Rated
from monitoring.tables import agency_ratings
from shared.tenancy import Transaction


async def of_agencies(transaction: Transaction, agency: str | None = None) -> dict[str, list[Rated]]:
    """Each agency's ratings, the first version first; of one agency, if named."""
    c = agency_ratings.c
    query = select(c.agency, c.rating, c.recorded_at, c.inspected_on).order_by(c.agency, c.version)
    found: dict[str, list[Rated]] = {}
    for row in await transaction.execute(query if agency is None else query.where(c.agency == agency)):
        found.setdefault(row.agency, []).append(Rated(row.rating, row.recorded_at, row.inspected_on))
    return found
