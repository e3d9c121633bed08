"""Where the lists behind a figure and behind the savings ledger go on, for the API and the pages alike."""

from __future__ import annotations

from datetime import date

from monitoring.actions import drilling
from monitoring.domain.counted import Counted
from monitoring.domain.ledger.line import Line
from shared.cursors import another_lists

Key = tuple[str, ...] | None


def of_record(row: Counted) -> tuple[str, str, str, str]:
    """The place of a record behind a figure."""
    day, id, agency, part = drilling.place(row)
    return day.isoformat(), id, agency, part


def after_record(key: Key, *words: str) -> tuple[date, str, str, str] | None:
    """After which record a page begins; None for the first. Refused, in ``words`` if given, when the key is another list's."""
    if key is None:
        return None
    try:
        day, id, agency, part = key
        return date.fromisoformat(day), id, agency, part
    except ValueError as error:
        raise another_lists(*words) from error


def of_line(line: Line) -> tuple[str, str, str, str]:
    """The place of a line of the savings ledger."""
    return line.quarter.isoformat(), line.council, str(line.kind), line.id


def after_line(key: Key, *words: str) -> tuple[str, str, str, str] | None:
    """After which line a page begins; None for the first. Refused, in ``words`` if given, when the key is another list's."""
    if key is None:
        return None
    try:
        quarter, council, kind, id = key
        return date.fromisoformat(quarter).isoformat(), council, kind, id
    except ValueError as error:
        raise another_lists(*words) from error
