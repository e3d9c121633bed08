"""Frameworks and their lots."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from providers.domain.framework import Framework
from providers.domain.lot import Lot, LotTerms
from providers.tables import frameworks, lots, published_tiers
from shared.contracts.words import PlacementKind
from shared.one_of import one_of
from shared.tenancy import Transaction

TERMS: TypeAdapter[LotTerms] = TypeAdapter(LotTerms)
"""A lot's terms as they are kept: one value, written and read whole, decimals as text."""


@dataclass(frozen=True, slots=True)
class RecordedFramework:
    """A framework and the version of its record."""

    framework: Framework
    version: int


@dataclass(frozen=True, slots=True)
class RecordedLot:
    """A lot, the version of its record, and how many agencies its published list holds."""

    lot: Lot
    version: int
    listed_agencies: int = 0


def _framework(row: Row[tuple[object, ...]]) -> RecordedFramework:
    framework = Framework(row.code, row.title, row.established_on, row.starts_on, row.ends_on, row.standstill_days)
    return RecordedFramework(framework, row.version)


def _lot(row: Row[tuple[object, ...]]) -> RecordedLot:
    kinds = tuple(PlacementKind(kind) for kind in row.kinds)
    lot = Lot(row.code, row.framework, row.title, kinds, TERMS.validate_python(row.terms))
    return RecordedLot(lot, row.version, row.listed_agencies)


_LISTED_AGENCIES = select(func.count()).where(published_tiers.c.lot == lots.c.code).scalar_subquery().label("listed_agencies")


async def framework(transaction: Transaction, code: str) -> RecordedFramework | None:
    """One framework, or None."""
    row = (await transaction.execute(select(frameworks).where(frameworks.c.code == code))).one_or_none()
    return _framework(row) if row else None


async def listed_frameworks(transaction: Transaction, *, after: str, limit: int) -> list[RecordedFramework]:
    """Frameworks by code, from after ``after``."""
    rows = await transaction.execute(select(frameworks).where(frameworks.c.code > after).order_by(frameworks.c.code).limit(limit))
    return [_framework(row) for row in rows]


async def established(transaction: Transaction, *, besides: str = "") -> list[date]:
    """The first day of every framework, one apart if named."""
    rows = await transaction.execute(select(frameworks.c.established_on).where(frameworks.c.code != besides))
    return list(rows.scalars())


async def save_framework(transaction: Transaction, framework: Framework) -> int:
    """Write the record; the new version."""
    values = {
        "title": framework.title,
        "established_on": framework.established_on,
        "starts_on": framework.starts_on,
        "ends_on": framework.ends_on,
        "standstill_days": framework.standstill_days,
    }
    statement = insert(frameworks).values(code=framework.code, version=1, **values)
    statement = statement.on_conflict_do_update(index_elements=["code"], set_={**values, "version": frameworks.c.version + 1})
    return int(await transaction.scalar(statement.returning(frameworks.c.version)))


async def find(transaction: Transaction, code: str) -> RecordedLot | None:
    """One lot, or None."""
    row = (await transaction.execute(select(lots, _LISTED_AGENCIES).where(lots.c.code == code))).one_or_none()
    return _lot(row) if row else None


async def of_framework(transaction: Transaction, framework: str) -> list[RecordedLot]:
    """Every lot of one framework, by code."""
    rows = await transaction.execute(select(lots, _LISTED_AGENCIES).where(lots.c.framework == framework).order_by(lots.c.code))
    return [_lot(row) for row in rows]


async def listed(transaction: Transaction, *, after: str, limit: int) -> list[RecordedLot]:
    """Lots by code, from after ``after``."""
    statement = select(lots, _LISTED_AGENCIES).where(lots.c.code > after).order_by(lots.c.code).limit(limit)
    return [_lot(row) for row in await transaction.execute(statement)]


async def known(transaction: Transaction, codes: Collection[str]) -> set[str]:
    """Those of the codes that are lots."""
    rows = await transaction.execute(select(lots.c.code).where(one_of(lots.c.code, sorted(codes))))
    return set(rows.scalars())


async def save(transaction: Transaction, lot: Lot) -> int:
    """Write the record; the new version."""
    values = {"title": lot.title, "kinds": list(lot.kinds), "terms": TERMS.dump_python(lot.terms, mode="json")}
    statement = insert(lots).values(code=lot.code, framework=lot.framework, version=1, **values)
    statement = statement.on_conflict_do_update(index_elements=["code"], set_={**values, "version": lots.c.version + 1})
    return int(await transaction.scalar(statement.returning(lots.c.version)))


async def next_version(transaction: Transaction, code: str) -> int:
    """Count the lot's version on without changing it: its published list is news of the lot too."""
    statement = update(lots).where(lots.c.code == code).values(version=lots.c.version + 1).returning(lots.c.version)
    return int(await transaction.scalar(statement))
