"""What people upload for the ledger: the price index, the nights of a baseline period, unit costs; each upload a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert

from monitoring import tables
from monitoring.domain.ledger.baseline_period import CellNights
from monitoring.domain.ledger.uploaded import Avoidable, ListHead, UnitCost
from shared.tenancy import Transaction

HEADS, NIGHTS, COSTS = tables.ledger_lists, tables.baseline_nights, tables.unit_costs
INDICES, VALUES = tables.price_indices, tables.price_index_values

NIGHTS_LIST, COSTS_LIST = "baseline_nights", "unit_costs"
INDEX_TURN = 640_001
"""The lock that uploads of an index take in turn."""


async def put_index(transaction: Transaction, values: Mapping[date, Decimal], *, source: str, uploaded_at: datetime) -> ListHead:
    """Keep an index as the next version; a second upload at the same time waits for the first."""
    await transaction.execute(select(func.pg_advisory_xact_lock(INDEX_TURN)))
    latest = await transaction.scalar(select(func.max(INDICES.c.version)))
    version, owner = (latest or 0) + 1, str(transaction.organisation)
    head = {"version": version, "organisation": owner, "source": source, "uploaded_at": uploaded_at, "months": len(values)}
    await transaction.execute(insert(INDICES), [head])
    rows = [{"version": version, "month": month, "organisation": owner, "value": value} for month, value in values.items()]
    await transaction.execute(insert(VALUES), rows)
    return ListHead(owner, version, uploaded_at, len(values), source)


async def index_head(transaction: Transaction) -> ListHead | None:
    """The index in force, if one was uploaded."""
    row = (await transaction.execute(select(INDICES).order_by(INDICES.c.version.desc()).limit(1))).one_or_none()
    return ListHead(row.organisation, row.version, row.uploaded_at, row.months, row.source) if row else None


async def index_values(transaction: Transaction, version: int) -> dict[date, Decimal]:
    """One version's values by month."""
    rows = await transaction.execute(select(VALUES).where(VALUES.c.version == version).order_by(VALUES.c.month))
    return {row.month: row.value for row in rows}


async def next_version(
    transaction: Transaction, author: str, name: str, *, uploaded_at: datetime, rows: int, days: tuple[date, date] | None = None
) -> ListHead:
    """Begin a new version of an author's list; a second upload at the same time waits for the first."""
    first, last = days or (None, None)
    facts = {"uploaded_at": uploaded_at, "rows": rows, "first": first, "last": last}
    given = insert(HEADS).values(organisation=str(transaction.organisation), author=author, list=name, version=1, **facts)
    version = await transaction.scalar(
        given.on_conflict_do_update(
            index_elements=["organisation", "author", "list"], set_={"version": HEADS.c.version + 1, **facts}
        ).returning(HEADS.c.version)
    )
    return ListHead(author, int(version), uploaded_at, rows, first=first, last=last)


async def put_head(transaction: Transaction, name: str, head: ListHead) -> None:
    """Write the same head for another reader."""
    facts = {"version": head.version, "uploaded_at": head.uploaded_at, "rows": head.rows, "first": head.first, "last": head.last}
    given = insert(HEADS).values(organisation=str(transaction.organisation), author=head.author, list=name, **facts)
    await transaction.execute(given.on_conflict_do_update(index_elements=["organisation", "author", "list"], set_=facts))


async def heads(transaction: Transaction, name: str) -> dict[str, ListHead]:
    """By author, the lists of one name that the reader may see."""
    rows = await transaction.execute(select(HEADS).where(HEADS.c.list == name).order_by(HEADS.c.author))
    return {row.author: ListHead(row.author, row.version, row.uploaded_at, row.rows, first=row.first, last=row.last) for row in rows}


async def add_nights(transaction: Transaction, version: int, cells: Sequence[CellNights]) -> None:
    """Write one version's nights for the reader whose transaction it is."""
    owner = str(transaction.organisation)
    rows = [
        {"organisation": owner, "council": each.council, "version": version, "lot": each.lot, "band": each.band, "nights": each.nights}
        for each in cells
    ]
    await transaction.execute(insert(NIGHTS), rows)


async def nights(transaction: Transaction, council: str | None = None) -> list[CellNights]:
    """The nights of the present lists the reader may see, by council, lot and band."""
    current = and_(
        HEADS.c.organisation == NIGHTS.c.organisation,
        HEADS.c.author == NIGHTS.c.council,
        HEADS.c.version == NIGHTS.c.version,
        HEADS.c.list == NIGHTS_LIST,
    )
    query = select(NIGHTS).join(HEADS, current).order_by(NIGHTS.c.council, NIGHTS.c.lot, NIGHTS.c.band)
    if council is not None:
        query = query.where(NIGHTS.c.council == council)
    return [CellNights(row.council, row.lot, row.band, row.nights) for row in await transaction.execute(query)]


async def add_costs(transaction: Transaction, head: ListHead, costs: Sequence[UnitCost]) -> None:
    """Write one version's unit costs for the reader whose transaction it is."""
    owner = str(transaction.organisation)
    rows = [
        {
            "organisation": owner,
            "author": head.author,
            "version": head.version,
            "event": str(each.event),
            "pence": each.pence,
            "per_1000_nights": Decimal(each.per_1000_nights.numerator) / Decimal(each.per_1000_nights.denominator),
            "source": each.source,
        }
        for each in costs
    ]
    await transaction.execute(insert(COSTS), rows)


async def costs(transaction: Transaction) -> dict[str, dict[Avoidable, UnitCost]]:
    """By author, the unit costs in force that the reader may see."""
    current = and_(
        HEADS.c.organisation == COSTS.c.organisation,
        HEADS.c.author == COSTS.c.author,
        HEADS.c.version == COSTS.c.version,
        HEADS.c.list == COSTS_LIST,
    )
    found: dict[str, dict[Avoidable, UnitCost]] = {}
    for row in await transaction.execute(select(COSTS).join(HEADS, current).order_by(COSTS.c.author, COSTS.c.event)):
        event = Avoidable(row.event)
        found.setdefault(row.author, {})[event] = UnitCost(event, row.pence, Fraction(row.per_1000_nights), row.source)
    return found
