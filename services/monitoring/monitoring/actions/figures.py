"""KPIs and savings, counted from the records the asker may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.domain.answer import Answer, answered
from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.consortium import Expectation
from monitoring.domain.definition import Definition
from monitoring.domain.money import Saving, saving
from monitoring.domain.period import Quarter, quarters
from monitoring.domain.scope import Scope, of_council, of_lot
from monitoring.store import reading, reference
from shared import clock
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


async def answers(transaction: Transaction, definitions: Sequence[Definition], scope: Scope) -> tuple[Answer, ...]:
    """Each of these KPIs over one scope, from one reading of the records."""
    records = await reading.records(transaction, scope, today=clock.today())
    return tuple(answered(each, records, scope) for each in definitions)


async def savings(transaction: Transaction, scope: Scope) -> Savings:
    """Savings for each lot and quarter of the scope. The lines add up to the total to the penny."""
    records = await reading.stays(transaction, scope, today=clock.today())
    lots = [scope.lot] if scope.lot else sorted(records.bands)
    lines = tuple(
        SavingsLine(lot, quarter, saving(of_lot(records, lot), quarter.period)) for quarter in quarters(scope.period) for lot in lots
    )
    return Savings(lines, saving(records, scope.period), await reference.expectation(transaction, EXPECTED))


async def summary(transaction: Transaction, scope: Scope) -> Summary:
    """One page for the project manager, from one reading of the records."""
    records = await reading.records(transaction, scope, today=clock.today())
    compared = [each for each in CATALOGUE if each.name in COMPARED]
    rows = []
    for code, name in (await reference.councils(transaction)).items():
        theirs = of_council(records, code)
        rows.append(CouncilFigures(code, name, tuple(answered(each, theirs, scope) for each in compared)))
    placed = [p for p in records.placements if scope.period.holds(p.agreed_at) and not p.cancelled]
    return Summary(
        tuple(answered(each, records, scope) for each in CATALOGUE),
        tuple(rows),
        tuple(
            TierUse(published.lot, tier, agencies, sum(p.lot == published.lot and p.tier == tier for p in placed))
            for published in await reference.tier_lists(transaction)
            for tier, agencies in sorted(published.agencies_by_tier.items())
        ),
        await reference.expectation(transaction, EXPECTED),
    )
