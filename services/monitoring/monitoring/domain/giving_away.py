"""Which counts of a figure could tell of a child, and which figures' counts give one another away."""

from __future__ import annotations

from decimal import Decimal

from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.definition import Definition, Unit
from monitoring.domain.from_returns import COUNTED_FROM_RETURNS
from monitoring.domain.suppression import Counts

_KIN = (
    ("offers_made", "offers_chosen"),
    ("placements", "placed_in_house"),
    ("unplanned_endings", "unplanned_by_provider"),
    ("beds_approved", "beds_vacant", "vacant_share"),
    ("endings_per_100_children", "missing_children_per_100", "unplanned_endings_returned", "unplanned_asked_by_carers"),
    ("education_full_time", "school_missed"),
    ("missing_per_100_child_weeks", "return_interviews_offered"),
    ("complaints_per_100_child_weeks", "complaints_by_children"),
    ("places_filled_returned", "places_vacant_returned", "places_not_available", "places_filled_by_consortium"),
    ("feedback_answered", "feedback_satisfied"),
    ("placements_unstable", "unstable_supported", "days_unstable"),
)
"""Figures of which one's count less another's is a third one's: what is hidden of one is hidden of all."""


def kin(definition: Definition) -> tuple[Definition, ...]:
    """A figure with those whose counts would give its own away."""
    family = next((names for names in _KIN if definition.name in names), (definition.name,))
    return tuple(each for each in CATALOGUE if each.name in family)


def counts_of(definition: Definition, numerator: Decimal, denominator: Decimal | None, records: int) -> Counts:
    """What of a row may not be small: its records (returns are no children), and numerator, denominator and the rest where they count."""
    found = [] if definition.name in COUNTED_FROM_RETURNS else [records]
    if definition.summary.of_each:
        return (records,)
    counts = definition.counted_in is Unit.NUMBER
    found.append(_whole(numerator) if counts else 0)
    if definition.summary.divides:
        below = denominator or Decimal(0)
        found.append(_whole(below))
        found.append(_whole(below - numerator) if counts and below >= numerator else 0)
    return tuple(found)


def _whole(number: Decimal) -> int:
    """A count; what is no whole number (weeks, pounds) counts nobody."""
    return int(number) if number == number.to_integral_value() else 0
