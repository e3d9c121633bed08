"""Returns as facts: every one owed that the reader may know of, with what its version in force says."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from monitoring.domain.facts import Returned
from monitoring.domain.period import Period
from monitoring.domain.returns.states import Key
from monitoring.store import return_versions
from monitoring.tables import return_heads
from shared.tenancy import Transaction

HEADS = return_heads.c


async def returns(transaction: Transaction, period: Period) -> tuple[Returned, ...]:
    """The returns whose period ended, or which were due, between two days. A council knows only of those it has a part of."""
    days = (period.first, period.last)
    query = select(HEADS.form, HEADS.begins, HEADS.agency, HEADS.ends, HEADS.due_on, HEADS.received_on).where(
        or_(HEADS.ends.between(*days), HEADS.due_on.between(*days))
    )
    found: dict[Key, tuple[date, date, date | None]] = {
        Key(row.form, row.begins, row.agency): (row.ends, row.due_on, row.received_on) for row in await transaction.execute(query)
    }
    said = {version.key: version for version in await return_versions.ending(transaction, *days)}
    found |= {key: (version.ends, version.due_on, version.received_on) for key, version in said.items() if key not in found}
    return tuple(
        Returned(
            key.form,
            key.begins,
            ends,
            key.agency,
            due_on,
            received_on,
            {(cell.field, cell.part): value for cell, value in said[key].values().items()} if key in said else {},
        )
        for key, (ends, due_on, received_on) in sorted(found.items(), key=lambda each: (each[0].begins, each[0].form, each[0].agency))
    )
