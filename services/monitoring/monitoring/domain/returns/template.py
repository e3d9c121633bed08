"""A form laid out to be filled in: every line it can have for one agency, in its own order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from monitoring.domain.forms.form import By, Field, Form
from monitoring.domain.returns.lines import Cell, placement_part
from monitoring.domain.returns.prefill import Stay


def every_cell(form: Form, *, councils: Mapping[str, str], stays: Iterable[Stay]) -> tuple[Cell, ...]:
    """A line for each field; of one broken down a line for each council of the consortium, each code, each placement of the period."""
    placements = [placement_part(stay.placement) for stay in stays]
    return tuple(Cell(field.name, part) for field in form.fields for part in _parts(field, councils, placements))


def _parts(field: Field, councils: Mapping[str, str], placements: Iterable[str]) -> Iterator[str]:
    match field.by:
        case By.NOTHING:
            yield ""
        case By.CODE:
            yield from field.codes
        case By.COUNCIL:
            yield from councils
        case By.PLACEMENT:
            yield from placements
