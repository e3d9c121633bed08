"""An archive read, checked and loaded into a tenancy that has nothing yet: all of it or nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, LargeBinary, Numeric, Table, Uuid, bindparam, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from shared import archive as archive_limits
from shared.archive import AT_ONCE, FORMAT, MANIFEST, MOST_LINE, MOST_MANIFEST, Keeping, Opened, Row, owner_of
from shared.organisation import Organisation
from shared.refusals import Reason, RefusalKind, Refused, conflict, invalid
from shared.tenancy import Transaction
from shared.zip_sizes import UNREADABLE, hold_to_their_sizes


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself, checked."""

    schema: str
    files: Mapping[str, Mapping[str, Any]]


async def load(transaction: Transaction, keeping: Keeping, content: bytes) -> dict[str, int]:
    """Load an archive into the transaction's organisation, which must have no row yet; the rows of each table.

    Refused, and nothing is kept: what is no such zip or unpacks to too much, a file that should not be there, another service's or
    organisation's archive, a newer schema, bytes that the manifest does not say, a row that is another's or not in the form of its table,
    and a tenancy that is not empty. Nothing is published.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = _manifest(archive, keeping, transaction.organisation)
            await _empty(transaction, keeping)
            return {
                table.name: await _load(transaction, keeping, archive, manifest, table)
                for table in keeping.tables()
                if keeping.file_of(table) in manifest.files
            }
    except UNREADABLE as error:
        raise _malformed("zip", "Send the archive as it was taken: one zip of this service's files.") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        words = "A row does not keep to the rules of its table, so nothing was loaded. Send the archive as it was taken."
        raise invalid(Reason("body", "rules_of_the_table", words)) from error


def _malformed(rule: str, words: str) -> Refused:
    return Refused(RefusalKind.MALFORMED, words, (Reason("body", rule, words),))


def _manifest(archive: zipfile.ZipFile, keeping: Keeping, organisation: Organisation) -> Manifest:
    entries = archive.infolist()
    ours = {keeping.file_of(table): table for table in keeping.tables()}
    names = [entry.filename for entry in entries]
    # Names are compared and never used as a path: nothing is written to disk.
    if len(set(names)) != len(names) or not set(names) <= {MANIFEST, *ours}:
        raise _malformed("known_files", "There is a file in this archive that does not belong there, or one twice.")
    if sum(entry.file_size for entry in entries) > archive_limits.MOST_BYTES_UNPACKED:
        raise Refused(RefusalKind.TOO_LARGE, "This archive unpacks to more than is taken at once.")
    hold_to_their_sizes(archive)
    if MANIFEST not in names:
        raise _malformed("manifest", "There is no manifest.json in this archive: it was not taken to its end. Take it again.")
    with archive.open(MANIFEST) as file:
        said = _object(file.read(MOST_MANIFEST))
    files, schema = said.get("files"), said.get("schema")
    if not isinstance(files, dict) or not isinstance(schema, str) or not all(isinstance(each, dict) for each in files.values()):
        raise _malformed("manifest", "The manifest.json of this archive cannot be read.")
    if said.get("format") != FORMAT or said.get("service") != keeping.service:
        raise _malformed("service", f"This is not an archive of {keeping.service} in the form that is loaded here.")
    if said.get("organisation") != str(organisation):
        words = "This is another organisation's archive. Each loads its own."
        raise invalid(Reason("manifest.organisation", "your_own_archive", words))
    if schema > keeping.schema():
        words = f"This archive was taken from a newer Hearth (schema {keeping.schema()} is here). Bring this one up to date first."
        raise conflict(words, Reason("manifest.schema", "not_newer", words))
    if set(files) != set(names) - {MANIFEST}:
        raise _malformed("every_file", "A file that the manifest names is not in this archive, or one is that it does not name.")
    return Manifest(schema, files)


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


async def _empty(transaction: Transaction, keeping: Keeping) -> None:
    there = []
    for table in keeping.tables():
        owner = owner_of(table)
        assert owner is not None
        if (await transaction.execute(select(owner).where(owner == str(transaction.organisation)).limit(1))).first() is not None:
            there.append(table.name)
    if there:
        words = "An archive is loaded only where nothing of yours is yet; otherwise two histories would be mixed."
        raise conflict(words, *(Reason(f"tables.{name}", "empty", "There are rows of yours in this table already.") for name in there))


async def _load(transaction: Transaction, keeping: Keeping, archive: zipfile.ZipFile, manifest: Manifest, table: Table) -> int:
    name = keeping.file_of(table)
    said, known = manifest.files[name], keeping.columns_of(table)
    columns = said.get("columns")
    if not isinstance(columns, list) or not set(columns) <= set(known) or len(set(columns)) != len(columns):
        raise invalid(Reason(name, "known_columns", "There is a column in this file that its table does not have."))
    opened, rows, batch = keeping.opened.get(table.name), 0, list[Row]()
    with archive.open(name) as file:
        read = _Read(cast(Any, file))
        for number, values in _lines(read, name, columns, plain=name.endswith(".csv")):
            batch.append(_row(table, known, values, f"{name}:{number}", transaction.organisation))
            if len(batch) == AT_ONCE:
                rows += await _insert(transaction, keeping, table, opened, batch)
                batch = []
        rows += await _insert(transaction, keeping, table, opened, batch)
        if (rows, read.size, read.digest.hexdigest()) != (said.get("rows"), said.get("bytes"), said.get("sha256")):
            raise invalid(Reason(name, "as_taken", "This file is not as it was taken: its bytes are not those the manifest names."))
    return rows


class _Read:
    """A file's lines, counted and hashed as they are read, and no more of them than may be."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(MOST_LINE):
            self.size += len(line)
            if self.size > archive_limits.MOST_BYTES_UNPACKED:
                raise Refused(RefusalKind.TOO_LARGE, "This archive unpacks to more than is taken at once.")
            self.digest.update(line)
            try:
                yield line.decode()
            except UnicodeDecodeError as error:
                raise _malformed("utf_8", "A file of this archive is not UTF-8, as it was taken.") from error


