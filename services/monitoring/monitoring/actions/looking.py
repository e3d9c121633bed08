"""What the pages look at beside a figure's value: how it moved, whose part is which, the records behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from monitoring.actions import figures
from monitoring.domain.answer import Answer
from monitoring.domain.control_chart import Point
from monitoring.domain.counted import NOUGHT, Counted
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.monthly import before, months_before
from monitoring.domain.period import month_of
from monitoring.domain.scope import Scope
from monitoring.domain.watch import Month, Series, points_of, value_of
from monitoring.store import counts, monthly_sums
from monitoring.store.adding import Choice
from monitoring.store.counts import After
from monitoring.store.counts import Side as Side
from shared.organisation import CONSORTIUM
from shared.tenancy import Transaction

SPARK_MONTHS = 24
ENOUGH_TO_HIDE_IN = 5
"""Agencies that must stand behind a figure of all before one of them is told it: fewer, and it could work out another's."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure, the same over as long a time just before, and its months up to the end."""

    now: Answer
    before: Answer
    months: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """One council's, agency's, lot's or part's figure with what it was counted from. ``code`` None: what belongs to none."""

    code: str | None
    value: Fraction | None
    numerator: Decimal
    denominator: Decimal | None
    records: int


async def moved(transaction: Transaction, definitions: Sequence[Definition], scope: Scope, *, months: bool = True) -> tuple[Moved, ...]:
    """Each figure beside its former self; ``months`` False leaves its months out."""
    now = await figures.answers(transaction, definitions, scope)
    then = await figures.answers(transaction, definitions, replace(scope, period=before(scope.period)))
    drawn = await _months(transaction, [each for each in definitions if not scope.dimensions - each.divided_by], scope) if months else {}
    return tuple(Moved(one, other, drawn.get(one.definition.name, ())) for one, other in zip(now, then, strict=True))


async def shares(transaction: Transaction, definition: Definition, dimension: Dimension, scope: Scope) -> tuple[Share, ...]:
    """A figure divided by council, agency or lot, each with its denominator."""
    period = scope.period
    found = await counts.by(
        transaction,
        definition.name,
        dimension,
        first=period.first,
        last=period.last,
        council=scope.council,
        agency=scope.agency,
        lot=scope.lot,
    )
    return tuple(Share(each.code, _value(definition, each), each.numerator, each.denominator, each.records) for each in found)


async def of_all_agencies(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> Mapping[str, Answer]:
    """Each figure over all agencies that the asker may compare one agency with; a figure that could give another agency away is left out.

    A council compares within its own records, the consortium within all. An agency is told the figure of all agencies together, by right of
    being one of them: only of shares and waits, never of sums or prices, and only where at least five agencies stand behind it.
    """
    whole = replace(scope, agency=None)
    if transaction.organisation.kind.value != "agency":
        return {each.definition.name: each for each in await figures.answers(transaction, definitions, whole)}
    comparable = [each for each in definitions if each.summary.divides or each.summary.of_each]
    async with transaction.acting_as(CONSORTIUM):
        found = {each.definition.name: each for each in await figures.answers(transaction, comparable, whole)}
        for definition in comparable:
            behind = await shares(transaction, definition, Dimension.AGENCY, whole) if Dimension.AGENCY in definition.divided_by else ()
            if sum(1 for each in behind if each.code and each.records) < ENOUGH_TO_HIDE_IN:
                found.pop(definition.name)
    return found


async def behind(
    transaction: Transaction, definition: Definition, scope: Scope, *, part: str | None, side: Side | None, after: After | None, limit: int
) -> list[Counted]:
    """The records a figure was counted from, by day: one more than ``limit``, so that the reader is told if there are more."""
    period = scope.period
    return await counts.behind(
        transaction,
        definition.name,
        first=period.first,
        last=period.last,
        council=scope.council,
        agency=scope.agency,
        lot=scope.lot,
        part=part,
        side=side,
        after=after,
        limit=limit + 1,
    )


async def _months(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> dict[str, tuple[Point, ...]]:
    """Two years of months of each figure, up to the end of the scope."""
    last = month_of(scope.period.last)
    choice = Choice(months_before(last, SPARK_MONTHS - 1), scope.period.last, scope.council, scope.agency, scope.lot)
    found = await monthly_sums.of(transaction, definitions, choice)
    return {each.name: points_of(Series(each, "", "", found[each.name]), last) for each in definitions}


def _value(definition: Definition, each: counts.Slice) -> Fraction | None:
    return value_of(definition, Month(date.min, each.numerator, each.denominator or NOUGHT, each.values))
