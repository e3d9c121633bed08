"""What a rule looks at: the form, the figures as typed and as read, what Hearth holds, what was returned last time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from monitoring.domain.forms.form import By, Field, Form
from monitoring.domain.period import Period
from monitoring.domain.returns.lines import Cell, Line, Value, value_of, written


@dataclass(frozen=True, slots=True)
class Given:
    """A return before it is accepted. ``lines`` hold what Hearth filled in too; ``before`` is the accepted return of the period before."""

    form: Form
    period: Period
    lines: Mapping[Cell, Line]
    held: Mapping[Cell, Decimal] = field(default_factory=dict)
    before: Mapping[Cell, Value] | None = None
    councils: Mapping[str, str] = field(default_factory=dict)
    """ONS code → name, for the words of a message."""

    def cells(self) -> Iterator[tuple[Cell, Field, Line]]:
        """Every line with its field, in the form's order."""
        order = {each.name: place for place, each in enumerate(self.form.fields)}
        for cell in sorted(self.lines, key=lambda one: (order[one.field], one.part)):
            asked = self.form.field_named(cell.field)
            assert asked is not None
            yield cell, asked, self.lines[cell]

    def value(self, cell: Cell) -> Value | None:
        """A line's value; None when it is not there or cannot be read."""
        line, asked = self.lines.get(cell), self.form.field_named(cell.field)
        return value_of(asked, line.typed) if line is not None and asked is not None else None

    def number(self, name: str, part: str = "") -> Decimal | None:
        """A figure as a number; a part not given is none, so nought. None when the form does not ask it or it cannot be read."""
        asked, cell = self.form.field_named(name), Cell(name, part)
        if asked is None or not asked.adds_up:
            return None
        if cell not in self.lines:
            return Decimal(0) if asked.by is not By.NOTHING else None
        value = self.value(cell)
        return value if isinstance(value, Decimal) else None

    def total(self, name: str) -> Decimal | None:
        """A figure added up over its parts; None when the form does not ask it, or one part cannot be read."""
        parts = [cell.part for cell in self.lines if cell.field == name]
        asked = self.form.field_named(name)
        if asked is None:
            return None
        if asked.by is By.NOTHING:
            return self.number(name)
        numbers = [self.number(name, part) for part in parts]
        return None if any(each is None for each in numbers) else sum((each for each in numbers if each is not None), Decimal(0))

    def parts(self, *names: str) -> tuple[str, ...]:
        """Every part for which any of these fields has a line, in order."""
        return tuple(sorted({cell.part for cell in self.lines if cell.field in names}))

    def label(self, name: str, part: str = "") -> str:
        """A field in its own words, with the part's name: ``Children who moved in (Slough Borough)``."""
        asked = self.form.field_named(name)
        assert asked is not None
        return labelled(asked, part, self.councils)


def labelled(asked: Field, part: str, councils: Mapping[str, str]) -> str:
    """A line in words."""
    return f"{asked.label} ({asked.codes.get(part) or councils.get(part) or part})" if part else asked.label


def shown(number: Decimal) -> str:
    """A number as a message gives it."""
    return written(number)


class Severity(StrEnum):
    """What a finding does: an error must be mended, a warning confirmed by giving a reason in the line."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one line breaks, and what to do. A message names figures of the return, never words that were typed."""

    rule: str
    severity: Severity
    cell: Cell
    message: str


Check = Callable[[Given], Iterable[tuple[Cell, str]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A numbered rule. ``alone``: it can be asked of a return by itself, without what Hearth holds or what was returned before."""

    number: str
    severity: Severity
    check: Check
    alone: bool = True

    def findings(self, given: Given) -> Iterator[Finding]:
        """Every line that breaks it. A warning is over once its line gives a reason."""
        for cell, message in self.check(given):
            line = given.lines.get(cell)
            if self.severity is Severity.ERROR or line is None or line.reason is None:
                yield Finding(self.number, self.severity, cell, message)
