"""What was brought in from before Hearth: one row a request that brought something new."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import exists, func, insert, select

from monitoring import tables
from monitoring.domain.past import BroughtIn
from shared import ids
from shared.tenancy import Transaction

TABLE = tables.past_imports
_COLUMNS = (
    TABLE.c.brought_in_by,
    TABLE.c.brought_in_at,
    TABLE.c.events,
    TABLE.c.sent,
    TABLE.c.first_on,
    TABLE.c.last_on,
    TABLE.c.sha256,
)


async def add(transaction: Transaction, brought: BroughtIn) -> None:
    """Write down that somebody brought in a past."""
    values = {column.name: getattr(brought, column.name) for column in _COLUMNS}
    await transaction.execute(insert(TABLE).values(organisation=str(transaction.organisation), id=ids.new_id(), **values))


async def came_in_since(transaction: Transaction, moment: datetime) -> bool:
    """Whether a part of a past came in after this moment: then more may follow."""
    return bool(await transaction.scalar(select(exists(select(TABLE.c.id).where(TABLE.c.brought_in_at > moment)))))


async def earliest_day_since(transaction: Transaction, moment: datetime) -> date | None:
    """The first day of what was brought in after this moment; None when nothing was."""
    found: date | None = await transaction.scalar(select(func.min(TABLE.c.first_on)).where(TABLE.c.brought_in_at > moment))
    return found


async def latest(transaction: Transaction, *, limit: int) -> list[BroughtIn]:
    """The latest requests that brought something in."""
    rows = await transaction.execute(select(*_COLUMNS).order_by(TABLE.c.brought_in_at.desc(), TABLE.c.id).limit(limit))
    return [BroughtIn(**row._mapping) for row in rows]
