"""A figure in words: its value with its unit, how it changed and whether for the better, the sentence of its chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from monitoring.actions.charts import Chart
from monitoring.actions.looking import Moved
from monitoring.domain.answer import Answer
from monitoring.domain.control_chart import Point
from monitoring.domain.definition import Definition, Direction, Unit
from monitoring.domain.monthly import change, months_before, to_show
from monitoring.domain.period import Period
from monitoring.domain.shown import NOT_SHOWN, Shown
from monitoring.domain.special_cause import Signal, in_words, reading_of
from monitoring.pages import words
from monitoring.pages.charts import Band, Change, Mark, line, spark
from monitoring.pages.charts.drawing import Value
from monitoring.pages.table import Table, Written


def value(definition: Definition, given: Decimal | None) -> str:
    """``12.5%``, ``£1,234``, ``3.2 days``; no records say so, and are never nought."""
    return "No records" if given is None else in_unit(definition)(given)


def value_of(answer: Answer) -> str:
    """A figure's value; why there is none, where there is none."""
    if answer.figure.value is None and not answer.words.startswith("No records"):
        return "Not shown" if answer.words == NOT_SHOWN else "Not told so"
    return value(answer.definition, answer.figure.value)


def in_unit(definition: Definition) -> Callable[[Value], str]:
    """How this figure's values are written."""
    match definition.unit:
        case Unit.PER_CENT:
            return _per_cent
        case Unit.POUNDS:
            return _pounds
        case Unit.HOURS | Unit.DAYS:
            return lambda given: f"{words.number(_plain(given))} {definition.unit}"
        case _:
            return lambda given: words.number(_plain(given))


def _per_cent(given: Value) -> str:
    """A figure to its one place, as its sentence has it; a step of an axis as short as it is."""
    return f"{given:.1f}%" if isinstance(given, Decimal) else f"{words.number(_plain(given))}%"


def _plain(given: Value) -> Decimal:
    exact = given if isinstance(given, Decimal) else Decimal(str(given))
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact


def _pounds(given: Value) -> str:
    amount = _plain(given)
    whole = abs(amount) >= 10_000
    return (
        f"{'-' if amount < 0 else ''}£{abs(amount):,.0f}"
        if whole or amount == amount.to_integral_value()
        else f"£{amount:,.2f}".replace("£-", "-£")
    )


@dataclass(frozen=True, slots=True)
class Card:
    """One figure on the overview."""

    title: str
    address: str
    value: str
    change: str
    drawn: Markup | None
    counted: str


def card(moved: Moved, address: str, past: Period) -> Card:
    """A figure with its change and its line; the sentence of the line is the change."""
    definition = moved.now.definition
    said = changed(moved, past)
    known = [point for point in moved.months if point.value is not None]
    drawn = spark(f"{definition.title}, month by month", said, [_float(point.value) for point in moved.months]) if len(known) > 1 else None
    return Card(definition.title, address, value_of(moved.now), said, drawn, moved.now.words)


def changed(moved: Moved, past: Period) -> str:
    """``Up 2.1 points from 10.4%, for the worse.`` The former time is named where nothing can be said."""
    definition, now, then = moved.now.definition, moved.now.figure.value, moved.before.figure.value
    by = change(now, then)
    if by is None or then is None:
        return "" if now is None else f"{value_of(moved.before)} in {span(past)}: nothing to compare with."
    if by == 0:
        return f"As in {span(past)}."
    up = by > 0
    size = f"{words.number(abs(by))} points" if definition.unit is Unit.PER_CENT else in_unit(definition)(abs(by))
    better = {Direction.HIGHER: up, Direction.LOWER: not up}.get(definition.direction)
    judged = "" if better is None else (", for the better" if better else ", for the worse")
    return f"{'Up' if up else 'Down'} {size} from {in_unit(definition)(then)} in {span(past)}{judged}."


def span(period: Period) -> str:
    """``April 2025 to March 2026``, or days where the period is not of whole months."""
    first, last = words.month(period.first), words.month(period.last)
    return first if first == last else f"{first} to {last}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its sentence and its table, and each signal in words."""

    drawn: Markup
    sentence: str
    table: Table
    signals: tuple[str, ...]


