"""An organisation's rows of one service as one zip of CSV and JSON, and back into an empty tenancy.

What is taken follows from the tables themselves: every table with a column that says whose a row is, except those a service names with its
reason; so a table added later is in the archive without anybody thinking of it. Row security does the choosing besides.

How to read it. A table of plain columns is a CSV file, one with lists or nested values a file of JSON lines. UTF-8; dates as 2026-11-22;
moments in UTC; money as decimal text; bytes in hexadecimal. In CSV an empty cell is an absent value. A text that a spreadsheet would take
for a formula (it begins with = + - @, a tab or a return), that begins with an apostrophe, or that is empty has one apostrophe put in front;
loading takes one off. ``manifest.json`` names the schema, and each file's columns, rows, bytes and SHA-256.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, Column, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB

from shared.tenancy import Transaction

FORMAT = 1
MANIFEST = "manifest.json"
MOST_BYTES_SENT = 100_000_000
MOST_BYTES_UNPACKED = 1_000_000_000
MOST_MANIFEST = 1_000_000
MOST_LINE = 10_000_000
AT_ONCE = 500

_OWNERS = ("organisation", "council")

Row = dict[str, Any]
Translated = Callable[[Transaction, Sequence[Row]], Awaitable[list[Row]]]


@dataclass(frozen=True)
class Opened:
    """Columns that lie sealed and are taken in the clear, each under another name, and sealed again when they are loaded."""

    columns: Mapping[str, str]
    taken: Translated
    loaded: Translated


@dataclass(frozen=True)
class Keeping:
    """What a service keeps of an organisation. ``left_out``: tables that are not taken, each with its reason.

    ``authors``: tables whose rows another organisation writes, as a provider its offers, and the column that says who, if not ``author``.
    """

    service: str
    package_folder: Path
    metadata: MetaData
    left_out: Mapping[str, str]
    opened: Mapping[str, Opened] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)

    def schema(self) -> str:
        """The newest revision of the service's tables, as 0009."""
        return max(file.name[:4] for file in (self.package_folder / "migrations" / "versions").glob("[0-9]*.py"))

    def tables(self) -> list[Table]:
        """The tables that are taken, each after those it refers to."""
        return [table for table in self.metadata.sorted_tables if owner_of(table) is not None and table.name not in self.left_out]

    def file_of(self, table: Table) -> str:
        """The name of the file a table is taken in."""
        nested = table.name in self.opened or any(isinstance(column.type, ARRAY | JSONB) for column in table.columns)
        return f"{table.name}.{'jsonl' if nested else 'csv'}"

    def columns_of(self, table: Table) -> dict[str, Column[Any] | None]:
        """The columns as they are named in the file; None for what is opened."""
        opened = self.opened.get(table.name)
        found: dict[str, Column[Any] | None] = {column.name: column for column in table.columns if column.identity is None}
        for column, taken_as in opened.columns.items() if opened else ():
            del found[column]
            found[taken_as] = None
        return found


def owner_of(table: Table) -> Column[Any] | None:
    """The column that says whose a row is: ``organisation``, else ``council``."""
    return next((table.c[name] for name in _OWNERS if name in table.c), None)
