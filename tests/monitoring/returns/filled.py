"""A return that is right in every line, to be broken one line at a time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from monitoring.domain.forms.catalogue import form_of
from monitoring.domain.forms.form import Every, Form
from monitoring.domain.period import Period
from monitoring.domain.returns.lines import Cell, Line, LineReason, Value, cell_named, value_of
from monitoring.domain.returns.periods import period_before, period_holding
from monitoring.domain.returns.rules import Given
from shared import clock

SOUTHAMPTON, SLOUGH = "E06000045", "E06000039"
QUARTER = Period(date(2012, 7, 1), date(2012, 9, 30))

RIGHT: dict[str, str] = {
    "households": "20",
    "places_approved": "40",
    "places_filled": "25",
    "places_vacant": "10",
    "places_not_available.carer_break": "3",
    "places_not_available.staying_put": "2",
    "enquiries": "30",
    "assessments_begun": "6",
    "households_approved": "2",
    "households_left.retired": "1",
    "training_due": "18",
    "training_complete": "16",
    f"children_at_start.{SOUTHAMPTON}": "12",
    f"children_at_start.{SLOUGH}": "8",
    f"starts.{SOUTHAMPTON}": "4",
    f"endings_planned.{SOUTHAMPTON}": "2",
    f"endings_unplanned.{SLOUGH}": "1",
    "unplanned_reasons.CREQB": "1",
    f"moves.{SOUTHAMPTON}": "1",
    f"children_at_end.{SOUTHAMPTON}": "14",
    f"children_at_end.{SLOUGH}": "7",
    f"child_weeks.{SOUTHAMPTON}": "170.5",
    f"child_weeks.{SLOUGH}": "100",
    "children_school_age": "18",
    "children_full_time": "16",
    "children_missed_school": "3",
    "health_due": "10",
    "health_done": "9",
    "dental_due": "9",
    "dental_done": "9",
    f"missing_episodes.{SLOUGH}": "3",
    f"missing_children.{SLOUGH}": "1",
    f"return_interviews.{SLOUGH}": "3",
    f"allegations.{SOUTHAMPTON}": "1",
    f"complaints.{SOUTHAMPTON}": "2",
    "complaints_by.child": "1",
    "complaints_by.parent": "1",
    "notifiable.child_protection": "1",
    f"restraints.{SLOUGH}": "0",
    "social_workers": "6.5",
    "social_worker_vacancies": "1",
    "supervising_social_workers": "3.5",
    f"fees_raised.{SOUTHAMPTON}": "3",
    f"fees_raised_by.{SOUTHAMPTON}": "45.5",
    "feedback_asked": "50",
    "feedback_answers": "32",
    "feedback_satisfied": "28",
}
"""All that a quarterly return asks, adding up."""


def the_form(code: str = "quarterly", version: int = 1) -> Form:
    found = form_of(code, version)
    assert found is not None
    return found


def lines(typed: dict[str, str], reasons: dict[str, LineReason] | None = None) -> dict[Cell, Line]:
    return {cell_named(name): Line(cell_named(name), value, (reasons or {}).get(name)) for name, value in typed.items()}


def given(
    *,
    changed: dict[str, str] | None = None,
    without: tuple[str, ...] = (),
    held: dict[str, str] | None = None,
    before: dict[str, str] | None = None,
    reasons: dict[str, LineReason] | None = None,
) -> Given:
    """The right quarterly return with these lines changed or left out."""
    typed = {name: value for name, value in (RIGHT | (changed or {})).items() if name not in without}
    form = the_form()
    return Given(
        form,
        QUARTER,
        lines(typed, reasons),
        {cell_named(name): Decimal(value) for name, value in (held or {}).items()},
        None if before is None else values(form, before),
        {SOUTHAMPTON: "Southampton City", SLOUGH: "Slough Borough"},
    )


def values(form: Form, typed: dict[str, str]) -> dict[Cell, Value]:
    found: dict[Cell, Value] = {}
    for name, text in typed.items():
        asked = form.field_named(cell_named(name).field)
        value = value_of(asked, text) if asked else None
        assert value is not None, name
        found[cell_named(name)] = value
    return found


def body(typed: dict[str, str] | None = None, **changed: str) -> dict[str, Any]:
    """The lines as the API takes them."""
    return {"lines": [{"name": name, "value": value} for name, value in ((RIGHT if typed is None else typed) | changed).items()]}


def last_quarter(back: int = 0) -> Period:
    """The newest quarter that has ended, or one so many before it."""
    period = period_before(Every.QUARTER, period_holding(Every.QUARTER, clock.today()))
    for _ in range(back):
        period = period_before(Every.QUARTER, period)
    return period


def last_fortnight() -> Period:
    """The newest fortnight that has ended."""
    return period_before(Every.FORTNIGHT, period_holding(Every.FORTNIGHT, clock.today()))


def day_before(day: date) -> date:
    return day - timedelta(days=1)
