"""A KPI answered for one scope, with the sentence that says it to people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from monitoring.domain.adding_up import NOTHING, Sums, figure, of_sums
from monitoring.domain.counted import Counted
from monitoring.domain.definition import Definition, Dimension, Unit
from monitoring.domain.figure import Figure
from monitoring.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Answer:
    """A definition, its figure over the scope, and the figure in words."""

    definition: Definition
    figure: Figure
    words: str


def answered(definition: Definition, rows: Iterable[Counted], scope: Scope) -> Answer:
    """One KPI over the rows that are the scope's. A filter it cannot be divided by gives no value and says so.

    A council always asks within its own records, so the council filter divides every figure.
    """
    if (refused := undivided(definition, scope)) is not None:
        return refused
    return told(definition, figure(definition, [row for row in rows if scope.holds(row)]))


def added_up(definition: Definition, sums: Sums, scope: Scope) -> Answer:
    """The same from sums that PostgreSQL made of the scope's rows."""
    return undivided(definition, scope) or told(definition, of_sums(definition, sums))


def undivided(definition: Definition, scope: Scope) -> Answer | None:
    """The answer to a filter that a KPI cannot be divided by: none, and why."""
    beyond = scope.dimensions - definition.divided_by
    if not beyond:
        return None
    return Answer(definition, NOTHING, f"This figure cannot be told for one {_either(beyond)}. Ask without that filter.")


def told(definition: Definition, figure: Figure) -> Answer:
    """A figure with its sentence."""
    return Answer(definition, figure, words(definition, figure))


def words(definition: Definition, figure: Figure) -> str:
    """One sentence for a figure: its value, what was counted, over how many records; or that there were none."""
    counted = definition.denominator or definition.numerator
    if figure.value is None:
        return f"No records to count ({counted})."
    match definition.unit:
        case Unit.PER_CENT if figure.numerator is not None and figure.denominator is not None:
            part, whole = (_amount(each, definition.counted_in) for each in (figure.numerator, figure.denominator))
            return f"{figure.value} per cent: {part} of {whole} ({counted})."
        case Unit.HOURS | Unit.DAYS:
            return f"{figure.value} {definition.unit}, over {figure.records} {counted}."
        case Unit.POUNDS:
            return f"{_amount(figure.value, Unit.POUNDS)} over {figure.records} placements ({counted})."
        case _ if figure.denominator is not None:
            return f"{figure.value}: {figure.numerator} for {figure.denominator} {counted}."
        case _:
            return f"{figure.value} {counted}."


def _amount(value: Decimal, unit: Unit) -> str:
    if unit is not Unit.POUNDS:
        return f"{value}"
    return f"{'-' if value < 0 else ''}£{abs(value):,.2f}"


def _either(dimensions: frozenset[Dimension]) -> str:
    return " or ".join(sorted(dimensions))
