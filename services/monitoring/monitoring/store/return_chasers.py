"""Who was chased for which return, when and how; each chaser once, for the agency and the consortium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from monitoring.domain.returns.chasing import Chased, Chaser
from monitoring.domain.returns.states import Key
from monitoring.tables import return_chasers
from shared.tenancy import Transaction

CHASERS = return_chasers.c


@dataclass(frozen=True, slots=True)
class Recorded:
    """A chaser that was sent."""

    key: Key
    chased: Chased
    at: datetime


async def record(transaction: Transaction, chasers: Sequence[tuple[Key, Chased]], now: datetime) -> int:
    """Write these down for the organisation whose transaction it is, each once; how many are new."""
    rows = [
        {
            "organisation": str(transaction.organisation),
            "form": key.form,
            "begins": key.begins,
            "agency": key.agency,
            "chased_for": chased.day,
            "chaser": chased.chaser,
            "chased_at": now,
        }
        for key, chased in chasers
    ]
    if not rows:
        return 0
    given = insert(return_chasers).values(rows).on_conflict_do_nothing().returning(CHASERS.agency)
    return len((await transaction.execute(given)).all())


async def latest_first(transaction: Transaction, *, after: tuple[datetime, str, str, date] | None, limit: int) -> list[Recorded]:
    """Chasers the reader may see, the newest first; ``after`` a given one."""
    order = (CHASERS.chased_at, CHASERS.form, CHASERS.agency, CHASERS.begins)
    query = select(return_chasers).order_by(*(column.desc() for column in order)).limit(limit)
    if after is not None:
        query = query.where(tuple_(*order) < tuple_(*after))
    return [_recorded(row) for row in await transaction.execute(query)]


async def of_reader(transaction: Transaction, *, form: str | None, begins: date | None) -> dict[Key, list[Recorded]]:
    """Each return's chasers, the first first, of one form and period or all."""
    query = select(return_chasers).order_by(CHASERS.chased_for)
    if form is not None:
        query = query.where(CHASERS.form == form)
    if begins is not None:
        query = query.where(CHASERS.begins == begins)
    found: dict[Key, list[Recorded]] = {}
    for row in await transaction.execute(query):
        found.setdefault(Key(row.form, row.begins, row.agency), []).append(_recorded(row))
    return found


def _recorded(row: Row[Any]) -> Recorded:
    key = Key(row.form, row.begins, row.agency)
    return Recorded(key, Chased(row.chased_for, Chaser(row.chaser)), row.chased_at)
