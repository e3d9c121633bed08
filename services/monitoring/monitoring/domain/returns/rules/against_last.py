"""R060 to R063: a return beside the one before it. What jumps may be so; then it is confirmed with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from monitoring.domain.forms.form import By, Form
from monitoring.domain.returns.lines import Cell, Value
from monitoring.domain.returns.rules.given import Given, Rule, Severity, shown

Found = Iterator[tuple[Cell, str]]

A_FEW = Decimal(10)
"""Changes of so many or fewer are no jump, however small the agency."""
HALF = Decimal("0.5")


def starts_where_it_ended(given: Given) -> Found:
    """R060: children at the start are those who were there at the end of last time."""
    if given.before is None or given.form.field_named("children_at_end") is None:
        return
    ended = {cell.part: value for cell, value in given.before.items() if cell.field == "children_at_end" and isinstance(value, Decimal)}
    for part in sorted({*given.parts("children_at_start"), *ended}):
        start = given.number("children_at_start", part)
        if start is not None and start != ended.get(part, Decimal(0)):
            yield (
                Cell("children_at_start", part),
                f"{given.label('children_at_start', part)}: last time {shown(ended.get(part, Decimal(0)))} were there at the end, and now "
                f"{shown(start)} at the start. Mend it here, correct the last return, or say why.",
            )


def households_in_balance(given: Given) -> Found:
    """R061: households last time, those approved and those that left make the households now."""
    was = (given.before or {}).get(Cell("households"))
    now, approved, left = (given.total(name) for name in ("households", "households_approved", "households_left"))
    if not isinstance(was, Decimal) or now is None or approved is None or left is None:
        return
    if was + approved - left != now:
        yield (
            Cell("households"),
            f"{shown(was)} households last time, {shown(approved)} approved and {shown(left)} that left make "
            f"{shown(was + approved - left)}, not {shown(now)}. Mend one of them, or say why.",
        )


def no_large_jump(given: Given) -> Found:
    """R062: a figure that changed by more than ten and by more than half is confirmed."""
    for name, was in _before(given.form, given.before or {}).items():
        now = given.total(name)
        if now is not None and abs(now - was) > A_FEW and abs(now - was) > HALF * max(was, now):
            yield (
                _place(given, name),
                f"{given.label(name)}: {shown(was)} last time and {shown(now)} now. Look again; if it is so, say why.",
            )


def not_last_times(given: Given) -> Found:
    """R063: a return with every figure as last time was probably sent twice."""
    before = given.before
    if not before or len(given.lines) < 3:
        return
    if set(before) == set(given.lines) and all(given.value(cell) == value for cell, value in before.items()):
        first = next(iter(given.cells()))[0]
        yield first, "Every figure is as in the last return. Look whether it is the right file; if it is so, say why here."


def _before(form: Form, before: Mapping[Cell, Value]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for cell, value in before.items():
        asked = form.field_named(cell.field)
        if asked is not None and asked.adds_up and isinstance(value, Decimal):
            found[cell.field] = found.get(cell.field, Decimal(0)) + value
    return found


def _place(given: Given, name: str) -> Cell:
    """Where to say why a total jumped: at its first part, or the field itself."""
    asked = given.form.field_named(name)
    parts = given.parts(name) if asked is not None and asked.by is not By.NOTHING else ()
    return Cell(name, parts[0]) if parts else Cell(name)


RULES = (
    Rule("R060", Severity.WARNING, starts_where_it_ended, alone=False),
    Rule("R061", Severity.WARNING, households_in_balance, alone=False),
    Rule("R062", Severity.WARNING, no_large_jump, alone=False),
    Rule("R063", Severity.WARNING, not_last_times, alone=False),
)
"""The rules that look at the return before."""
