"""Sums of kept rows, made by PostgreSQL: from the sums kept by month and council where they suffice, else from the rows themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    any_,
    distinct,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import case as when

from monitoring import tables
from monitoring.domain.adding_up import Sums
from monitoring.domain.counted import EVERY, LEFT_OUT, NOUGHT, Counted, Summary
from monitoring.domain.definition import Definition
from monitoring.domain.figure import Tally
from monitoring.domain.period import Period, month_of, months
from monitoring.store.counting import counted_of
from shared.tenancy import Transaction

ROWS, SUMS = tables.counted, tables.counted_sums

Sum = tuple[Any, Decimal, Decimal | None, int, tuple[Decimal, ...]]
"""A key, and of its rows the numerator, the denominator, how many records, and the single values where a KPI looks at those."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows are asked for: whole months that two days touch, and whose."""

    first: date
    last: date
    council: str | None = None
    agency: str | None = None
    lot: str | None = None

    @property
    def of_all(self) -> bool:
        """Whether every agency's and lot's are: then the sums kept by month and council suffice."""
        return self.agency is None and self.lot is None

    def begins(self, definition: Definition) -> date:
        """The first month that counts: of a KPI that says how things stand, the last one asked for."""
        return month_of(self.last if definition.summary.latest else self.first)

    def where(self, table: FromClause, definitions: Sequence[Definition]) -> ColumnElement[bool]:
        """As a condition on rows of KPIs that begin alike. Months are named one by one: so the index is read at them alone."""
        begins = self.begins(definitions[0])
        wanted = [month_of(each.first) for each in months(Period(begins, self.last))]
        conditions = [table.c.month.in_(wanted), table.c.kpi.in_({each.kept_as for each in definitions})]
        return and_(*conditions, self.scoped(table))

    def scoped(self, table: FromClause) -> ColumnElement[bool]:
        """As :meth:`Counted.of` says."""
        c = table.c
        conditions: list[ColumnElement[bool]] = [true()]
        if self.council is not None:
            conditions.append(c.council == self.council if self.agency is None else or_(c.council == self.council, c.council.is_(None)))
        if self.agency is not None:
            conditions.append(c.agency.in_((self.agency, EVERY)))
        if self.lot is not None:
            several = literal(self.lot) == any_(func.string_to_array(c.lot, "+", type_=ARRAY(Text)))
            conditions.append(or_(c.lot == self.lot, and_(c.lot.contains("+"), several)))
        return and_(*conditions)


def counted(table: FromClause) -> ColumnElement[bool]:
    """Rows that are counted, not only stated."""
    return ~table.c.part.startswith(LEFT_OUT)


async def grouped(
    transaction: Transaction,
    definition: Definition,
    choice: Choice,
    key: str,
    *,
    begins: ColumnElement[Any] | None = None,
    also: Sequence[ColumnElement[bool]] = (),
    undivided: bool = False,
) -> list[Sum]:
    """One KPI's sums by a column, or by when ``begins`` says that its month's group begins.

    Sums of the divided KPIs hold the denominators of what is left out (children whose first placement was not heard); a group
    without a record that divides is none, unless ``undivided`` ones are asked for.
    """
    if definition.summary.of_each:
        return [(each, NOUGHT, None, len(values), values) for each, values in await _values(transaction, definition, choice, key, begins)]
    kept = choice.of_all and key in ("month", "council", "part") and definition.summary is not Summary.DISTINCT and not also
    table: FromClause = SUMS if kept else ROWS
    column = table.c[key] if begins is None else begins
    numerator, denominator, records, divided = _sums_of(table, definition, choice.begins(definition), begins)
    if definition.summary is Summary.DISTINCT:
        numerator = func.count(distinct(ROWS.c.once))
    query: Select[Any] = select(column, numerator, denominator, records, divided).where(choice.where(table, [definition]), *also)
    divides = definition.summary.divides
    if not divides:
        query = query.where(counted(table))
    rows = [tuple(row) for row in await transaction.execute(query.group_by(column))]
    return [
        (each, Decimal(above or 0), below if divides else None, parted if divides else number, ())
        for each, above, below, number, parted in rows
        if parted or undivided or not divides
    ]


async def sums(
    transaction: Transaction, definitions: Sequence[Definition], choice: Choice, *, but: Mapping[str, Collection[str]] | None = None
) -> dict[str, Sums]:
    """What each KPI's figure over whole months is made of, by name; ``but``: cases (by ``once``) that are left to the asker, by the name
    a KPI is kept as: they are in no count of cases and in no values."""
    elsewhere = but or {}
    found: dict[str, Sums] = {}
    of_each: dict[str, Sums] = {}
    for each in definitions:
        if each.summary.of_each and each.kept_as not in of_each:
            of_each[each.kept_as] = await _of_each(transaction, each, choice, _none_of(elsewhere.get(each.kept_as, ())))
    for each_month in (False, True):
        for latest in (False, True):
            some = [
                each for each in definitions if not each.summary.of_each and each.each_month == each_month and each.summary.latest == latest
            ]
            if some:
                tallies = await _tallies(transaction, some, choice)
                found |= {each.name: Sums(tuple(tallies.get(each.kept_as, ())), 0) for each in some}
    for each in definitions:
        if each.summary is Summary.DISTINCT:
            ours = _none_of(elsewhere.get(each.kept_as, ()))
            query: Select[Any] = select(func.count(distinct(ROWS.c.once))).where(choice.where(ROWS, [each]), ours)
            found[each.name] = Sums(found[each.name].tallies, int(await transaction.scalar(query)))
    return found | {each.name: of_each[each.kept_as] for each in definitions if each.summary.of_each}


