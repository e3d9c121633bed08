"""Reads CSV files into rows of checked values, and names every fault by file, line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hearth.load.cells import BadCellError, Reader

LARGEST = 50_000_000


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in a file, where, and what to do about it."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return where + (f"{self.column}: " if self.column else "") + self.message


@dataclass(frozen=True)
class Column:
    """One column of a file: its name there and how a cell is read. An optional one may be left out or left empty."""

    name: str
    read: Reader
    optional: bool = False
    default: Any = None
    """What an empty optional cell means."""


@dataclass(frozen=True)
class Shape:
    """One file of a consortium's folder: its columns, and which of them together name a row."""

    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One row: where it stands and what it says. Columns are read as items: ``row["URN"]``."""

    file: str
    line: int
    values: Mapping[str, Any]
    whole: bool = True
    """False when a cell could not be read, and so is not among the values."""

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def fault(self, column: str, message: str) -> Fault:
        """Something wrong in this row."""
        return Fault(self.file, self.line, column, message)

    def key(self, *columns: str) -> tuple[Any, ...]:
        """The values of these columns together."""
        return tuple(self.values[column] for column in columns)


@dataclass
class Folder:
    """The files of one folder, as far as they could be read."""

    path: Path
    rows: dict[str, list[Row]] = field(default_factory=dict)
    half_read: dict[str, list[Row]] = field(default_factory=dict)
    """Rows with a bad cell, as far as they could be read: what names them is no fault of its own."""
    faults: list[Fault] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def __getitem__(self, file: str) -> list[Row]:
        return self.rows.get(file, [])

    def has(self, file: str) -> bool:
        """Whether the file was there: what it would say is otherwise left to the services to check."""
        return file in self.rows

    def known(self, file: str, *columns: str) -> set[tuple[Any, ...]]:
        """Every value of these columns in a file, for looking references up.

        A row with a fault in another cell still counts: else one bad date would be said again for every row that names it.
        """
        readable = (row for row in self.half_read.get(file, ()) if all(column in row.values for column in columns))
        return {row.key(*columns) for row in (*self[file], *readable)}

    def dangling(self, row: Row, columns: str | tuple[str, ...], known: set[tuple[Any, ...]], file: str) -> Iterator[Fault]:
        """A fault when what the row names is not in ``file``, unless that file is not in the folder."""
        names = (columns,) if isinstance(columns, str) else columns
        if self.has(file) and row.key(*names) not in known:
            yield row.fault(" and ".join(names), f"is not in {file}")


Check = Callable[[Folder], Iterable[Fault]]


def read_folder(path: Path, shapes: Iterable[Shape]) -> Folder:
    """Read every file of ``shapes`` that the folder has; bad cells and repeated rows are in ``faults``."""
    folder = Folder(path)
    known = list(shapes)
    for shape in known:
        if (path / shape.file).is_file():
            read = list(_read(path / shape.file, shape, folder.faults))
            folder.rows[shape.file] = [row for row in read if row.whole]
            folder.half_read[shape.file] = [row for row in read if not row.whole]
        else:
            folder.missing.append(shape.file)
    ours = {shape.file for shape in known}
    folder.unread = sorted(file.name for file in path.glob("*.csv") if file.name not in ours)
    return folder


def _read(path: Path, shape: Shape, faults: list[Fault]) -> Iterator[Row]:
    try:
        if path.stat().st_size > LARGEST:
            faults.append(Fault(shape.file, 0, "", f"is larger than {LARGEST // 1_000_000} MB; split it"))
            return
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(shape.file, 0, "", f"is not UTF-8 (at byte {error.start}); save it as 'CSV UTF-8'"))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    places: dict[str, int] | None = None
    seen: dict[tuple[Any, ...], int] = {}
    line = 1
    try:
        for cells in reader:
            # A quoted cell may hold line breaks, so a row starts on the line after the one where the last ended.
            start, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if places is None:
                places = _header(shape, cells, start, faults)
                if places is None:
                    return
                width = len(cells)
                continue
            if len(cells) != width:
                faults.append(Fault(shape.file, start, "", f"has {len(cells)} cells where the first line names {width} columns"))
                continue
            row = _row(shape, places, cells, start, faults)
            if not row.whole or _first_of_its_name(shape, row, seen, faults):
                yield row
    except csv.Error as error:
        faults.append(Fault(shape.file, line, "", f"cannot be read as CSV from here on: {error}"))
    if places is None:
        faults.append(Fault(shape.file, 0, "", "is empty: the first line must name the columns"))


def _header(shape: Shape, cells: list[str], line: int, faults: list[Fault]) -> dict[str, int] | None:
    """Where each column stands, whatever its capitals; None when one that is needed is missing."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = cell.strip().lower()
        if name in found:
            faults.append(Fault(shape.file, line, cell.strip(), "is named twice in the first line"))
            return None
        found[name] = place
    missing = [column.name for column in shape.columns if not column.optional and column.name.lower() not in found]
    faults.extend(Fault(shape.file, line, name, "this column is missing from the first line") for name in missing)
    return None if missing else {column.name: found[column.name.lower()] for column in shape.columns if column.name.lower() in found}


def _row(shape: Shape, places: Mapping[str, int], cells: list[str], line: int, faults: list[Fault]) -> Row:
    values: dict[str, Any] = {}
    whole = True
    for column in shape.columns:
        cell = cells[places[column.name]].strip() if column.name in places else ""
        if not cell and column.optional:
            values[column.name] = column.default
            continue
        try:
            if not cell:
                raise BadCellError("is empty")
            values[column.name] = column.read(cell)
        except BadCellError as bad:
            faults.append(Fault(shape.file, line, column.name, str(bad)))
            whole = False
    return Row(shape.file, line, values, whole)


def _first_of_its_name(shape: Shape, row: Row, seen: dict[tuple[Any, ...], int], faults: list[Fault]) -> bool:
    key = row.key(*shape.key)
    hashable = tuple(tuple(part) if isinstance(part, list) else part for part in key)
    if hashable in seen:
        faults.append(row.fault(" and ".join(shape.key), f"the same as on line {seen[hashable]}"))
        return False
    seen[hashable] = row.line
    return True
