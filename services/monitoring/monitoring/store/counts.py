"""What the kept rows add up to, by month or quarter, by council, agency, lot or part, and the records behind, as the reader may see them.

Every sum is made by PostgreSQL of the rows one KPI has in the months asked for; nothing here reads a fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import ARRAY, ColumnElement, Date, Row, Select, Text, and_, any_, cast, distinct, func, literal, or_, select, true, tuple_

from monitoring import tables
from monitoring.domain.adding_up import Sums
from monitoring.domain.adding_up import sums as added_up
from monitoring.domain.catalogue import KPIS
from monitoring.domain.counted import EVERY, LEFT_OUT, NOUGHT, Counted, Summary
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.figure import Tally
from monitoring.domain.period import month_of
from monitoring.domain.scope import Scope
from shared.tenancy import Transaction

C = tables.counted.c
QUARTER = 3


class Side(StrEnum):
    """Which of the rows behind a figure are asked for."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Point:
    """One month or quarter of a KPI. ``denominator`` is None where the KPI divides by nothing."""

    begins: date
    numerator: Decimal
    denominator: Decimal | None
    records: int
    values: tuple[Decimal, ...] = ()
    """Of a KPI that looks at single records (a median), each one's value."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One council's, agency's, lot's or part's share of a KPI; ``code`` is None for what belongs to none."""

    code: str | None
    numerator: Decimal
    denominator: Decimal | None
    records: int
    values: tuple[Decimal, ...] = ()


After = tuple[date, str, str, str]
"""The place of a row in the list behind a figure: its day, id, agency and part."""


async def series(
    transaction: Transaction,
    kpi: str,
    *,
    first: date,
    last: date,
    council: str | None = None,
    agency: str | None = None,
    lot: str | None = None,
    by: Literal["month", "quarter"] = "month",
) -> list[Point]:
    """A KPI month by month or quarter by quarter, over the months that the days ``first`` to ``last`` touch.

    A month without a record has no point. Of a KPI that says how things stand (beds, children in the year) a quarter is its last
    month that is asked for.
    """
    definition = KPIS[kpi]
    begins: ColumnElement[Any] = cast(func.date_trunc(by, C.month), Date)
    wanted = _wanted(definition, first, last, council, agency, lot)
    if by == "quarter" and definition.summary.latest:
        months = select(func.max(C.month)).where(wanted).group_by(begins)
        wanted = and_(wanted, C.month.in_(months))
    rows = await _grouped(transaction, definition, begins, wanted)
    return [Point(*row) for row in sorted(rows)]


async def by(
    transaction: Transaction,
    kpi: str,
    dimension: Dimension | Literal["part"],
    *,
    first: date,
    last: date,
    council: str | None = None,
    agency: str | None = None,
    lot: str | None = None,
) -> list[Slice]:
    """A KPI divided by council, agency, lot or part, over whole months. A bed offered in two lots is a slice of its own, ``a+b``.

    Where a record stands in every agency's figure alike (a referral all could answer), each agency's slice has it.
    """
    definition = KPIS[kpi]
    wanted = _wanted(definition, first, _latest(definition, first, last)[1], council, agency, lot)
    if definition.summary.latest:
        wanted = and_(wanted, C.month == month_of(last))
    key = C[str(dimension)]
    rows = await _grouped(transaction, definition, key, and_(wanted, or_(key.is_(None), key != EVERY)))
    slices = [Slice(*row) for row in rows]
    if dimension is Dimension.AGENCY and definition.summary.divides:
        every = await _grouped(transaction, definition, key, and_(wanted, key == EVERY))
        for _, numerator, denominator, records, _ in every:
            slices = [
                replace(
                    s, numerator=s.numerator + numerator, denominator=(s.denominator or NOUGHT) + (denominator or NOUGHT), records=records
                )
                for s in slices
            ]
    return sorted(slices, key=lambda s: (s.code is None, s.code or ""))


async def behind(
    transaction: Transaction,
    kpi: str,
    *,
    first: date,
    last: date,
    council: str | None = None,
    agency: str | None = None,
    lot: str | None = None,
    part: str | None = None,
    side: Side | None = None,
    after: After | None = None,
    limit: int,
) -> list[Counted]:
    """The records behind a figure that happened from ``first`` to ``last``, in the order of their days; ``after`` a given one.

    Of a KPI that says how things stand, as they stood at the end of the last day's month.
    """
    definition = KPIS[kpi]
    wanted = _wanted(definition, first, last, council, agency, lot)
    wanted = and_(wanted, C.month == month_of(last) if definition.summary.latest else C.happened_on.between(first, last))
    if part is not None:
        wanted = and_(wanted, C.part == part)
    match side:
        case Side.NUMERATOR:
            wanted = and_(wanted, C.numerator != 0, _counted())
        case Side.DENOMINATOR:
            wanted = and_(wanted, C.denominator != 0 if definition.summary.divides else true(), _counted())
        case Side.LEFT_OUT:
            wanted = and_(wanted, C.part.startswith(LEFT_OUT))
    order = (C.happened_on, C.id, func.coalesce(C.agency, ""), C.part)
    if after is not None:
        wanted = and_(wanted, tuple_(*order) > tuple_(*after))
    rows = await transaction.execute(select(tables.counted).where(wanted).order_by(*order).limit(limit))
    return [_row(row) for row in rows]


