"""What was brought in from before Hearth: one row a request that brought something new."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, insert, select, update

from monitoring import tables
from monitoring.domain.past import BroughtIn
from monitoring.domain.period import month_of
from shared import ids
from shared.tenancy import Transaction

TABLE, MARK = tables.past_imports, tables.watched
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
    """Write down that somebody brought in a past, and let alerts look again at its months and all since.

    The mark of how far alerts have looked is set back in the transaction that brings the past in, not found out later by comparing
    moments: a part that took long to come in has an earlier moment than looks which could not see it yet.
    """
    before = month_of(month_of(brought.first_on) - timedelta(days=1))
    again = update(MARK).where(MARK.c.through_month > before).values(through_month=before)
    await transaction.execute(again)
    values = {column.name: getattr(brought, column.name) for column in _COLUMNS}
    await transaction.execute(insert(TABLE).values(organisation=str(transaction.organisation), id=ids.new_id(), **values))


async def came_in_since(transaction: Transaction, moment: datetime) -> bool:
    """Whether a part of a past came in after this moment: then more may follow."""
    return bool(await transaction.scalar(select(exists(select(TABLE.c.id).where(TABLE.c.brought_in_at > moment)))))


async def latest(transaction: Transaction, *, limit: int) -> list[BroughtIn]:
    """The latest requests that brought something in."""
    rows = await transaction.execute(select(*_COLUMNS).order_by(TABLE.c.brought_in_at.desc(), TABLE.c.id).limit(limit))
    return [BroughtIn(**row._mapping) for row in rows]