def _lines(read: _Read, name: str, columns: Sequence[str], *, plain: bool) -> Iterator[tuple[int, Row]]:
    try:
        if not plain:
            for number, line in enumerate(read, start=1):
                values = _object(line.encode())
                if set(values) != set(columns):
                    raise _bad(f"{name}:{number}", "columns")
                yield number, values
            return
        lines = csv.reader(iter(read), strict=True)
        if next(lines, None) != list(columns):
            raise _bad(f"{name}:1", "columns")
        for cells in lines:
            if len(cells) != len(columns):
                raise _bad(f"{name}:{lines.line_num}", "columns")
            yield lines.line_num, {column: _value(cell) for column, cell in zip(columns, cells, strict=True)}
    except csv.Error as error:
        raise _bad(name, "csv") from error


def _value(cell: str) -> str | None:
    return None if not cell else cell.removeprefix("'")


def _bad(where: str, rule: str) -> Refused:
    return invalid(Reason(where, rule, "This row is not in the form of its table. Send the archive as it was taken."))


def _row(table: Table, known: Mapping[str, Column[Any] | None], values: Row, where: str, organisation: Organisation) -> Row:
    try:
        row = {name: value if (column := known[name]) is None else _typed(column.type, value) for name, value in values.items()}
    except (ValueError, TypeError, KeyError, InvalidOperation, AttributeError, OverflowError) as error:
        raise _bad(where, "form") from error
    owner = owner_of(table)
    assert owner is not None
    if row.get(owner.name) != str(organisation):
        raise invalid(Reason(where, "your_own_row", "This row is not your organisation's."))
    return row


def _typed(kind: Any, value: Any) -> Any:
    if value is None or isinstance(kind, JSONB):
        return value
    if isinstance(kind, ARRAY):
        if not isinstance(value, list):
            raise TypeError
        return [_typed(kind.item_type, each) for each in value]
    if isinstance(kind, Boolean):
        return {"true": True, "false": False, True: True, False: False}[value] if isinstance(value, str | bool) else _no()
    if isinstance(kind, Integer):
        return int(value) if isinstance(value, str | int) and not isinstance(value, bool) else _no()
    if not isinstance(value, str):
        raise TypeError
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else _no()
    for types, made in (((Uuid,), UUID), ((Date,), date.fromisoformat), ((Numeric,), Decimal), ((LargeBinary,), bytes.fromhex)):
        if isinstance(kind, types):
            return made(value)
    return value


def _no() -> Any:
    raise TypeError


async def _insert(transaction: Transaction, keeping: Keeping, table: Table, opened: Opened | None, rows: list[Row]) -> int:
    if not rows:
        return 0
    ready = await opened.loaded(transaction, rows) if opened else rows
    # A value that is absent must be NULL and not JSON's null, which is a value.
    absent = {
        column.name: bindparam(column.name, type_=JSONB(none_as_null=True))
        for column in table.columns
        if isinstance(column.type, JSONB) and column.name in ready[0]
    }
    statement = insert(table).values(absent) if absent else insert(table)
    author = keeping.authors.get(table.name, "author" if "author" in table.c else None)
    if author is None:
        await transaction.execute(statement, ready)
        return len(ready)
    for who in sorted({str(row[author]) for row in ready}):
        # What the other side wrote is written under its name again; each row was found above to be between it and the one that loads.
        if who != str(transaction.organisation) and any(row[author] == who and row.get("provider") != who for row in ready):
            raise invalid(Reason(keeping.file_of(table), "written_by_a_side", "A row was written by neither of its two sides."))
        async with transaction.acting_as(Organisation.parse(who)):
            await transaction.execute(statement, [row for row in ready if row[author] == who])
    return len(ready)
