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

from sqlalchemy import Select, func, or_, select, true, tuple_

from monitoring import tables
from monitoring.domain.adding_up import Sums
from monitoring.domain.catalogue import KPIS
from monitoring.domain.counted import EVERY, LEFT_OUT, NOUGHT, Counted, Summary
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.period import quarter_of
from monitoring.domain.scope import Scope
from monitoring.store import adding
from monitoring.store.adding import Choice, counted
from monitoring.store.counting import counted_of
from shared.tenancy import Transaction

ROWS = tables.counted
C = ROWS.c


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
    month that has a record.
    """
    definition, choice = KPIS[kpi], Choice(first, last, council, agency, lot)
    if definition.summary.latest:
        # Each month stands by itself: it is not the last one alone that is asked for.
        definition = replace(definition, summary=Summary.RATIO if definition.summary.divides else Summary.TOTAL)
    stands = by == "quarter" and KPIS[kpi].summary.latest
    rows = await adding.grouped(transaction, definition, choice, "month", begins=None if stands else by)
    points = [Point(*row) for row in sorted(rows)]
    if stands:
        latest = {quarter_of(point.begins): point for point in points}
        points = [replace(point, begins=quarter) for quarter, point in latest.items()]
    return points


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
    definition, choice = KPIS[kpi], Choice(first, last, council, agency, lot)
    key = str(dimension)
    if dimension is not Dimension.AGENCY:
        slices = [Slice(*row) for row in await adding.grouped(transaction, definition, choice, key)]
    else:
        slices = await _by_agency(transaction, definition, choice)
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
    definition, choice = KPIS[kpi], Choice(first, last, council, agency, lot)
    wanted = [choice.where(ROWS, [definition])]
    if not definition.summary.latest:
        wanted.append(C.happened_on.between(first, last))
    if part is not None:
        wanted.append(C.part == part)
    match side:
        case Side.NUMERATOR:
            wanted += [C.numerator != 0, counted(ROWS)]
        case Side.DENOMINATOR:
            wanted += [C.denominator != 0 if definition.summary.divides else true(), counted(ROWS)]
        case Side.LEFT_OUT:
            wanted.append(C.part.startswith(LEFT_OUT))
    order = (C.happened_on, C.id, func.coalesce(C.agency, ""), C.part)
    if after is not None:
        wanted.append(tuple_(*order) > tuple_(*after))
    rows = await transaction.execute(select(ROWS).where(*wanted).order_by(*order).limit(limit))
    return [counted_of(row) for row in rows]


async def placements_by_tier(transaction: Transaction, scope: Scope) -> dict[tuple[str | None, str], int]:
    """How many placements of each lot went to each tier, over whole months."""
    wanted = _choice(scope).where(ROWS, [KPIS["placed_tier_one"]])
    query: Select[Any] = select(C.lot, C.part, func.count()).where(wanted, counted(ROWS)).group_by(C.lot, C.part)
    return {(lot, part): number for lot, part, number in [tuple(row) for row in await transaction.execute(query)]}


async def sums(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> dict[str, Sums]:
    """What each KPI's figure over whole months is made of, by name."""
    return await adding.sums(transaction, definitions, _choice(scope))


async def _by_agency(transaction: Transaction, definition: Definition, choice: Choice) -> list[Slice]:
    own = or_(C.agency.is_(None), C.agency != EVERY)
    slices = [Slice(*row) for row in await adding.grouped(transaction, definition, choice, "agency", also=[own], undivided=True)]
    if not definition.summary.divides:
        return [s for s in slices if s.code != EVERY]
    for _, numerator, denominator, records, _ in await adding.grouped(transaction, definition, choice, "agency", also=[C.agency == EVERY]):
        slices = [
            replace(s, numerator=s.numerator + numerator, denominator=(s.denominator or NOUGHT) + (denominator or NOUGHT), records=records)
            for s in slices
        ]
    return [s for s in slices if s.denominator]


def _choice(scope: Scope) -> Choice:
    return Choice(scope.period.first, scope.period.last, scope.council, scope.agency, scope.lot)
