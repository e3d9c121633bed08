"""An organisation's rows of one service written as an archive, piece by piece."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select

from shared.archive import AT_ONCE, FORMAT, MANIFEST, Keeping, owner_of
from shared.spreadsheet_texts import harmless_and_whole
from shared.tenancy import Transaction

_SEND_FROM = 65_536


class _Sink(io.RawIOBase):
    """What the zip is written to and sent from; it cannot be gone back in."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        """Only that."""
        return True

    def write(self, data: Any, /) -> int:
        """Keep it until it is taken."""
        self._held.append(bytes(data))
        self.size += len(self._held[-1])
        return len(self._held[-1])

    def take(self) -> bytes:
        """What was written since it was last asked."""
        taken, self._held, self.size = b"".join(self._held), [], 0
        return taken


async def take(transaction: Transaction, keeping: Keeping, *, at: datetime, by: str) -> AsyncIterator[bytes]:
    """The archive of the transaction's organisation, piece by piece; the transaction should see one moment (``snapshot=True``)."""
    sink, files = _Sink(), dict[str, Any]()
    with zipfile.ZipFile(cast(Any, sink), "w", zipfile.ZIP_DEFLATED) as archive:
        for table in keeping.tables():
            name, columns = keeping.file_of(table), list(keeping.columns_of(table))
            digest, rows, size = hashlib.sha256(), 0, 0
            with archive.open(_entry(name, at), "w", force_zip64=True) as file:
                async for some in _written(transaction, keeping, table, columns, plain=name.endswith(".csv")):
                    for data, count in some:
                        file.write(data)
                        digest.update(data)
                        rows, size = rows + count, size + len(data)
                    if sink.size > _SEND_FROM:
                        yield sink.take()
            files[name] = {"columns": columns, "rows": rows, "bytes": size, "sha256": digest.hexdigest()}
        manifest = {
            "format": FORMAT,
            "service": keeping.service,
            "schema": keeping.schema(),
            "organisation": str(transaction.organisation),
            "taken_at": _json(at),
            "taken_by": by,
            "files": files,
            "left_out": dict(keeping.left_out),
        }
        with archive.open(_entry(MANIFEST, at), "w") as file:
            file.write(json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    yield sink.take()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


async def _written(
    transaction: Transaction, keeping: Keeping, table: Table, columns: Sequence[str], *, plain: bool
) -> AsyncIterator[list[tuple[bytes, int]]]:
    """A table's file in pieces, some rows at a time, each with how many rows it holds."""
    if plain:
        yield [(_csv_line(columns), 0)]
    owner, opened = owner_of(table), keeping.opened.get(table.name)
    assert owner is not None
    query = select(table).where(owner == str(transaction.organisation)).order_by(*table.primary_key.columns)
    found = await transaction.connection.stream(query, execution_options={"yield_per": AT_ONCE})
    async for part in found.mappings().partitions(AT_ONCE):
        rows = [dict(row) for row in part]
        if opened:
            rows = await opened.taken(transaction, rows)
        if plain:
            yield [(_csv_line([_cell(row[name]) for name in columns]), 1) for row in rows]
        else:
            yield [(json.dumps({name: _json(row[name]) for name in columns}, ensure_ascii=False).encode() + b"\n", 1) for row in rows]


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {str(name): _json(each) for name, each in value.items()}
    return [_json(each) for each in value] if isinstance(value, list | tuple) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless_and_whole(value) if value else "'"
    return str(_json(value)).lower() if isinstance(value, bool) else str(_json(value))


def _csv_line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()
