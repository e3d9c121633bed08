"""Keep the records as each KPI counts them: a month is taken away whole and written whole, for one reader at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select

from monitoring import tables
from monitoring.domain.counted import EVERY, Counted
from shared.tenancy import Transaction

AT_ONCE = 20_000
"""Rows of one statement: as arrays they take a few megabytes."""

Kept = tuple[str, date, Counted]
"""Under which KPI's name, in which month, and the row."""

# One statement whatever the number of rows, on the driver's own connection: a row at a time would take minutes for three years.
_WRITE = """
INSERT INTO counted
    (organisation, kpi, month, kind, id, happened_on, council, agency, lot, part, once, numerator, denominator)
SELECT $1, given.* FROM unnest(
    $2::text[], $3::date[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::numeric[], $13::numeric[]) AS given
"""
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('monitoring recount'))"


async def alone(transaction: Transaction) -> bool:
    """Whether no other recount runs in this database; if so none begins until the transaction ends."""
    return bool(await transaction.driver.fetchval(_ALONE))


async def readers_of(transaction: Transaction, months: Sequence[date]) -> set[str]:
    """Every council and agency that a kept row of these months is about, as organisations."""
    c = tables.counted.c
    rows = (await transaction.execute(select(c.council, c.agency).where(c.month.in_(months)).distinct())).all()
    councils = {f"council:{row.council}" for row in rows if row.council is not None}
    return councils | {f"agency:{row.agency}" for row in rows if row.agency not in (None, EVERY)}


async def forget(transaction: Transaction, months: Sequence[date]) -> None:
    """Take away these months of the organisation whose transaction it is."""
    await transaction.execute(delete(tables.counted).where(tables.counted.c.month.in_(months)))


async def write(transaction: Transaction, rows: Sequence[Kept]) -> None:
    """Write rows for the organisation whose transaction it is."""
    own = str(transaction.organisation)
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        counted = [row for _, _, row in some]
        await transaction.driver.execute(
            _WRITE,
            own,
            [kpi for kpi, _, _ in some],
            [month for _, month, _ in some],
            [row.kind for row in counted],
            [row.id for row in counted],
            [row.on for row in counted],
            [row.council for row in counted],
            [row.agency for row in counted],
            [row.lot for row in counted],
            [row.part for row in counted],
            [row.once for row in counted],
            [row.numerator for row in counted],
            [row.denominator for row in counted],
        )
