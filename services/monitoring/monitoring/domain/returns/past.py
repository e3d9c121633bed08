"""Returns that were made elsewhere in the past: what must be so of one before it is brought in, asked of it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.domain.forms.form import Form
from monitoring.domain.period import Period
from monitoring.domain.returns.lines import Line, written
from monitoring.domain.returns.rules import Finding, Given, Severity, findings
from monitoring.domain.returns.states import Kept, Key


@dataclass(frozen=True, slots=True)
class PastReturn:
    """A return as it was received long ago: which, on which UK day, and its lines."""

    key: Key
    received_on: date
    lines: tuple[Line, ...]


def kept_lines(form: Form, period: Period, lines: Sequence[Line], councils: Mapping[str, str]) -> tuple[Kept, ...] | tuple[Finding, ...]:
    """The lines as an accepted version keeps them, or every error of them.

    Asked of the return alone: what Hearth holds of those years may be less than the agency knew, and a jump was confirmed then or never.
    """
    given = Given(form, period, {line.cell: line for line in lines}, councils=councils)
    wrong = tuple(each for each in findings(given, alone=True) if each.severity is Severity.ERROR)
    if wrong:
        return wrong
    kept = []
    for cell, _, line in given.cells():
        value = given.value(cell)
        assert value is not None
        kept.append(Kept(Line(cell, written(value), line.reason, line.words), value))
    return tuple(kept)
