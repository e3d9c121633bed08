"""What lies behind a figure: its records, its months, its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from monitoring.actions import withholding
from monitoring.actions.figures import kept
from monitoring.domain.counted import Counted
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.scope import Scope
from monitoring.domain.shown import Line, Shown, lines
from monitoring.store import counts, reading
from monitoring.store.counts import After, Side
from shared import clock
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction


async def records(
    transaction: Transaction, definition: Definition, scope: Scope, *, side: Side | None, part: str | None, after: After | None, limit: int
) -> Sequence[Counted]:
    """The records behind a figure in the order of their days: one more than ``limit``, so that the caller knows if there are more.

    From the kept counts where they are whole and up to date, else from the facts: so the records are those of the figure just read.
    """
    _refuse_undivided(definition, scope)
    if await kept(transaction, scope):
        period, whose = scope.period, {"council": scope.council, "agency": scope.agency, "lot": scope.lot}
        return await counts.behind(
            transaction, definition.name, first=period.first, last=period.last, part=part, side=side, after=after, limit=limit + 1, **whose
        )
    rows = definition.formula(await reading.records(transaction, scope, today=clock.today()), scope.period)
    chosen = [row for row in rows if scope.holds(row) and (part is None or row.part == part) and _on(row, side, definition)]
    ordered = sorted(chosen, key=place)
    return [row for row in ordered if after is None or place(row) > after][: limit + 1]


async def series(
    transaction: Transaction, definition: Definition, scope: Scope, *, by: Literal["month", "quarter"], may_see_small: bool = True
) -> list[Shown]:
    """A figure month by month or quarter by quarter, over the whole months that the scope touches.

    Who may not see small numbers asks by quarter.
    """
    _refuse_undivided(definition, scope)
    points = await counts.series(
        transaction,
        definition.name,
        first=scope.period.first,
        last=scope.period.last,
        council=scope.council,
        agency=scope.agency,
        lot=scope.lot,
        by=by,
    )
    added = [Line(point.begins, point.numerator, point.denominator, point.records, point.values) for point in points]
    if may_see_small:
        return lines(definition, added)
    if by == "month":
        raise invalid(Reason("by", "by_quarter", "A month holds too few records to be shown to you. Ask by quarter."))
    return lines(definition, added, hidden=await withholding.quarters(transaction, definition, scope.period))


async def parts(
    transaction: Transaction, definition: Definition, scope: Scope, dimension: Dimension | Literal["part"], *, may_see_small: bool
) -> list[Shown]:
    """A figure divided by council, agency, lot or part, over the whole months that the scope touches."""
    _refuse_undivided(definition, scope)
    if dimension != "part" and dimension not in definition.divided_by:
        ways = ", ".join(sorted(definition.divided_by))
        raise invalid(Reason("dimension", "can_be_divided_by", f"This figure can be divided by {ways} or part."))
    slices = await counts.by(
        transaction,
        definition.name,
        dimension,
        first=scope.period.first,
        last=scope.period.last,
        council=scope.council,
        agency=scope.agency,
        lot=scope.lot,
    )
    added = [Line(each.code, each.numerator, each.denominator, each.records, each.values) for each in slices]
    hidden = () if may_see_small else await withholding.parts(transaction, definition, dimension, scope.period)
    return lines(definition, added, hidden=hidden)


def place(row: Counted) -> After:
    """Where a row stands in its list."""
    return (row.on, row.id, row.agency or "", row.part)


def _on(row: Counted, side: Side | None, definition: Definition) -> bool:
    match side:
        case Side.NUMERATOR:
            return bool(row.numerator) and not row.left_out
        case Side.DENOMINATOR:
            return (bool(row.denominator) or not definition.summary.divides) and not row.left_out
        case Side.LEFT_OUT:
            return row.left_out
        case None:
            return True


def _refuse_undivided(definition: Definition, scope: Scope) -> None:
    beyond = scope.dimensions - definition.divided_by
    if beyond:
        raise invalid(
            *(Reason(each, "can_be_divided_by", "This figure cannot be told by it. Ask without that filter.") for each in sorted(beyond))
        )
