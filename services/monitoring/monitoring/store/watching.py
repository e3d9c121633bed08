"""What alerts look at: the months of every council's or agency's series of one KPI, in one query.

The sums are those that ``store/counts`` makes for one scope; a test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from monitoring import tables
from monitoring.domain.counted import EVERY, LEFT_OUT, NOUGHT
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.watch import Month
from shared.tenancy import Transaction

C = tables.counted.c
Months = dict[str, tuple[Month, ...]]


async def sums(transaction: Transaction, definition: Definition, whose: Dimension | None, *, first: date, last: date) -> Months:
    """Each series' months by its code ("" for the consortium's one): numerators and denominators added up."""
    key, columns = _key(whose)
    query: Select[Any] = (
        select(*columns, C.month, func.sum(C.numerator), func.coalesce(func.sum(C.denominator), 0))
        .where(C.kpi == definition.kept_as, C.month.between(first, last))
        .group_by(*columns, C.month)
    )
    found: dict[str, dict[date, tuple[Decimal, Decimal]]] = defaultdict(dict)
    for row in await transaction.execute(query):
        *code, month, numerator, denominator = tuple(row)
        found[code[0] if code else ""][month] = (numerator, denominator)
    every = found.pop(EVERY, {}) if key is not None else {}
    return {code: _months(theirs, every) for code, theirs in found.items() if code is not None}


async def values(transaction: Transaction, definition: Definition, whose: Dimension | None, *, first: date, last: date) -> Months:
    """Each series' months with its single records: of each case the smallest, where the KPI looks at those; else its share in per cent."""
    _, columns = _key(whose)
    wanted = (C.kpi == definition.kept_as, C.month.between(first, last), ~C.part.startswith(LEFT_OUT))
    query: Select[Any]
    if definition.summary.of_each:
        query = select(*columns, func.min(C.month), func.min(C.numerator)).where(*wanted).group_by(*columns, C.once)
    else:
        query = select(*columns, C.month, 100 * C.numerator / C.denominator).where(*wanted, C.denominator != 0)
    found: dict[str, dict[date, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in await transaction.execute(query):
        *code, month, value = tuple(row)
        found[code[0] if code else ""][month].append(value)
    return {
        code: tuple(Month(month, NOUGHT, NOUGHT, tuple(sorted(each))) for month, each in sorted(months.items()))
        for code, months in found.items()
        if code is not None and code != EVERY
    }


async def span(transaction: Transaction) -> tuple[date, date] | None:
    """The first and last month of which anything is kept."""
    row = (await transaction.execute(select(func.min(C.month).label("earliest"), func.max(C.month).label("latest")))).one()
    return None if row.earliest is None else (row.earliest, row.latest)


def _key(whose: Dimension | None) -> tuple[Any, list[Any]]:
    key = None if whose is None else C[str(whose)]
    return key, [] if key is None else [key]


def _months(theirs: dict[date, tuple[Decimal, Decimal]], every: dict[date, tuple[Decimal, Decimal]]) -> tuple[Month, ...]:
    """A series' months, with what stands in every agency's figure alike."""
    nothing = (NOUGHT, NOUGHT)
    found = []
    for month in sorted({*theirs, *(every if theirs else ())}):
        (above, below), (more_above, more_below) = theirs.get(month, nothing), every.get(month, nothing)
        found.append(Month(month, above + more_above, below + more_below))
    return tuple(found)
