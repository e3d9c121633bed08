"""The facts that a reader may see, table by table, as they are kept: so that anybody can count the figures again with other tools."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Table, and_, select

from monitoring import tables
from shared.tenancy import Transaction

TAKEN: dict[str, Table] = {
    table.name: table
    for table in (
        tables.referrals,
        tables.offers,
        tables.declines,
        tables.placements,
        tables.notices,
        tables.placement_event_counts,
        tables.stability_counts,
        tables.vacancy_changes,
        tables.places_counts,
        tables.bed_requests,
        tables.baseline_prices,
        tables.lots,
    )
}
"""By name. Of baseline prices only each council's present list."""

PIECE = 500


def columns(name: str) -> list[str]:
    """The columns of a table, as they are taken: whose row it is goes without saying."""
    return [c.name for c in TAKEN[name].columns if c.name != "organisation"]


async def rows(transaction: Transaction, name: str) -> AsyncIterator[tuple[Any, ...]]:
    """Every row of one table that the reader may see, in the order of its key."""
    table = TAKEN[name]
    query = select(*(table.c[column] for column in columns(name))).order_by(*table.primary_key.columns)
    if table is tables.baseline_prices:
        lists = tables.baseline_lists
        present = and_(table.c.organisation == lists.c.organisation, table.c.council == lists.c.council, table.c.version == lists.c.version)
        query = query.join(lists, present)
    found = await transaction.connection.stream(query)
    async for row in found:
        yield tuple(row)
