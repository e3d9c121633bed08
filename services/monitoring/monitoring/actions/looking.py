"""What the pages look at beside a figure's value: how it moved, what all agencies together have, with small numbers where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitoring.actions import figures, withholding
from monitoring.domain.answer import Answer
from monitoring.domain.control_chart import Point
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.monthly import before, months_before
from monitoring.domain.period import month_of
from monitoring.domain.scope import Scope
from monitoring.domain.shown import figure_shown
from monitoring.domain.watch import Series, points_of
from monitoring.store import monthly_sums
from monitoring.store.adding import Choice
from shared.organisation import CONSORTIUM, Kind
from shared.tenancy import Transaction

ENOUGH_TO_HIDE_IN = 5
"""Agencies that must stand behind a figure of all before one of them is told it: fewer, and it could work out another's."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure, the same over as long a time just before, and its months up to the end."""

    now: Answer
    before: Answer
    months: tuple[Point, ...]


async def stands(
    transaction: Transaction, definitions: Sequence[Definition], scope: Scope, *, may_see_small: bool, as_kept: bool = False
) -> list[Answer]:
    """Each figure as its reader may see it; ``as_kept`` as it was last counted."""
    if may_see_small:
        return list(await figures.answers(transaction, definitions, scope, as_kept=as_kept))
    return await withholding.of_all(transaction, await figures.from_kept(transaction, definitions, scope), scope.period)


async def moved(
    transaction: Transaction, definitions: Sequence[Definition], scope: Scope, *, may_see_small: bool, months: int = 0
) -> tuple[Moved, ...]:
    """Each figure as last counted, beside its former self, with so many months of it; never months for those who may not see small
    numbers."""
    now = await stands(transaction, definitions, scope, may_see_small=may_see_small, as_kept=True)
    former = replace(scope, period=before(scope.period))
    then = await stands(transaction, definitions, former, may_see_small=may_see_small, as_kept=True)
    tellable = [each for each in definitions if not scope.dimensions - each.divided_by]
    drawn = await _months(transaction, tellable, scope, months) if months and may_see_small else {}
    return tuple(Moved(one, other, drawn.get(one.definition.name, ())) for one, other in zip(now, then, strict=True))


async def of_all_agencies(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> Mapping[str, Answer]:
    """Each figure, as last counted, over all agencies that the asker may compare one agency with; a figure that could give another agency
    away is left out.

    A council compares within its own records, the consortium within all. An agency is told the figure of all agencies together, by right
    of being one of them: only of shares and waits, never of sums or prices, only where at least five agencies stand behind it, and no small
    number.
    """
    whole = replace(scope, agency=None)
    if transaction.organisation.kind is not Kind.AGENCY:
        found = await figures.answers(transaction, definitions, whole, as_kept=True)
        return {each.definition.name: each for each in found}
    comparable = [each for each in definitions if each.summary.divides or each.summary.of_each]
    told: dict[str, Answer] = {}
    async with transaction.acting_as(CONSORTIUM):
        choice = Choice(whole.period.first, whole.period.last, whole.council, None, whole.lot)
        behind = await monthly_sums.agencies_behind(transaction, comparable, choice)
        enough = [each for each in comparable if Dimension.AGENCY in each.divided_by and behind[each.name] >= ENOUGH_TO_HIDE_IN]
        for each in await figures.answers(transaction, enough, whole, as_kept=True) if enough else ():
            told[each.definition.name] = figure_shown(each, may_see_small=False)
    return told


async def _months(transaction: Transaction, definitions: Sequence[Definition], scope: Scope, months: int) -> dict[str, tuple[Point, ...]]:
    """So many months of each figure, up to the end of the scope."""
    last = month_of(scope.period.last)
    choice = Choice(months_before(last, months - 1), scope.period.last, scope.council, scope.agency, scope.lot)
    found = await monthly_sums.of(transaction, definitions, choice)
    return {each.name: points_of(Series(each, "", "", found[each.name]), last) for each in definitions}
