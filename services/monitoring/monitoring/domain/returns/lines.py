"""The lines of a return: one figure each, named by its field and, where the field is broken down, its part."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from monitoring.domain.forms.form import By, Field, Form, Kind
from monitoring.domain.period import EARLIEST, LATEST

MOST_TYPED = 40
"""Characters in a value: longer is no figure."""
MOST_WORDS = 200
MOST_LINES = 2_000


class LineReason(StrEnum):
    """Why a figure is right although it differs from what was filled in already, or from last time."""

    NOT_IN_HEARTH = "not_in_hearth"
    COUNTED_DIFFERENTLY = "counted_differently"
    WRONG_IN_HEARTH = "wrong_in_hearth"
    CHECKED_AND_SO = "checked_and_so"
    OTHER = "other"


LINE_REASONS: Mapping[LineReason, str] = {
    LineReason.NOT_IN_HEARTH: "Hearth has not been told of some of them",
    LineReason.COUNTED_DIFFERENTLY: "We count it in another way",
    LineReason.WRONG_IN_HEARTH: "What Hearth holds is wrong",
    LineReason.CHECKED_AND_SO: "We checked it, and it is so",
    LineReason.OTHER: "Another reason, in a few words",
}


class Cell(NamedTuple):
    """Where a figure stands: a field, and its part (a code, a council, a placement) where it is broken down."""

    field: str
    part: str = ""

    @property
    def name(self) -> str:
        """``starts.E06000045``, as files and the API name a line."""
        return f"{self.field}.{self.part}" if self.part else self.field


@dataclass(frozen=True, slots=True)
class Line:
    """A figure as it was typed, with the agency's reason where it gave one."""

    cell: Cell
    typed: str
    reason: LineReason | None = None
    words: str = ""


Value = Decimal | date | str
"""A number, a day, or a code."""


def cell_named(name: str) -> Cell:
    """The cell a name means; whether the form has it is asked of :func:`cell_known`."""
    field, _, part = name.partition(".")
    return Cell(field, part)


def cell_known(form: Form, cell: Cell, *, councils: Collection[str], placements: Collection[str]) -> bool:
    """Whether the form has such a line: the field, and as its part one of its codes, a council, a placement of the agency."""
    field = form.field_named(cell.field)
    if field is None:
        return False
    match field.by:
        case By.NOTHING:
            return cell.part == ""
        case By.CODE:
            return cell.part in field.codes
        case By.COUNCIL:
            return cell.part in councils
        case By.PLACEMENT:
            return cell.part in placements


def placement_part(id: UUID) -> str:
    """How a placement is named as a part."""
    return str(id)


_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?|[0-9]{1,3}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,4})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def value_of(field: Field, typed: str) -> Value | None:
    """What was typed, read; None when it is not of the field's kind.

    Taken as meant: a pound sign before money, a per cent sign after a share, commas that part thousands, spaces around. A number below
    nought is read, so that a rule can say what is wrong with it.
    """
    text = typed.strip()
    if field.kind is Kind.CODE:
        return text if text in field.codes else None
    if field.kind is Kind.DATE:
        return _day(text)
    minus, text = text.startswith("-"), text.removeprefix("-")
    if field.kind is Kind.MONEY:
        text = text.removeprefix("£").lstrip()
    if field.kind is Kind.PER_CENT:
        text = text.removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text.replace(",", ""))
    return -number if minus and number else number


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def written(value: Value) -> str:
    """A value as it is kept and shown: ``12``, ``812.5``, ``2012-10-08``, ``CREQB``."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else value
