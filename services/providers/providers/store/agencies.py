"""Agencies by Ofsted URN."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from providers.domain.agency import Agency
from providers.tables import agencies
from shared.contracts.words import OfstedRating, Sector
from shared.one_of import one_of
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class RecordedAgency:
    """An agency and the version of its record."""

    agency: Agency
    version: int


def _recorded(row: Row[tuple[object, ...]]) -> RecordedAgency:
    agency = Agency(row.urn, row.name, Sector(row.sector), OfstedRating(row.rating), row.inspected_on, row.companies_house_number)
    return RecordedAgency(agency, row.version)


async def find(transaction: Transaction, urn: str) -> RecordedAgency | None:
    """One agency, or None."""
    row = (await transaction.execute(select(agencies).where(agencies.c.urn == urn))).one_or_none()
    return _recorded(row) if row else None


async def listed(transaction: Transaction, *, after: str = "", limit: int | None = None) -> list[RecordedAgency]:
    """Agencies by URN, from after ``after``; all of them without a limit."""
    rows = await transaction.execute(select(agencies).where(agencies.c.urn > after).order_by(agencies.c.urn).limit(limit))
    return [_recorded(row) for row in rows]


async def next_version(transaction: Transaction, urn: str) -> int:
    """Count the record's version on without changing it: a suspension is news of the agency too."""
    statement = update(agencies).where(agencies.c.urn == urn).values(version=agencies.c.version + 1).returning(agencies.c.version)
    return int(await transaction.scalar(statement))


async def ratings(transaction: Transaction, urns: Collection[str]) -> dict[str, OfstedRating]:
    """Ofsted's judgement of each of these agencies, as recorded now."""
    rows = await transaction.execute(select(agencies.c.urn, agencies.c.rating).where(one_of(agencies.c.urn, sorted(urns))))
    return {row.urn: OfstedRating(row.rating) for row in rows}


async def save(transaction: Transaction, agency: Agency) -> int:
    """Write the record; the new version."""
    values = {
        "name": agency.name,
        "sector": agency.sector,
        "rating": agency.rating,
        "inspected_on": agency.inspected_on,
        "companies_house_number": agency.companies_house_number,
    }
    statement = insert(agencies).values(urn=agency.urn, version=1, **values)
    statement = statement.on_conflict_do_update(index_elements=["urn"], set_={**values, "version": agencies.c.version + 1})
    return int(await transaction.scalar(statement.returning(agencies.c.version)))
