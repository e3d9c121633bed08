"""What is filled in already: figures counted from the events that Hearth holds, by the same words as the form's hints.

Counted in children where the form counts children: a placement agreed for two brings two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from monitoring.domain.figure import TENTH, rounded
from monitoring.domain.forms.form import Form
from monitoring.domain.period import Period
from monitoring.domain.returns.lines import Cell


@dataclass(frozen=True, slots=True)
class Stay:
    """A placement as far as a return asks of it: whose, how many children, from when to when, and how it ended."""

    placement: UUID
    council: str
    children: int
    started_on: date | None = None
    ended_on: date | None = None
    planned: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What Hearth holds of one agency: its placements, households and approved places as last told, monthly counts by council."""

    stays: tuple[Stay, ...] = ()
    households: int | None = None
    places_approved: int | None = None
    happened: Mapping[tuple[str, str], int] | None = None
    """(what, council) → how many in the period, of what is told in monthly counts; None while nothing was told."""


Prefiller = Callable[[Held, Period], Mapping[str, Decimal]]
"""Gives a field's parts and their figures; the part of a field that is not broken down is empty."""


def filled_in(form: Form, held: Held, period: Period) -> dict[Cell, Decimal]:
    """Every figure of the form that Hearth can give for one agency and period. What it cannot tell is left to the agency."""
    return {
        Cell(field.name, part): figure
        for field in form.fields
        if field.prefilled
        for part, figure in PREFILLERS[field.prefilled](held, period).items()
    }


def nights(stay: Stay, period: Period) -> int:
    """Nights of the period slept in the home: the night of arrival counts, that of leaving does not."""
    if stay.started_on is None:
        return 0
    after = period.last.toordinal() + 1
    left = min(stay.ended_on.toordinal(), after) if stay.ended_on is not None else after
    return max(0, left - max(stay.started_on, period.first).toordinal())


def _added(found: Iterable[tuple[str, int]]) -> dict[str, Decimal]:
    total: Counter[str] = Counter()
    for part, number in found:
        total[part] += number
    return {part: Decimal(number) for part, number in sorted(total.items())}


def _living(stay: Stay, morning: date) -> bool:
    """Whether the children lived there when a day began: moved in on an earlier day, and out on none before it."""
    return stay.started_on is not None and stay.started_on < morning and (stay.ended_on is None or stay.ended_on >= morning)


def _one(figure: int | None) -> dict[str, Decimal]:
    return {} if figure is None else {"": Decimal(figure)}


def _children(held: Held, stays: Iterable[Stay]) -> dict[str, Decimal]:
    """Children by council; a council of which Hearth holds placements, and none such, has nought."""
    return _none_yet(held) | _added((stay.council, stay.children) for stay in stays)


def _none_yet(held: Held) -> dict[str, Decimal]:
    return {council: Decimal(0) for council in sorted({stay.council for stay in held.stays})}


def _children_at_start(held: Held, period: Period) -> dict[str, Decimal]:
    return _children(held, (stay for stay in held.stays if _living(stay, period.first)))


def _children_at_end(held: Held, period: Period) -> dict[str, Decimal]:
    after = date.fromordinal(period.last.toordinal() + 1)
    return _children(held, (stay for stay in held.stays if _living(stay, after)))


def _starts(held: Held, period: Period) -> dict[str, Decimal]:
    return _children(held, (stay for stay in held.stays if period.holds_day(stay.started_on)))


def _ended(held: Held, period: Period, *, planned: bool) -> Iterable[Stay]:
    return (stay for stay in held.stays if period.holds_day(stay.ended_on) and stay.planned is planned)


def _unplanned_reasons(held: Held, period: Period) -> dict[str, Decimal]:
    return _added((stay.reason, stay.children) for stay in _ended(held, period, planned=False) if stay.reason is not None)


def _child_weeks(held: Held, period: Period) -> dict[str, Decimal]:
    slept = _added((stay.council, nights(stay, period) * stay.children) for stay in held.stays)
    return _none_yet(held) | {council: rounded(Fraction(number) / 7, TENTH) for council, number in slept.items()}


def _placements_held(held: Held, period: Period) -> dict[str, Decimal]:
    return _none_yet(held) | _added((stay.council, 1) for stay in held.stays if nights(stay, period))


def _happened(what: str) -> Prefiller:
    def counted(held: Held, _: Period) -> dict[str, Decimal]:
        if held.happened is None:
            return {}
        return _none_yet(held) | {council: Decimal(number) for (kind, council), number in sorted(held.happened.items()) if kind == what}

    return counted


PREFILLERS: Mapping[str, Prefiller] = {
    "households": lambda held, _: _one(held.households),
    "places_approved": lambda held, _: _one(held.places_approved),
    "children_at_start": _children_at_start,
    "children_at_end": _children_at_end,
    "starts": _starts,
    "endings_planned": lambda held, period: _children(held, _ended(held, period, planned=True)),
    "endings_unplanned": lambda held, period: _children(held, _ended(held, period, planned=False)),
    "unplanned_reasons": _unplanned_reasons,
    "child_weeks": _child_weeks,
    "placements_held": _placements_held,
    "missing_episodes": _happened("missing_episode"),
    "allegations": _happened("allegation"),
    "complaints": _happened("complaint"),
}
"""The rules a form's field may name in ``prefilled``."""
