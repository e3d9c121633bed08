"""A KPI answered for one scope, with the sentence that says it to people."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from monitoring.domain.definition import Definition, Dimension, Unit
from monitoring.domain.facts import Records
from monitoring.domain.figure import Figure
from monitoring.domain.scope import Scope

NOTHING = Figure(None, None, None, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A definition, its figure over the scope, and the figure in words."""

    definition: Definition
    figure: Figure
    words: str


def answered(definition: Definition, records: Records, scope: Scope) -> Answer:
    """Count one KPI. A filter it cannot be divided by gives no value and says so; no record gives no value, never nought per cent.

    A council always asks within its own records, so the council filter divides every figure.
    """
    beyond = scope.dimensions - definition.divided_by
    if beyond:
        return Answer(definition, NOTHING, f"This figure cannot be told for one {_either(beyond)}. Ask without that filter.")
    figure = definition.formula(records, scope.period)
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
