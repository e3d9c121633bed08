"""KPIs and savings, counted from the records the asker may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitoring.actions import running_month
from monitoring.actions.running_month import RunningMonth
from monitoring.domain.answer import Answer, added_up, answered
from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.consortium import Expectation
from monitoring.domain.counted import Counted
from monitoring.domain.definition import Definition
from monitoring.domain.facts import Records
from monitoring.domain.money import Saving, saving
from monitoring.domain.period import Quarter, months_and_days, quarters, whole_months
from monitoring.domain.scope import Scope, of_lot
from monitoring.domain.tiers import tier_words
from monitoring.store import counts, due, reading, reference
from shared import clock
from shared.organisation import CONSORTIUM
from shared.tenancy import Transaction

EXPECTED = "savings_per_cent"
COMPARED = ("referrals", "demand", "placements", "placed_in_house", "unplanned_endings", "spend", "savings_pounds", "savings_per_cent")
"""What the summary tells of each council: figures that make sense side by side."""


@dataclass(frozen=True, slots=True)
class SavingsLine:
    """What one lot saved in one quarter."""

    lot: str
    quarter: Quarter
    saving: Saving


@dataclass(frozen=True, slots=True)
class Savings:
    """Savings line by line, their sum, and what the consortium expects."""

    lines: tuple[SavingsLine, ...]
    total: Saving
    expected: Expectation | None


@dataclass(frozen=True, slots=True)
class CouncilFigures:
    """One council's row of the summary."""

    council: str
    name: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class TierUse:
    """How many agencies stand in a tier of a lot, and how many placements went to it: a tier nobody uses is seen."""

    lot: str
    tier: int
    agencies: int
    placements: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The project manager's page: every figure, the councils side by side, the use of tiers, the expectation."""

    answers: tuple[Answer, ...]
    councils: tuple[CouncilFigures, ...]
    tiers: tuple[TierUse, ...]
    expected: Expectation | None


async def answers(
    transaction: Transaction, definitions: Sequence[Definition], scope: Scope, *, as_kept: bool = False
) -> tuple[Answer, ...]:
    """Each of these KPIs over one scope: from the kept counts where they are whole and up to date, else from the facts themselves.

    ``as_kept`` takes whole months as they were last counted, the running one too: a page does not wait, and is at most a minute behind.
    """
    if await (_counted_once if as_kept else kept)(transaction, scope):
        return await from_kept(transaction, definitions, scope)
    if (running := await _running(transaction, definitions, scope)) is not None:
        return await _with_running(transaction, definitions, scope, running)
    rows = _counted(definitions, await reading.records(transaction, scope, today=clock.today()), scope)
    return tuple(answered(each, rows[each.kept_as], scope) for each in definitions)


async def _running(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> RunningMonth | None:
    """The days of a scope that lie in no whole month, counted from the facts, if its whole months are kept; else None."""
    parts = months_and_days(scope.period)
    if parts is None or not await kept(transaction, replace(scope, period=parts[0])):
        return None
    return await running_month.read(transaction, definitions, scope, *parts)


async def _with_running(
    transaction: Transaction, definitions: Sequence[Definition], scope: Scope, running: RunningMonth
) -> tuple[Answer, ...]:
    sums = await running_month.sums(transaction, definitions, scope, running)
    return tuple(added_up(each, sums[each.name], scope) for each in definitions)


async def from_kept(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> tuple[Answer, ...]:
    """Each of these KPIs from the kept counts as they stand; at most a minute behind the facts."""
    sums = await counts.sums(transaction, definitions, scope)
    return tuple(added_up(each, sums[each.name], scope) for each in definitions)


def _counted(definitions: Sequence[Definition], records: Records, scope: Scope) -> dict[str, tuple[Counted, ...]]:
    formulas = {each.kept_as: each.formula for each in definitions}
    return {name: formula(records, scope.period) for name, formula in formulas.items()}


async def kept(transaction: Transaction, scope: Scope) -> bool:
    """Whether the kept counts tell a period as the facts do: whole months, all over when they were last counted, none of them due."""
    if not whole_months(scope.period):
        return False
    if await due.any_due(transaction, scope.period.first, scope.period.last):
        return False
    async with transaction.acting_as(CONSORTIUM):  # it counts for all; what is due says nothing of anybody's records
        through = await due.through(transaction)
        return (
            through is not None
            and through > scope.period.last
            and not await due.any_due(transaction, scope.period.first, scope.period.last)
        )


async def _counted_once(transaction: Transaction, scope: Scope) -> bool:
    """Whether these are whole months of which what is known was counted, be it a minute ago."""
    async with transaction.acting_as(CONSORTIUM):  # it counts for all
        return whole_months(scope.period) and await due.through(transaction) is not None


async def savings(transaction: Transaction, scope: Scope) -> Savings:
    """Savings for each lot and quarter of the scope. The lines add up to the total to the penny."""
    records = await reading.stays(transaction, scope, today=clock.today())
    lots = [scope.lot] if scope.lot else sorted(records.bands)
    lines = tuple(
        SavingsLine(lot, quarter, saving(of_lot(records, lot), quarter.period)) for quarter in quarters(scope.period) for lot in lots
    )
    return Savings(lines, saving(records, scope.period), await reference.expectation(transaction, EXPECTED))


async def summary(transaction: Transaction, scope: Scope) -> Summary:
    """One page for the project manager: all of it from the kept counts, or all from one reading of the facts. With a council asked for
    its own figures are the page's, and every council's row still stands beside it.
    """
    every = replace(scope, council=None)
    compared = [each for each in CATALOGUE if each.name in COMPARED]
    names = await reference.councils(transaction)
    if await kept(transaction, scope):
        whole = await from_kept(transaction, CATALOGUE, scope)
        rows = [
            CouncilFigures(code, name, await from_kept(transaction, compared, replace(scope, council=code))) for code, name in names.items()
        ]
        tiers: Mapping[tuple[str | None, str], int] = await counts.placements_by_tier(transaction, scope)
    elif (running := await _running(transaction, CATALOGUE, every)) is not None:
        whole = await _with_running(transaction, CATALOGUE, scope, running)
        theirs = running.by_council(compared, names)
        rows = [
            CouncilFigures(code, name, await _with_running(transaction, compared, replace(scope, council=code), theirs[code]))
            for code, name in names.items()
        ]
        tiers = await running_month.placements_by_tier(transaction, scope, running)
    else:
        records = await reading.records(transaction, every, today=clock.today())
        counted = _counted(CATALOGUE, records, every)
        whole = tuple(answered(each, counted[each.kept_as], scope) for each in CATALOGUE)
        rows = [
            CouncilFigures(code, name, tuple(answered(each, counted[each.kept_as], replace(scope, council=code)) for each in compared))
            for code, name in names.items()
        ]
        tiers = Counter((row.lot, row.part) for row in counted["placed_tier_one"] if scope.holds(row))
    return Summary(
        whole,
        tuple(rows),
        tuple(
            TierUse(published.lot, tier, agencies, tiers.get((published.lot, tier_words(tier)), 0))
            for published in await reference.tier_lists(transaction)
            for tier, agencies in sorted(published.agencies_by_tier.items())
        ),
        await reference.expectation(transaction, EXPECTED),
    )
