"""A table as it is shown, and as it is taken away: one value for both, so that a file says what the page says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from monitoring.pages import words

Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads on; taken away it is its text."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Written:
    """A value with the words a page writes it in; taken away it is the value."""

    value: Cell
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption. ``name`` is the sheet's and the file's: letters, digits and dashes, at most 31."""

    name: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | Link | Written]]
    numeric: frozenset[int] = frozenset()
    """Columns of numbers, by their place: set to the right."""
    unbroken: frozenset[int] = frozenset()
    """Columns whose words stay on one line."""


def shown(cell: Cell | Link | Written) -> str:
    """A cell in words; nothing is a dash, never nought."""
    match cell:
        case Link(text=text) | Written(words=text):
            return text
        case None:
            return "–"
        case datetime():
            return words.moment(cell)
        case date():
            return words.day(cell)
        case Decimal() | int():
            return words.number(cell)
        case _:
            return cell


def taken(cell: Cell | Link | Written) -> Cell:
    """A cell as a value."""
    match cell:
        case Link(text=text):
            return text
        case Written(value=value):
            return value
        case _:
            return cell
