"""Reads one cell of a CSV file: the text in, a value out, or the rule it breaks in words.

The words never repeat the cell: children's files are among those read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from shared import clock, postcodes
from shared.organisation import Kind, Organisation

Reader = Callable[[str], Any]

LOT = re.compile(r"[a-z][a-z0-9_]{1,39}")
DISTRICT = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")
LANGUAGE = re.compile(r"[a-z]{2,3}")


class BadCellError(Exception):
    """What a cell should have been, in words."""


def text(cell: str) -> str:
    """Any words."""
    return cell


def matching(pattern: re.Pattern[str], words: str) -> Reader:
    """Text of one shape, described by ``words``."""

    def read(cell: str) -> str:
        if not pattern.fullmatch(cell):
            raise BadCellError(words)
        return cell

    return read


lot = matching(LOT, "must be a lot's code: small letters, digits and _")
language = matching(LANGUAGE, "must be a language code of two or three small letters, such as en")
code = matching(re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"), "must be at most 64 letters, digits, dots, dashes or _")


def one_of(words: type[StrEnum]) -> Reader:
    """A word of a closed list."""
    known = ", ".join(words)

    def read(cell: str) -> str:
        if cell not in set(words):
            raise BadCellError(f"must be one of: {known}")
        return cell

    return read


def among(*words: str) -> Reader:
    """One of the words given here."""

    def read(cell: str) -> str:
        if cell not in words:
            raise BadCellError(f"must be one of: {', '.join(words)}")
        return cell

    return read


def several(reader: Reader) -> Reader:
    """A list with ``;`` between the items; an empty cell is an empty list."""

    def read(cell: str) -> list[Any]:
        items = [item.strip() for item in cell.split(";") if item.strip()]
        if len(set(items)) != len(items):
            raise BadCellError("names the same thing twice")
        return [reader(item) for item in items]

    return read


def whole(least: int, most: int) -> Reader:
    """A whole number between the two."""

    def read(cell: str) -> int:
        if not re.fullmatch(r"\d{1,9}", cell) or not least <= int(cell) <= most:
            raise BadCellError(f"must be a whole number from {least} to {most}")
        return int(cell)

    return read


def amount(cell: str) -> str:
    """A number with decimals, as text so that no penny is lost."""
    try:
        value = Decimal(cell)
    except InvalidOperation as error:
        raise BadCellError("must be a number such as 20 or 12.5") from error
    if not value.is_finite() or value < 0:
        raise BadCellError("must be a number of nought or more")
    return cell


def pounds(cell: str) -> str:
    """Pounds and pence: 812.50."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,2})?", cell) or Decimal(cell) <= 0:
        raise BadCellError("must be pounds and pence above nought, such as 812.50")
    return f"{Decimal(cell):.2f}"


def yes_no(cell: str) -> bool:
    """Yes or no, however the sector's files write it."""
    answers = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}
    if cell.lower() not in answers:
        raise BadCellError("must be yes or no")
    return answers[cell.lower()]


def day(cell: str) -> str:
    """A date, 31/12/2026 or 2026-12-31; or so many days from today, +7d, so that demonstration files do not grow old."""
    if relative := re.fullmatch(r"([+-]\d{1,5})d", cell):
        return (clock.today() + timedelta(days=int(relative[1]))).isoformat()
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(cell, shape).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    raise BadCellError("must be a date, written 31/12/2026 or 2026-12-31")


def moment(cell: str) -> datetime:
    """A date and hour, ISO 8601; without an offset it is UK time. Or so long from now: -20d, +2h, +3s."""
    if relative := re.fullmatch(r"([+-]\d{1,7})([smhd])", cell):
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[relative[2]]
        return clock.now() + timedelta(**{unit: int(relative[1])})
    try:
        value = datetime.fromisoformat(cell)
    except ValueError as error:
        raise BadCellError("must be a date and hour, such as 2026-11-30T12:00+00:00") from error
    return value if value.tzinfo else value.replace(tzinfo=clock.UK)


def postcode(cell: str) -> str:
    """A full postcode."""
    parsed = postcodes.parse(cell)
    if parsed is None:
        raise BadCellError("must be a full postcode, such as SO14 7LY")
    return parsed.text


def district(cell: str) -> str:
    """A postcode district such as SO14."""
    if not DISTRICT.fullmatch(cell.upper()):
        raise BadCellError("must be a postcode district, such as SO14")
    return cell.upper()


def council(cell: str) -> str:
    """A council's ONS code."""
    return _organisation(Kind.COUNCIL, cell, "must be a council's ONS code, such as E06000045")


def agency(cell: str) -> str:
    """An agency's Ofsted URN."""
    return _organisation(Kind.AGENCY, cell, "must be an agency's Ofsted URN, such as SC012345")


def _organisation(kind: Kind, cell: str, words: str) -> str:
    try:
        return Organisation(kind, cell).code
    except ValueError as error:
        raise BadCellError(words) from error


def provider(cell: str) -> str:
    """A provider: an agency, or a council's own fostering service."""
    try:
        organisation = Organisation.parse(cell)
    except ValueError as error:
        raise BadCellError("must be agency:<Ofsted URN> or council:<ONS code>") from error
    if organisation.kind is Kind.CONSORTIUM:
        raise BadCellError("must be agency:<Ofsted URN> or council:<ONS code>")
    return str(organisation)


def is_day_before(first: str, second: str) -> bool:
    """Whether one date, as :func:`day` gives it, comes before another."""
    return date.fromisoformat(first) < date.fromisoformat(second)
