"""Entries of Ofsted's register by their number."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from providers.domain.register import Entry, Kind, ProviderCode
from providers.tables import register_entries
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry and the version of its record."""

    entry: Entry
    version: int


def _recorded(row: Row[tuple[object, ...]]) -> RecordedEntry:
    codes = tuple(ProviderCode(code) for code in row.provider_codes)
    entry = Entry(row.urn, row.name, Kind(row.kind), codes, row.local_authority, row.postcode, row.deregistered_on)
    return RecordedEntry(entry, row.version)


async def find(transaction: Transaction, urn: str) -> RecordedEntry | None:
    """One entry, or None."""
    row = (await transaction.execute(select(register_entries).where(register_entries.c.urn == urn))).one_or_none()
    return _recorded(row) if row else None


async def listed(transaction: Transaction, *, after: str = "", limit: int | None = None) -> list[RecordedEntry]:
    """Entries by Ofsted number, from after ``after``; all of them without a limit."""
    table = register_entries.c
    rows = await transaction.execute(select(register_entries).where(table.urn > after).order_by(table.urn).limit(limit))
    return [_recorded(row) for row in rows]


async def save(transaction: Transaction, entry: Entry) -> int:
    """Write the entry; the new version."""
    values = {
        "name": entry.name,
        "kind": entry.kind,
        "provider_codes": list(entry.provider_codes),
        "local_authority": entry.local_authority,
        "postcode": entry.postcode,
        "deregistered_on": entry.deregistered_on,
    }
    statement = insert(register_entries).values(urn=entry.urn, version=1, **values)
    statement = statement.on_conflict_do_update(index_elements=["urn"], set_={**values, "version": register_entries.c.version + 1})
    return int(await transaction.scalar(statement.returning(register_entries.c.version)))
