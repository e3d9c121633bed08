"""The lines of a council's return files: which table a file is, and each cell read or refused with its file, line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from referrals.domain.return_tables import COLUMNS
from referrals.domain.ssda903 import good_code_in, refusal_words, year_end

Normal = Callable[[str], str | None]
"""A postcode as we write it, or None when there can be no such postcode."""


@dataclass(frozen=True)
class BadRow:
    """A line that cannot be taken: the file as year/table, the line (the column names are line 1), the column, the rule, words for people.

    A file that is no table of the return is named as it was given.
    """

    file: str
    line: int
    column: str
    rule: str
    message: str


@dataclass(frozen=True)
class File:
    """One file as it came: its name, the return year it belongs to (named by the year it ends in), its text; and the day it is read."""

    name: str
    year: int
    text: str
    today: date


@dataclass
class Line:
    """One row on its way: where it stands, its cells, and what was found wrong with it."""

    file: File
    number: int
    cells: Mapping[str, str]
    bad: list[BadRow]

    def refuse(self, column: str, rule: str, message: str) -> None:
        """Note what is wrong in this line."""
        self.bad.append(BadRow(self.file.name, self.number, column, rule, message))

    def text(self, column: str, *, needed: bool = True) -> str | None:
        """The cell, None when it is empty; refused when it is needed."""
        value = self.cells[column].strip()
        if not value and needed:
            self.refuse(column, "required", "This is needed.")
        return value or None

    def capitals(self, column: str, *, needed: bool = True) -> str | None:
        """The cell in capital letters."""
        value = self.text(column, needed=needed)
        return None if value is None else value.upper()

    def day(self, column: str, *, needed: bool = True, to_come: bool = False) -> date | None:
        """A date written dd/mm/yyyy, not in the future unless it may be one ``to_come``."""
        value = self.text(column, needed=needed)
        if value is None:
            return None
        try:
            day = datetime.strptime(value, "%d/%m/%Y").date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            self.refuse(column, "date", "This must be a real date, written dd/mm/yyyy.")
            return None
        if day > self.file.today and not to_come:
            self.refuse(column, "not_in_the_future", "This day is in the future.")
        return day

    def code(self, column: str, *, needed: bool = True) -> str | None:
        """A code of the list that the column is named for, good in the file's year; small letters are read as capitals."""
        value = self.capitals(column, needed=needed)
        if value is not None and not good_code_in(column, value, self.file.year):
            self.refuse(column, "ssda903_code", refusal_words(column, year_end(self.file.year)))
        return value

    def postcode(self, column: str, normal: Normal) -> str | None:
        """A postcode in the form we write, or None."""
        value = self.text(column, needed=False)
        if value is None:
            return None
        found = normal(value)
        if found is None:
            self.refuse(column, "possible_postcode", "This postcode does not exist. Write it as on a letter: SO14 7LY.")
        return found


def lines_of(file: File, bad: list[BadRow]) -> tuple[str | None, list[Line]]:
    """Which table a file holds, known by its exact set of columns, and its rows."""
    try:
        rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error:
        bad.append(BadRow(file.name, 0, "", "csv", "This file cannot be read as CSV: look for a quotation mark that is not closed."))
        return None, []
    columns = [name.strip().upper() for name in rows[0]] if rows else []
    table = next((name for name, wanted in COLUMNS.items() if set(wanted) == set(columns) and len(wanted) == len(columns)), None)
    if table is None:
        words = "These are not the columns of a table of the return. Header has " + " ".join(COLUMNS["Header"]) + "."
        bad.append(BadRow(file.name, 1, "", "known_columns", words))
        return None, []
    file = replace(file, name=f"{file.year}/{table}")
    lines: list[Line] = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            bad.append(BadRow(file.name, number, "", "columns_filled", "This line has more or fewer cells than there are columns."))
            continue
        lines.append(Line(file, number, dict(zip(columns, cells, strict=True)), []))
    return table, lines
