"""Keep the records as each KPI counts them: a month is taken away whole and written whole, for one reader at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, delete, func, select

from monitoring import tables
from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.counted import EVERY, NOUGHT, ONE, Counted
from monitoring.domain.period import Period
from shared.tenancy import Transaction

Kept = tuple[str, date, Counted]
"""Under which KPI's name, in which month, and the row."""

OF_CASES = sorted({each.kept_as for each in CATALOGUE if each.summary.of_each})
"""The KPIs, as they are kept, whose single cases are kept beside the sums."""
AT_ONCE = 50_000
"""Rows of one statement: as arrays they take some ten megabytes."""
_EPOCH = date(1970, 1, 1).toordinal()

# On the driver's own connection, numbers as text and days as whole numbers: half a million rows take seconds so, and minutes otherwise.
_WRITE = """
INSERT INTO counted
    (organisation, kpi, month, kind, id, happened_on, council, agency, lot, part, once, numerator, denominator)
SELECT $1, kpi, date '1970-01-01' + month, kind, id, date '1970-01-01' + happened_on, council, agency, lot, part, once,
    numerator::numeric, denominator::numeric
FROM unnest(
    $2::text[], $3::integer[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
    $12::text[], $13::text[]
) AS given (kpi, month, kind, id, happened_on, council, agency, lot, part, once, numerator, denominator)
"""
_COPY = "SELECT copy_counted($1::date[], $2::text[], $3::text[], $4::text[])"
_ADD_UP = "SELECT add_up_counted($1::date[], $2::text[])"
# A year of a much larger consortium is counted for more than the minute that a request's transaction may rest.
_TAKE_TIME = "SET LOCAL idle_in_transaction_session_timeout = '15min'; SET LOCAL statement_timeout = '5min'"
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('monitoring recount'))"


async def alone(transaction: Transaction) -> bool:
    """Whether no other recount runs in this database; if so none begins until the transaction ends, which may take its time."""
    await transaction.driver.execute(_TAKE_TIME)
    return bool(await transaction.driver.fetchval(_ALONE))


async def readers_of(transaction: Transaction, months: Sequence[date]) -> set[str]:
    """Every council and agency that a kept row of these months is about, as organisations."""
    c = tables.counted.c
    rows = (await transaction.execute(select(c.council, c.agency).where(c.month.in_(months)).distinct())).all()
    councils = {f"council:{row.council}" for row in rows if row.council is not None}
    return councils | {f"agency:{row.agency}" for row in rows if row.agency not in (None, EVERY)}


async def write(transaction: Transaction, months: Sequence[date], rows: Sequence[Kept]) -> None:
    """In place of these months' rows write these, for the organisation whose transaction it is, and their sums."""
    own = str(transaction.organisation)
    await forget(transaction, months)
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        counted = [row for _, _, row in some]
        await transaction.driver.execute(
            _WRITE,
            own,
            [kpi for kpi, _, _ in some],
            [month.toordinal() - _EPOCH for _, month, _ in some],
            [row.kind for row in counted],
            [row.id for row in counted],
            [row.on.toordinal() - _EPOCH for row in counted],
            [row.council for row in counted],
            [row.agency for row in counted],
            [row.lot for row in counted],
            [row.part for row in counted],
            [row.once for row in counted],
            [_number(row.numerator) for row in counted],
            [_number(row.denominator) for row in counted],
        )
    await transaction.driver.execute(_ADD_UP, list(months), OF_CASES)


async def copy(transaction: Transaction, months: Sequence[date], *, for_councils: Iterable[str], for_agencies: Iterable[str]) -> None:
    """Give each council and agency its rows of the consortium's, of the KPIs that councils and that agencies may see.

    PostgreSQL does it, acting as each in turn: the rows do not travel again. Who had rows of these months must have been told to
    :func:`forget` them.
    """
    await transaction.driver.execute(_COPY, list(months), sorted(for_councils), sorted(for_agencies), OF_CASES)


async def without_cases(transaction: Transaction) -> set[date]:
    """Months whose sums were kept by a release that kept no cases beside them."""
    c = tables.counted_sums.c
    rows = await transaction.execute(select(c.month).where(c.kpi.in_(OF_CASES), c.cases.is_(None)).distinct())
    return {row.month for row in rows}


async def span(transaction: Transaction) -> Period | None:
    """From the first month of which rows are kept to the last."""
    c = tables.counted_sums.c
    first, last = tuple((await transaction.execute(select(func.min(c.month), func.max(c.month)))).one())
    return Period(first, last) if first is not None else None


async def rows(transaction: Transaction, months: Sequence[date]) -> list[Kept]:
    """Every row kept of these months, for the organisation whose transaction it is."""
    found = await transaction.execute(select(tables.counted).where(tables.counted.c.month.in_(months)))
    return [(row.kpi, row.month, counted_of(row)) for row in found]


def counted_of(row: Row[Any]) -> Counted:
    """A kept row as the formulas give it."""
    return Counted(row.kind, row.id, row.happened_on, row.numerator, row.denominator, row.council, row.agency, row.lot, row.part, row.once)


async def forget(transaction: Transaction, months: Sequence[date]) -> None:
    """Take away these months' rows and sums of the organisation whose transaction it is."""
    for table in (tables.counted, tables.counted_sums):
        await transaction.execute(delete(table).where(table.c.month.in_(months)))


def _number(value: Decimal | None) -> str | None:
    """As text; nearly all are nought or one."""
    if value is ONE:
        return "1"
    if value is NOUGHT:
        return "0"
    return None if value is None else str(value)
