"""R001 to R010: whether each figure is one, of the kind its field asks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from monitoring.domain.forms.form import Kind
from monitoring.domain.returns.lines import Cell, LineReason, value_of, written
from monitoring.domain.returns.rules.given import Given, Rule, Severity

Found = Iterator[tuple[Cell, str]]

MOST_COUNTED = Decimal(100_000)
DEAREST = Decimal(1_000_000)


def filled_in(given: Given) -> Found:
    """R001: what must be filled in is, and no line is empty."""
    for asked in given.form.fields:
        if asked.required and Cell(asked.name) not in given.lines:
            yield Cell(asked.name), f"{asked.label}: fill this in. Write 0 if there were none."
    for cell, _, line in given.cells():
        if not line.typed.strip():
            yield cell, f"{given.label(*cell)}: fill this in, or leave the line out if there were none."


def number_readable(given: Given) -> Found:
    """R002: a number is written in figures."""
    for cell, asked, line in given.cells():
        if asked.kind not in (Kind.DATE, Kind.CODE) and line.typed.strip() and value_of(asked, line.typed) is None:
            yield cell, f"{given.label(*cell)}: write a number in figures alone, as in 12 or 1,250."


def whole_number(given: Given) -> Found:
    """R003: what is counted is counted in whole ones."""
    for cell, asked, _ in given.cells():
        value = given.value(cell)
        if asked.kind is Kind.COUNT and isinstance(value, Decimal) and value != value.to_integral_value():
            yield cell, f"{given.label(*cell)}: write a whole number. Half a one cannot be counted."


def not_below_nought(given: Given) -> Found:
    """R004: no figure is below nought, but for a share that may fall."""
    for cell, asked, _ in given.cells():
        value = given.value(cell)
        if asked.kind is not Kind.PER_CENT and isinstance(value, Decimal) and value < 0:
            yield cell, f"{given.label(*cell)}: this cannot be below 0. Write 0 if there were none."


def believable(given: Given) -> Found:
    """R005: no figure is larger than any agency's could be."""
    for cell, asked, _ in given.cells():
        value = given.value(cell)
        most = DEAREST if asked.kind is Kind.MONEY else MOST_COUNTED
        if asked.kind is not Kind.PER_CENT and isinstance(value, Decimal) and value > most:
            yield cell, f"{given.label(*cell)}: this is more than any agency has. Look for a digit too many."


def share_in_range(given: Given) -> Found:
    """R006: a share lies between -100 and 100 per cent."""
    for cell, asked, _ in given.cells():
        value = given.value(cell)
        if asked.kind is Kind.PER_CENT and isinstance(value, Decimal) and abs(value) > 100:
            yield cell, f"{given.label(*cell)}: write a per cent from -100 to 100."


def decimal_places(given: Given) -> Found:
    """R007: money has at most two decimal places, other numbers one."""
    for cell, asked, _ in given.cells():
        value = given.value(cell)
        most = 2 if asked.kind is Kind.MONEY else 1
        if asked.kind in (Kind.MONEY, Kind.NUMBER, Kind.PER_CENT) and isinstance(value, Decimal) and value != round(value, most):
            places = "pounds and pence, as in 812.50" if asked.kind is Kind.MONEY else "at most one decimal place, as in 4.5"
            yield cell, f"{given.label(*cell)}: write {places}."


def code_known(given: Given) -> Found:
    """R008: a code is one of the field's list."""
    for cell, asked, line in given.cells():
        if asked.kind is Kind.CODE and line.typed.strip() and value_of(asked, line.typed) is None:
            yield cell, f"{given.label(*cell)}: choose one of {', '.join(asked.codes)}."


def day_readable(given: Given) -> Found:
    """R009: a day is one of the calendar, written year-month-day."""
    for cell, asked, line in given.cells():
        if asked.kind is Kind.DATE and line.typed.strip() and value_of(asked, line.typed) is None:
            yield cell, f"{given.label(*cell)}: write a day as year-month-day, as in 2012-10-08."


def day_not_after_the_period(given: Given) -> Found:
    """R010: nothing began after the period ended."""
    for cell, asked, _ in given.cells():
        value = given.value(cell)
        if asked.kind is Kind.DATE and value is not None and not isinstance(value, Decimal | str) and value > given.period.last:
            yield cell, f"{given.label(*cell)}: this day is after the last day of the period. What happens later goes into the next return."


def corrected_with_a_reason(given: Given) -> Found:
    """R020: a figure that Hearth filled in is changed only with a reason."""
    for cell, _, line in given.cells():
        held, value = given.held.get(cell), given.value(cell)
        if held is not None and isinstance(value, Decimal) and value != held and line.reason is None:
            yield cell, f"{given.label(*cell)}: Hearth holds {written(held)}. Say why yours differs, or take Hearth's figure."


def other_reason_in_words(given: Given) -> Found:
    """R021: another reason than those listed is said in a few words."""
    for cell, _, line in given.cells():
        if line.reason is LineReason.OTHER and not line.words.strip():
            yield cell, f"{given.label(*cell)}: say in a few words why. Name no child and no carer."


RULES = (
    Rule("R001", Severity.ERROR, filled_in),
    Rule("R002", Severity.ERROR, number_readable),
    Rule("R003", Severity.ERROR, whole_number),
    Rule("R004", Severity.ERROR, not_below_nought),
    Rule("R005", Severity.ERROR, believable),
    Rule("R006", Severity.ERROR, share_in_range),
    Rule("R007", Severity.ERROR, decimal_places),
    Rule("R008", Severity.ERROR, code_known),
    Rule("R009", Severity.ERROR, day_readable),
    Rule("R010", Severity.ERROR, day_not_after_the_period),
    Rule("R020", Severity.ERROR, corrected_with_a_reason, alone=False),
    Rule("R021", Severity.ERROR, other_reason_in_words),
)
"""The rules about single figures."""
