"""Sums of kept rows, made by PostgreSQL: from the sums kept by month and council where they suffice, else from the rows themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Text,
    and_,
    any_,
    cast,
    distinct,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy import case as when
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.functions import FunctionElement

from monitoring import tables
from monitoring.domain.adding_up import Sums
from monitoring.domain.counted import EVERY, LEFT_OUT, NOUGHT, Counted, Summary
from monitoring.domain.definition import Definition
from monitoring.domain.figure import Tally
from monitoring.domain.period import Period, month_of, months
from shared.one_of import one_of
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
    begins: Literal["month", "quarter"] | None = None,
    also: Sequence[ColumnElement[bool]] = (),
    undivided: bool = False,
) -> list[Sum]:
    """One KPI's sums by a column, or by when the month or quarter of its records begins.

    Sums of the divided KPIs hold the denominators of what is left out (children whose first placement was not heard); a group
    without a record that divides is none, unless ``undivided`` ones are asked for.
    """
    suffices = choice.of_all and key in ("month", "council", "part") and not also
    if definition.summary.of_each:
        of_each = await _values(transaction, definition, choice, key, begins, kept=suffices)
        return [(each, NOUGHT, None, len(values), values) for each, values in of_each]
    table: FromClause = SUMS if suffices and definition.summary is not Summary.DISTINCT else ROWS
    column = _group(table, key, begins)
    numerator, denominator, records, divided = _sums_of(table, definition, choice.begins(definition), column if begins else None)
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


def _group(table: FromClause, key: str, begins: Literal["month", "quarter"] | None) -> ColumnElement[Any]:
    return table.c[key] if begins is None else cast(func.date_trunc(begins, table.c.month), Date)


async def sums(
    transaction: Transaction, definitions: Sequence[Definition], choice: Choice, *, but: Mapping[str, Collection[str]] | None = None
) -> dict[str, Sums]:
    """What each KPI's figure over whole months is made of, by name; ``but``: cases (by ``once``) that are left to the asker, by the name
    a KPI that counts cases is kept as: they are in no count."""
    elsewhere = but or {}
    of_each = [each for each in definitions if each.summary.of_each]
    distinct_cases = [each for each in definitions if each.summary is Summary.DISTINCT]
    found = await _of_each(transaction, of_each, choice) if of_each else {}
    for each_month in (False, True):
        for latest in (False, True):
            some = [
                each for each in definitions if not each.summary.of_each and each.each_month == each_month and each.summary.latest == latest
            ]
            if some:
                tallies = await _tallies(transaction, some, choice)
                found |= {each.name: Sums(tuple(tallies.get(each.kept_as, ())), 0) for each in some}
    if distinct_cases:
        cases = await _cases(transaction, distinct_cases, choice, elsewhere)
        found |= {each.name: replace(found[each.name], cases=cases.get(each.kept_as, 0)) for each in distinct_cases}
    return found


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


def _without(cases: Mapping[str, Collection[str]], definitions: Sequence[Definition]) -> ColumnElement[bool]:
    """Rows of none of these cases, which are given by the name a KPI is kept as."""
    names = sorted({each.kept_as for each in definitions if cases.get(each.kept_as)})
    return and_(true(), *(or_(ROWS.c.kpi != name, ~one_of(ROWS.c.once, sorted(cases[name]))) for name in names))


async def _cases(
    transaction: Transaction, definitions: Sequence[Definition], choice: Choice, but: Mapping[str, Collection[str]]
) -> dict[str, int]:
    """How many cases each KPI has, by the name it is kept as."""
    query: Select[Any] = (
        select(ROWS.c.kpi, func.count(distinct(ROWS.c.once)))
        .where(choice.where(ROWS, definitions), _without(but, definitions))
        .group_by(ROWS.c.kpi)
    )
    return {kpi: int(many) for kpi, many in [tuple(row) for row in await transaction.execute(query)]}


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
    begins: Literal["month", "quarter"] | None,
    *,
    kept: bool,
) -> list[tuple[Any, tuple[Decimal, ...]]]:
    """One KPI's cases by a column, or by when their month or quarter begins: of each the smallest value."""
    if kept and (known := await _kept(transaction, [definition], choice, _group(SUMS, key, begins), also=counted(SUMS))) is not None:
        return known
    return await _from_rows(transaction, and_(choice.where(ROWS, [definition]), counted(ROWS)), _group(ROWS, key, begins))


async def _of_each(transaction: Transaction, definitions: Sequence[Definition], choice: Choice) -> dict[str, Sums]:
    """By name each case's smallest value, and how many cases are left out: those that no other row counts."""
    known = await _kept(transaction, definitions, choice, SUMS.c.kpi, SUMS.c.part) if choice.of_all else None
    if known is None:
        other = ROWS.alias("other")
        elsewhere = select(other.c.kpi, other.c.once).where(choice.where(other, definitions), counted(other))
        counts = or_(counted(ROWS), tuple_(ROWS.c.kpi, ROWS.c.once).not_in(elsewhere))
        known = await _from_rows(transaction, and_(choice.where(ROWS, definitions), counts), ROWS.c.kpi, ROWS.c.part)
    found: dict[str, Sums] = {}
    for each in definitions:
        own = [(part, values) for kpi, part, values in known if kpi == each.kept_as]
        left_out = tuple(Tally(part, NOUGHT, NOUGHT, len(values), 0) for part, values in own if part.startswith(LEFT_OUT))
        smallest = tuple(value for part, values in own if not part.startswith(LEFT_OUT) for value in values)
        found[each.name] = Sums(left_out, len(smallest), smallest)
    return found


async def _from_rows(transaction: Transaction, wanted: ColumnElement[bool], *columns: ColumnElement[Any]) -> list[tuple[Any, ...]]:
    """The cases among these rows, in order, by these columns: of each the smallest value."""
    keys = [column.label(f"key_{number}") for number, column in enumerate(columns)]
    cases = select(*keys, func.min(ROWS.c.numerator).label("value")).where(wanted).group_by(*columns, ROWS.c.once).subquery()
    own = [cases.c[key.name] for key in keys]
    rows = await transaction.execute(select(*own, _in_order(cases.c.value)).group_by(*own))
    return [(*found, tuple(values)) for *found, values in [tuple(row) for row in rows]]


async def _kept(
    transaction: Transaction,
    definitions: Sequence[Definition],
    choice: Choice,
    *columns: ColumnElement[Any],
    also: ColumnElement[bool] | None = None,
) -> list[tuple[Any, ...]] | None:
    """The cases kept beside the sums, in order, by these columns; None where a release that kept none counted one of the months."""
    cases = func.unnest(SUMS.c.cases).table_valued("value", name="cases").render_derived().lateral()
    value = cases.c.value
    query: Select[Any] = (
        select(*columns, _in_order(value).filter(value.is_not(None)), func.bool_or(SUMS.c.cases.is_(None)))
        .select_from(SUMS.outerjoin(cases, true()))
        .where(choice.where(SUMS, definitions), true() if also is None else also)
        .group_by(*columns)
    )
    rows = [tuple(row) for row in await transaction.execute(query)]
    return None if any(unkept for *_, unkept in rows) else [(*keys, tuple(values)) for *keys, values, _ in rows if values]


def _in_order(column: ColumnElement[Decimal]) -> FunctionElement[Any]:
    """As a median wants them: PostgreSQL sorts numbers quicker than Python sorts decimals."""
    return func.array_agg(aggregate_order_by(column, column))
