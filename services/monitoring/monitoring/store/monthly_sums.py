"""The months of many KPIs in one query: what ``counts.series`` gives one by one, for a page that draws a line beside each figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import FromClause, Select, distinct, func, select

from monitoring.domain.counted import EVERY, NOUGHT, Summary
from monitoring.domain.definition import Definition
from monitoring.domain.period import Period, month_of, months
from monitoring.domain.watch import Month
from monitoring.store import counts
from monitoring.store.adding import ROWS, SUMS, Choice, counted
from shared.tenancy import Transaction


async def of(transaction: Transaction, definitions: Sequence[Definition], choice: Choice) -> dict[str, tuple[Month, ...]]:
    """Each KPI's months with records, by its name; those that look at single records or at cases are read one by one."""
    found = {each.name: await _alone(transaction, each, choice) for each in definitions if _alone_only(each)}
    together = [each for each in definitions if not _alone_only(each)]
    if not together:
        return found
    table: FromClause = SUMS if choice.of_all else ROWS
    c, is_counted = table.c, counted(table)
    divided = func.sum(c.divided) if table is SUMS else func.count().filter(c.denominator != 0)
    wanted = [month_of(each.first) for each in months(Period(choice.first, choice.last))]
    query: Select[Any] = (
        select(
            c.kpi,
            c.month,
            func.sum(c.numerator),
            func.sum(c.numerator).filter(is_counted),
            func.coalesce(func.sum(c.denominator), NOUGHT),
            divided,
        )
        .where(c.kpi.in_({each.kept_as for each in together}), c.month.in_(wanted), choice.scoped(table))
        .group_by(c.kpi, c.month)
        .order_by(c.month)
    )
    rows = [tuple(row) for row in await transaction.execute(query)]
    for each in together:
        own = [row[1:] for row in rows if row[0] == each.kept_as]
        if each.summary.divides:
            found[each.name] = tuple(Month(month, every, below, ()) for month, every, _, below, parted in own if parted)
        else:
            found[each.name] = tuple(Month(month, above, NOUGHT, ()) for month, _, above, _, _ in own if above is not None)
    return found


async def agencies_behind(transaction: Transaction, definitions: Sequence[Definition], choice: Choice) -> dict[str, int]:
    """How many agencies have records of each KPI in the months asked for."""
    wanted = [month_of(each.first) for each in months(Period(choice.first, choice.last))]
    query: Select[Any] = (
        select(ROWS.c.kpi, func.count(distinct(ROWS.c.agency)))
        .where(
            ROWS.c.kpi.in_({each.kept_as for each in definitions}),
            ROWS.c.month.in_(wanted),
            choice.scoped(ROWS),
            ROWS.c.agency != EVERY,
            counted(ROWS),
        )
        .group_by(ROWS.c.kpi)
    )
    found = {kpi: int(many) for kpi, many in [tuple(row) for row in await transaction.execute(query)]}
    return {each.name: found.get(each.kept_as, 0) for each in definitions}


def _alone_only(definition: Definition) -> bool:
    return definition.summary.of_each or definition.summary is Summary.DISTINCT


async def _alone(transaction: Transaction, definition: Definition, choice: Choice) -> tuple[Month, ...]:
    points = await counts.series(
        transaction,
        definition.name,
        first=choice.first,
        last=choice.last,
        council=choice.council,
        agency=choice.agency,
        lot=choice.lot,
    )
    return tuple(Month(point.begins, point.numerator, point.denominator or NOUGHT, point.values) for point in points)