async def rows_of(transaction: Transaction, definition: Definition, choice: Choice, cases: Collection[str]) -> list[Counted]:
    """One KPI's rows of these cases, by their ``once``."""
    query = select(ROWS).where(choice.where(ROWS, [definition]), _one_of(ROWS.c.once, cases))
    return [counted_of(row) for row in await transaction.execute(query)] if cases else []


async def met_before(
    transaction: Transaction, definitions: Sequence[Definition], choice: Choice, rows: Mapping[str, Sequence[Counted]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """How many records of these rows have rows in the chosen months already, and how many of them with a denominator in both: by the name
    a KPI is kept as, and by part."""
    given = sorted({(kpi, row.part, row.id, bool(row.denominator)) for kpi, each in rows.items() for row in each})
    if not given or not definitions:
        return {}
    arrays: list[ColumnElement[Any]] = [
        literal(list(column), ARRAY(kind)) for column, kind in zip(zip(*given, strict=True), (Text, Text, Text, Boolean), strict=True)
    ]
    theirs = func.unnest(*arrays).table_valued("kpi", "part", "id", "divided", name="given").render_derived()
    c = ROWS.c
    both = and_(theirs.c.divided, c.denominator != 0)
    query: Select[Any] = (
        select(c.kpi, c.part, func.count(distinct(c.id)), func.count(distinct(c.id)).filter(both))
        .join(theirs, and_(theirs.c.kpi == c.kpi, theirs.c.part == c.part, theirs.c.id == c.id))
        .where(choice.where(ROWS, definitions))
        .group_by(c.kpi, c.part)
    )
    return {(kpi, part): (records, divided) for kpi, part, records, divided in [tuple(row) for row in await transaction.execute(query)]}


def _one_of(column: ColumnElement[str], cases: Collection[str]) -> ColumnElement[bool]:
    return column == any_(literal(sorted(cases), ARRAY(Text)))


def _none_of(cases: Collection[str]) -> ColumnElement[bool]:
    return ~_one_of(ROWS.c.once, cases) if cases else true()


async def _tallies(transaction: Transaction, alike: Sequence[Definition], choice: Choice) -> dict[str, list[Tally]]:
    table: FromClause = SUMS if choice.of_all else ROWS
    columns = _sums_of(table, alike[0], choice.begins(alike[0]), None)
    query: Select[Any] = select(table.c.kpi, table.c.part, *columns).where(choice.where(table, alike)).group_by(table.c.kpi, table.c.part)
    tallies: dict[str, list[Tally]] = {}
    for kpi, part, above, below, records, divided in [tuple(row) for row in await transaction.execute(query)]:
        tallies.setdefault(kpi, []).append(Tally(part, above, below, int(records), int(divided)))
    return tallies


def _sums_of(
    table: FromClause, definition: Definition, first: date, begins: ColumnElement[Any] | None
) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    """Numerator, denominator, records and records with a denominator. A stay counts once, in the first month it has in a group."""
    c = table.c
    below: ColumnElement[Any] = func.coalesce(func.sum(c.denominator), 0)
    if table is ROWS:
        record = distinct(c.id) if definition.each_month else c.id
        return func.sum(c.numerator), below, func.count(record), func.count(record).filter(c.denominator != 0)
    if not definition.each_month:
        return func.sum(c.numerator), below, func.sum(c.records), func.sum(c.divided)
    starts = c.month == (first if begins is None else func.greatest(begins, first))
    records = func.sum(when((starts, c.records), else_=c.begun))
    return func.sum(c.numerator), below, records, func.sum(when((starts, c.divided), else_=c.divided_begun))


async def _values(
    transaction: Transaction,
    definition: Definition,
    choice: Choice,
    key: str,
    begins: ColumnElement[Any] | None,
    also: Sequence[ColumnElement[bool]] = (),
) -> list[tuple[Any, tuple[Decimal, ...]]]:
    column = ROWS.c[key] if begins is None else begins
    cases = (
        select(column.label("key"), func.min(ROWS.c.numerator).label("value"))
        .where(choice.where(ROWS, [definition]), counted(ROWS), *also)
        .group_by(column, ROWS.c.once)
        .subquery()
    )
    query: Select[Any] = select(cases.c.key, func.array_agg(cases.c.value)).group_by(cases.c.key)
    return [(each, tuple(values)) for each, values in [tuple(row) for row in await transaction.execute(query)]]


async def _of_each(transaction: Transaction, definition: Definition, choice: Choice, ours: ColumnElement[bool]) -> Sums:
    """Each case's smallest value, and how many cases are left out: those that no other row counts."""
    values = await _values(transaction, definition, choice, "kpi", None, [ours])
    other = ROWS.alias("other")
    elsewhere = select(other.c.once).where(choice.where(other, [definition]), counted(other))
    query: Select[Any] = (
        select(ROWS.c.part, func.count(distinct(ROWS.c.once)))
        .where(choice.where(ROWS, [definition]), ~counted(ROWS), ROWS.c.once.not_in(elsewhere), ours)
        .group_by(ROWS.c.part)
    )
    rows = [tuple(row) for row in await transaction.execute(query)]
    found = values[0][1] if values else ()
    return Sums(tuple(Tally(part, NOUGHT, NOUGHT, number, 0) for part, number in rows), len(found), found)
