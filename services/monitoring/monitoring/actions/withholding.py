"""What is kept back from readers who may not see small numbers: of figures over all, of their quarters, and of their parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from monitoring.domain.answer import Answer
from monitoring.domain.definition import Definition, Dimension
from monitoring.domain.giving_away import kin
from monitoring.domain.period import Period
from monitoring.domain.shown import figure_shown, not_shown
from monitoring.domain.suppression import Code, hidden_rows, small
from monitoring.store import quarterly_counts
from shared.tenancy import Transaction


async def of_all(transaction: Transaction, answers: Sequence[Answer], period: Period) -> list[Answer]:
    """Figures over everybody from the kept counts, each without its number where any of its quarters has a small one."""
    definitions = [each.definition for each in answers]
    hidden = await _quarters(transaction, definitions, period)
    return [not_shown(each) if hidden[each.definition.name] else figure_shown(each, may_see_small=False) for each in answers]


async def quarters(transaction: Transaction, definition: Definition, period: Period) -> frozenset[date]:
    """Of a figure over everybody the quarters that are not shown."""
    return (await _quarters(transaction, [definition], period))[definition.name]


async def parts(transaction: Transaction, definition: Definition, dimension: Dimension | str, period: Period) -> frozenset[Code]:
    """Which councils, agencies, lots or parts of a figure are not shown: those hidden in any of the period's quarters."""
    found = await quarterly_counts.of(transaction, kin(definition), period, str(dimension))
    return frozenset[Code]().union(*(hidden_rows(rows) for each in found.values() for rows in each.values()))


async def _quarters(transaction: Transaction, definitions: Sequence[Definition], period: Period) -> dict[str, frozenset[date]]:
    families = {each.name: kin(each) for each in definitions}
    found = await quarterly_counts.of(transaction, _each_once(families.values()), period, None)
    small_in = {
        name: {begins for begins, rows in of.items() if any(small(count) for counts in rows.values() for count in counts)}
        for name, of in found.items()
    }
    return {name: frozenset[date]().union(*(small_in[each.name] for each in family)) for name, family in families.items()}


def _each_once(families: Iterable[Sequence[Definition]]) -> list[Definition]:
    return list({each.name: each for family in families for each in family}.values())