async def placements_by_tier(transaction: Transaction, scope: Scope) -> dict[tuple[str | None, str], int]:
    """How many placements of each lot went to each tier, over whole months."""
    definition = KPIS["placed_tier_one"]
    wanted = _wanted(definition, scope.period.first, scope.period.last, scope.council, scope.agency, scope.lot)
    query: Select[Any] = select(C.lot, C.part, func.count()).where(wanted, _counted()).group_by(C.lot, C.part)
    return {(its_lot, part): number for its_lot, part, number in await _rows(transaction, query)}


async def sums(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> dict[str, Sums]:
    """What each KPI's figure over whole months is made of, by name."""
    period = scope.period
    sums_of = [each for each in definitions if not each.summary.of_each]
    found: dict[str, Sums] = {}
    for each_month in (False, True):
        for latest in (False, True):
            some = [each for each in sums_of if each.each_month == each_month and each.summary.latest == latest]
            if some:
                first = month_of(period.last) if latest else period.first
                found |= await _sums(transaction, some, first, scope, each_month=each_month)
    for each in definitions:
        if each.summary.of_each:
            wanted = _wanted(each, period.first, period.last, scope.council, scope.agency, scope.lot)
            rows = await transaction.execute(select(tables.counted).where(wanted))
            found[each.name] = added_up(each, [_row(row) for row in rows])
    return found


async def _sums(
    transaction: Transaction, definitions: Sequence[Definition], first: date, scope: Scope, *, each_month: bool
) -> dict[str, Sums]:
    records = distinct(C.id) if each_month else C.id
    names = {each.kept_as for each in definitions}
    divided = func.count(records).filter(C.denominator != 0)
    query: Select[Any] = (
        select(
            C.kpi,
            C.part,
            func.sum(C.numerator),
            func.coalesce(func.sum(C.denominator), 0),
            func.count(records),
            divided,
        )
        .where(C.kpi.in_(names), C.month.between(month_of(first), scope.period.last), _scoped(scope.council, scope.agency, scope.lot))
        .group_by(C.kpi, C.part)
    )
    tallies: dict[str, list[Tally]] = {}
    for row in await transaction.execute(query):
        tallies.setdefault(row.kpi, []).append(Tally(*tuple(row)[1:]))
    cases = {}
    for each in definitions:
        if each.summary is Summary.DISTINCT:
            wanted = _wanted(each, first, scope.period.last, scope.council, scope.agency, scope.lot)
            cases[each.name] = await transaction.scalar(select(func.count(distinct(C.once))).where(wanted))
    return {each.name: Sums(tuple(tallies.get(each.kept_as, ())), cases.get(each.name, 0)) for each in definitions}


async def _grouped(
    transaction: Transaction, definition: Definition, key: ColumnElement[Any], wanted: ColumnElement[bool]
) -> list[tuple[Any, Decimal, Decimal | None, int, tuple[Decimal, ...]]]:
    """Numerator, denominator, records and single values, by a key; what is left out counts for no record and no numerator."""
    if definition.summary.of_each:
        cases = select(key.label("key"), func.min(C.numerator).label("value")).where(wanted, _counted()).group_by(key, C.once).subquery()
        middle: Select[Any] = select(cases.c.key, func.array_agg(cases.c.value)).group_by(cases.c.key)
        return [(each, NOUGHT, None, len(values), tuple(values)) for each, values in await _rows(transaction, middle)]
    numerator: ColumnElement[Any] = func.sum(C.numerator)
    if definition.summary is Summary.DISTINCT:
        numerator = func.count(distinct(C.once))
    records = func.count(distinct(C.id) if definition.each_month else C.id)
    denominator = func.coalesce(func.sum(C.denominator), 0)
    if definition.summary.divides:
        shares: Select[Any] = select(key, numerator, denominator, records.filter(C.denominator != 0)).where(wanted).group_by(key)
        return [(each, above, below, number, ()) for each, above, below, number in await _rows(transaction, shares) if number]
    query: Select[Any] = select(key, numerator, records).where(wanted, _counted()).group_by(key)
    return [(each, Decimal(above), None, number, ()) for each, above, number in await _rows(transaction, query)]


async def _rows(transaction: Transaction, query: Select[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await transaction.execute(query)]


def _latest(definition: Definition, first: date, last: date) -> tuple[date, date]:
    return (month_of(last), last) if definition.summary.latest else (first, last)


def _wanted(
    definition: Definition, first: date, last: date, council: str | None, agency: str | None, lot: str | None
) -> ColumnElement[bool]:
    return and_(C.kpi == definition.kept_as, C.month.between(month_of(first), last), _scoped(council, agency, lot))


def _scoped(council: str | None, agency: str | None, lot: str | None) -> ColumnElement[bool]:
    """As :meth:`Counted.of` says."""
    conditions: list[ColumnElement[bool]] = [true()]
    if council is not None:
        conditions.append(C.council == council if agency is None else or_(C.council == council, C.council.is_(None)))
    if agency is not None:
        conditions.append(C.agency.in_((agency, EVERY)))
    if lot is not None:
        conditions.append(
            or_(C.lot == lot, and_(C.lot.contains("+"), literal(lot) == any_(func.string_to_array(C.lot, "+", type_=ARRAY(Text)))))
        )
    return and_(*conditions)


def _counted() -> ColumnElement[bool]:
    return ~C.part.startswith(LEFT_OUT)


def _row(row: Row[Any]) -> Counted:
    return Counted(row.kind, row.id, row.happened_on, row.numerator, row.denominator, row.council, row.agency, row.lot, row.part, row.once)
