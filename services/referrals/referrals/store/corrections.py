"""Records of a time in care found by their day and put right; what each said before is kept for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, insert, select, tuple_, update

from referrals.domain.corrections import Correction, CorrectionReason, RecordKind
from referrals.tables import care_corrections, care_periods, legal_statuses, outside_placements, reviews
from shared.cursors import Wanted, after_moment
from shared.one_of import one_of
from shared.tenancy import Transaction

_FOUND_BY: Mapping[RecordKind, tuple[Table, str]] = {
    RecordKind.LEGAL_STATUS: (legal_statuses, "from_on"),
    RecordKind.REVIEW: (reviews, "held_on"),
    RecordKind.CARE_PERIOD: (care_periods, "began_on"),
    RecordKind.OUTSIDE_PLACEMENT: (outside_placements, "began_on"),
}
"""Of a child, there is one of each on a day."""


async def found(transaction: Transaction, record: RecordKind, child: UUID, day: date) -> dict[str, Any] | None:
    """A record by the day it is of: its columns, who recorded it and when; None when there is none."""
    table, column = _FOUND_BY[record]
    mine = (table.c.organisation == str(transaction.organisation), table.c.child == child, table.c[column] == day)
    row = (await transaction.execute(select(table).where(*mine))).one_or_none()
    return dict(row._mapping) if row else None


async def put_right(transaction: Transaction, record: RecordKind, child: UUID, day: date, values: Mapping[str, Any]) -> None:
    """Let the record of a day say something else; who corrected it is named as having recorded it."""
    table, column = _FOUND_BY[record]
    mine = (table.c.organisation == str(transaction.organisation), table.c.child == child, table.c[column] == day)
    changed = await transaction.execute(update(table).where(*mine).values(**values))
    assert changed.rowcount == 1, "the child was held and the record read under that hold"


async def take_out(transaction: Transaction, record: RecordKind, child: UUID, days: Sequence[date]) -> None:
    """Take the records of these days out."""
    table, column = _FOUND_BY[record]
    mine = (table.c.organisation == str(transaction.organisation), table.c.child == child, one_of(table.c[column], days))
    await transaction.execute(delete(table).where(*mine))


async def keep(transaction: Transaction, correction: Correction) -> None:
    """Keep what was corrected, for good."""
    await transaction.execute(
        insert(care_corrections).values(
            organisation=str(transaction.organisation),
            id=correction.id,
            child=correction.child,
            record=correction.record,
            reason=correction.reason,
            before=_plain(correction.before),
            after=None if correction.after is None else _plain(correction.after),
            recorded_by=correction.by,
            at=correction.at,
        )
    )


async def of_child(transaction: Transaction, child: UUID, wanted: Wanted) -> list[Correction]:
    """What was corrected of a child's time in care, oldest first, one row more than the page."""
    table = care_corrections.c
    query = select(care_corrections).where(table.organisation == str(transaction.organisation), table.child == child)
    if after := after_moment(wanted):
        query = query.where(tuple_(table.at, table.id) > after)
    rows = await transaction.execute(query.order_by(table.at, table.id).limit(wanted.limit + 1))
    return [
        Correction(row.id, row.child, RecordKind(row.record), CorrectionReason(row.reason), row.before, row.after, row.recorded_by, row.at)
        for row in rows
    ]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in values.items()}
