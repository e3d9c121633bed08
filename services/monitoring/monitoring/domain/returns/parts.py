"""Whose part of a return is whose: the whole is the agency's and the consortium's; a council has the lines that are about it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitoring.domain.forms.form import By, Form
from monitoring.domain.returns.lines import Cell
from monitoring.domain.returns.states import Version
from shared.organisation import CONSORTIUM, Organisation


def council_of(form: Form, cell: Cell, of_placements: Mapping[str, str]) -> str | None:
    """The council a line is about: the one it is broken down by, or that of the placement it names; None for the agency as a whole."""
    asked = form.field_named(cell.field)
    if asked is None:
        return None
    if asked.by is By.PLACEMENT:
        return of_placements.get(cell.part)
    return cell.part if asked.by is By.COUNCIL else None


def copies(version: Version, form: Form, of_placements: Mapping[str, str], earlier: Version | None = None) -> dict[Organisation, Version]:
    """The version as each reader keeps it. A council told something before is told this one too, even if nothing is left."""
    whose = {kept.line.cell: council_of(form, kept.line.cell, of_placements) for kept in version.lines}
    told = {council_of(form, kept.line.cell, of_placements) for kept in earlier.lines} if earlier else set()
    found = {Organisation.agency(version.key.agency): version, CONSORTIUM: version}
    for council in sorted({each for each in (*whose.values(), *told) if each is not None}):
        own = tuple(kept for kept in version.lines if whose[kept.line.cell] == council)
        found[Organisation.council(council)] = replace(version, lines=own)
    return found
