"""The consortium's lists as monitoring has heard them: councils, agencies, lots with age bands, published tiers, expectations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from monitoring import tables
from monitoring.domain.consortium import Expectation, TierList
from monitoring.domain.facts import PriceBand
from shared.tenancy import Transaction


async def put_council(transaction: Transaction, code: str, *, version: int, name: str, joined_on: date, lead_roles: list[str]) -> None:
    """Keep a council's record, unless a later one is there."""
    facts = {"name": name, "joined_on": joined_on, "lead_roles": lead_roles}
    await _put(transaction, tables.councils, {"code": code}, version, facts)


async def put_agency(transaction: Transaction, urn: str, *, version: int, name: str, rating: str, sector: str) -> None:
    """Keep an agency's record, unless a later one is there."""
    await _put(transaction, tables.agencies, {"urn": urn}, version, {"name": name, "rating": rating, "sector": sector})


async def put_lot(transaction: Transaction, code: str, *, version: int, framework: str, title: str, bands: list[PriceBand]) -> None:
    """Keep a lot and its age bands, unless a later record is there."""
    price_bands = [{"code": b.code, "from_age": b.from_age, "to_age": b.to_age} for b in bands]
    await _put(transaction, tables.lots, {"code": code}, version, {"framework": framework, "title": title, "price_bands": price_bands})


async def put_tiers(
    transaction: Transaction, lot: str, *, version: int, published_at: datetime, tiers: int, lines: list[tuple[str, int, int]]
) -> None:
    """Keep a lot's published list (agency, rank, tier), unless a later one is there."""
    written = [{"agency": agency, "rank": rank, "tier": tier} for agency, rank, tier in lines]
    await _put(transaction, tables.tier_lists, {"lot": lot}, version, {"published_at": published_at, "tiers": tiers, "lines": written})


async def councils(transaction: Transaction) -> dict[str, str]:
    """Every known council's name by its ONS code."""
    rows = await transaction.execute(select(tables.councils.c.code, tables.councils.c.name).order_by(tables.councils.c.code))
    return {row.code: row.name for row in rows}


async def agency_known(transaction: Transaction, urn: str) -> bool:
    """Whether an agency of that Ofsted number has been heard of."""
    return bool(await transaction.scalar(select(tables.agencies.c.urn).where(tables.agencies.c.urn == urn)))


async def bands(transaction: Transaction) -> dict[str, tuple[PriceBand, ...]]:
    """Every known lot with its age bands."""
    rows = await transaction.execute(select(tables.lots.c.code, tables.lots.c.price_bands).order_by(tables.lots.c.code))
    return {row.code: tuple(PriceBand(b["code"], b["from_age"], b["to_age"]) for b in row.price_bands) for row in rows}


async def tier_lists(transaction: Transaction) -> list[TierList]:
    """Every lot's published list."""
    rows = await transaction.execute(select(tables.tier_lists).order_by(tables.tier_lists.c.lot))
    return [
        TierList(
            row.lot,
            row.published_at,
            {tier: sum(line["tier"] == tier for line in row.lines) for tier in range(1, row.tiers + 1)},
        )
        for row in rows
    ]


async def expectation(transaction: Transaction, kpi: str) -> Expectation | None:
    """What is expected of a KPI, if anything is."""
    row = (await transaction.execute(select(tables.expectations).where(tables.expectations.c.kpi == kpi))).one_or_none()
    return Expectation(row.value, row.words) if row else None


async def _put(transaction: Transaction, table: Table, key: dict[str, Any], version: int, facts: dict[str, Any]) -> None:
    given = insert(table).values(organisation=str(transaction.organisation), version=version, **key, **facts)
    await transaction.execute(
        given.on_conflict_do_update(
            index_elements=list(key),
            set_={name: given.excluded[name] for name in ("version", *facts)},
            where=table.c.version < given.excluded.version,
        )
    )
