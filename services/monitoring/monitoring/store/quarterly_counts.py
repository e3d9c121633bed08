"""What figures count quarter by quarter, over all or by one column: what small numbers are looked for in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Select, and_, cast, distinct, extract, func, literal, or_, select
from sqlalchemy import case as when

from monitoring.domain.counted import EVERY, NOUGHT
from monitoring.domain.definition import Definition
from monitoring.domain.giving_away import counts_of
from monitoring.domain.period import Period, month_of, months
from monitoring.domain.suppression import Code, Counts
from monitoring.store.adding import ROWS, counted
from shared.tenancy import Transaction

Quarters = dict[date, dict[Code, Counts]]
"""By a quarter's first day, of each code the counts."""


async def of(transaction: Transaction, definitions: Sequence[Definition], period: Period, column: str | None) -> dict[str, Quarters]:
    """Each figure's counts in the whole quarters of a period, by council, agency, lot or part, or over all (under the code None).

    Of a figure that says how things stand, a quarter is its last month. What stands in every agency's figure alike is no agency's own.
    """
    c = ROWS.c
    quarter = cast(func.date_trunc("quarter", c.month), Date)
    key = literal(None) if column is None else c[column]
    latest = {each.kept_as for each in definitions if each.summary.latest}
    each_month = {each.kept_as for each in definitions if each.each_month}
    record = when((c.kpi.in_(each_month), c.id), else_=func.coalesce(func.nullif(c.once, ""), c.id))
    wanted = [
        c.kpi.in_({each.kept_as for each in definitions}),
        c.month.in_([month_of(each.first) for each in months(period)]),
        or_(c.kpi.not_in(latest), extract("month", c.month).in_((3, 6, 9, 12))),
        counted(ROWS),
    ]
    if column == "agency":
        wanted.append(or_(c.agency.is_(None), c.agency != EVERY))
    query: Select[Any] = (
        select(c.kpi, quarter, key, func.sum(c.numerator), func.sum(c.denominator), func.count(distinct(record)))
        .where(and_(*wanted))
        .group_by(*((c.kpi, quarter) if column is None else (c.kpi, quarter, key)))
    )
    rows = [tuple(row) for row in await transaction.execute(query)]
    found: dict[str, Quarters] = {each.name: {} for each in definitions}
    for each in definitions:
        for kpi, begins, code, numerator, denominator, records in rows:
            if kpi == each.kept_as:
                counts = counts_of(each, numerator or NOUGHT, Decimal(denominator or 0), records)
                found[each.name].setdefault(begins, {})[code] = counts
    return found
