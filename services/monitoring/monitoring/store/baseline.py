"""Councils' own prices before the framework: one list a council, each upload a new version, the earlier ones kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, insert, select, tuple_
from sqlalchemy.dialects import postgresql

from monitoring import tables
from monitoring.domain.baseline import BaselineList
from monitoring.domain.facts import BaselinePrice
from shared.tenancy import Transaction

LISTS = tables.baseline_lists
PRICES = tables.baseline_prices


async def next_version(transaction: Transaction, council: str, *, uploaded_at: datetime, price_count: int) -> int:
    """Begin a new version of a council's list and give its number; a second upload at the same time waits for the first."""
    given = postgresql.insert(LISTS).values(
        organisation=str(transaction.organisation), council=council, version=1, uploaded_at=uploaded_at, price_count=price_count
    )
    version = await transaction.scalar(
        given.on_conflict_do_update(
            index_elements=["organisation", "council"],
            set_={"version": LISTS.c.version + 1, "uploaded_at": uploaded_at, "price_count": price_count},
        ).returning(LISTS.c.version)
    )
    return int(version)


async def put_list(transaction: Transaction, found: BaselineList) -> None:
    """Write the same head of a list for another reader."""
    values = {"version": found.version, "uploaded_at": found.uploaded_at, "price_count": found.price_count}
    given = postgresql.insert(LISTS).values(organisation=str(transaction.organisation), council=found.council, **values)
    await transaction.execute(given.on_conflict_do_update(index_elements=["organisation", "council"], set_=values))


async def add_prices(transaction: Transaction, version: int, prices: Sequence[BaselinePrice]) -> None:
    """Write the prices of one version, for the reader whose transaction it is."""
    rows = [
        {
            "organisation": str(transaction.organisation),
            "council": price.council,
            "version": version,
            "lot": price.lot,
            "band": price.band,
            "from_date": price.from_date,
            "pounds_per_week": price.pounds_per_week,
        }
        for price in prices
    ]
    await transaction.execute(insert(PRICES), rows)


async def current_list(transaction: Transaction, council: str) -> BaselineList | None:
    """The head of a council's present list, if it has uploaded one and the reader may see it."""
    row = (await transaction.execute(select(LISTS).where(LISTS.c.council == council))).one_or_none()
    return BaselineList(row.council, row.version, row.uploaded_at, row.price_count) if row else None


async def versions(transaction: Transaction) -> dict[str, int]:
    """By council, the version of its present list, of those the reader may see."""
    return {row.council: row.version for row in await transaction.execute(select(LISTS.c.council, LISTS.c.version))}


async def prices(
    transaction: Transaction, *, council: str | None = None, after: tuple[str, str, str, date] | None = None, limit: int | None = None
) -> list[BaselinePrice]:
    """The prices of the present lists the reader may see, by council, lot, band and date; ``after`` a given one."""
    current = and_(PRICES.c.organisation == LISTS.c.organisation, PRICES.c.council == LISTS.c.council, PRICES.c.version == LISTS.c.version)
    order = (PRICES.c.council, PRICES.c.lot, PRICES.c.band, PRICES.c.from_date)
    query = select(PRICES).join(LISTS, current).order_by(*order).limit(limit)
    if council is not None:
        query = query.where(PRICES.c.council == council)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    rows = await transaction.execute(query)
    return [BaselinePrice(row.council, row.lot, row.band, row.from_date, row.pounds_per_week) for row in rows]