def control_chart(found: Chart, about: str) -> Drawn | None:
    """The chart of a figure's months; None where no month has records."""
    definition, all_points = found.definition, [point for phase in found.phases for point in phase.points]
    if not any(point.value is not None for point in all_points):
        return None
    places = {point.month: number for number, point in enumerate(all_points)}
    told = tuple(_told(signal, definition) for signal in found.signals)
    marked: dict[int, str] = {}
    for signal, said in zip(found.signals, told, strict=True):
        for month, number in places.items():
            if signal.first <= month <= signal.last:
                marked.setdefault(number, said)
    marks = [Mark(_short(point), _show(definition, point.value), marked.get(number, "")) for number, point in enumerate(all_points)]
    bands, begins = [], 0
    for phase in found.phases:
        if phase.limits is not None:
            floor = phase.limits.lower if phase.limits.lower >= 0 or min(_values(all_points)) < 0 else Fraction(0)
            level = (_show(definition, phase.limits.centre), _show(definition, floor), _show(definition, phase.limits.upper))
            bands.append(Band(begins, begins + len(phase.points) - 1, level[0] or 0, level[1], level[2]))
        begins += len(phase.points)
    changes = [Change(places[phase.points[0].month], "limits recalculated") for phase in found.phases[1:]]
    sentence = _sentence(found, all_points, told)
    drawn = line(f"{definition.title}, month by month, {about}", sentence, marks, bands=bands, changes=changes, written=in_unit(definition))
    rows = [
        (words.month(point.month), Written(shown := _show(definition, point.value), value(definition, shown)), marked.get(number, ""))
        for number, point in enumerate(all_points)
    ]
    table = Table("months", f"{definition.title} by month, {about}", ("Month", definition.title, "Signal"), rows, frozenset({1}))
    return Drawn(drawn, sentence, table, told)


def plain_line(definition: Definition, found: Sequence[Shown]) -> Drawn | None:
    """The quarters alone, without limits, for those who are not shown small numbers; None where none can be shown."""
    steps = [(each.name, each) for each in found if isinstance(each.name, date)]
    if not any(each.value is not None for _, each in steps):
        return None
    hidden = sum(each.hidden for _, each in steps)
    sentence = f"{definition.title} from {words.month(steps[0][0])} to {words.month(months_before(steps[-1][0], -2))}."
    sentence += f" {words.plural(hidden, 'quarter')} with few records not shown." if hidden else ""
    marks = [Mark(f"{words.month(begins)[:3]} {begins.year % 100:02d}", each.value) for begins, each in steps]
    drawn = line(f"{definition.title}, quarter by quarter", sentence, marks, written=in_unit(definition))
    rows = [(span(Period(begins, months_before(begins, -2))), Written(each.value, shown_value(definition, each))) for begins, each in steps]
    table = Table("quarters", f"{definition.title} by quarter", ("Quarter", definition.title), rows, frozenset({1}))
    return Drawn(drawn, sentence, table, ())


def shown_value(definition: Definition, each: Shown) -> str:
    """A line's value, or that it is not shown."""
    return "Not shown" if each.hidden else value(definition, each.value)


def _told(signal: Signal, definition: Definition) -> str:
    return f"{span(Period(signal.first, signal.last))}. {in_words(signal, reading_of(signal.way, definition.direction))}"


def _sentence(found: Chart, all_points: Sequence[Point], told: Sequence[str]) -> str:
    definition = found.definition
    known = [point for point in all_points if point.value is not None]
    last = known[-1]
    begins = f"{definition.title}: {value(definition, _show(definition, last.value))} in {words.month(last.month)}"
    limits = found.phases[-1].limits if found.phases else None
    if limits is None:
        return f"{begins}. {found.phases[-1].why if found.phases else ''}".strip()
    low, high, middle = (_level(definition, level) for level in (max(limits.lower, Fraction(0)), limits.upper, limits.centre))
    usual = f"; usually between {low} and {high}, mean {middle}"
    stands_out = f" {words.plural(len(told), 'signal')} of a change, marked by diamonds." if told else " Nothing beyond ordinary variation."
    return f"{begins}{usual}.{stands_out}"


def _level(definition: Definition, level: Fraction) -> str:
    return value(definition, _show(definition, level))


def _show(definition: Definition, given: Fraction | None) -> Decimal | None:
    return to_show(definition, given)


def _short(point: Point) -> str:
    return f"{words.month(point.month)[:3]} {point.month.year % 100:02d}"


def _values(given: Sequence[Point]) -> list[Fraction]:
    return [point.value for point in given if point.value is not None]


def _float(given: Fraction | None) -> float | None:
    return None if given is None else float(given)
