"""A return beside the councils' own records, line by line: what the agency said, what Hearth held then, what it holds now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitoring.domain.forms.form import By, Form
from monitoring.domain.returns.lines import Cell, LineReason
from monitoring.domain.returns.states import Kept


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that both can tell. ``held_then`` is Hearth's figure when the return was accepted, ``held_now`` its figure today."""

    cell: Cell
    said: Decimal
    held_then: Decimal | None
    held_now: Decimal | None
    reason: LineReason | None = None
    words: str = ""

    @property
    def differs(self) -> bool:
        """Whether agency and records tell two figures today."""
        return self.held_now is not None and self.said != self.held_now

    @property
    def by(self) -> Decimal | None:
        """How much more the agency says."""
        return None if self.held_now is None else self.said - self.held_now


def differences(form: Form, lines: Sequence[Kept], held: Mapping[Cell, Decimal], *, council: str | None = None) -> tuple[Difference, ...]:
    """Every line that Hearth can tell as well, in the form's order. A line that the agency left out of a breakdown says nought.

    ``council``: only its own lines, for a council that reads; what is the agency's as a whole it is not shown.
    """
    said = {kept.line.cell: kept for kept in lines if isinstance(kept.value, Decimal)}
    found = []
    for cell in {*held, *(cell for cell, kept in said.items() if kept.held is not None)}:
        asked = form.field_named(cell.field)
        if asked is None or (council is not None and (asked.by is not By.COUNCIL or cell.part != council)):
            continue
        kept = said.get(cell)
        if kept is None and asked.by is By.NOTHING:
            continue
        figure = kept.value if kept is not None else Decimal(0)
        assert isinstance(figure, Decimal)
        then, now = kept.held if kept else None, held.get(cell)
        reason, words = (kept.line.reason, kept.line.words) if kept else (None, "")
        found.append(Difference(cell, figure, then, now, reason, words))
    order = {field.name: place for place, field in enumerate(form.fields)}
    return tuple(sorted(found, key=lambda each: (order[each.cell.field], each.cell.part)))
