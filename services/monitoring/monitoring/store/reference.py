"""The consortium's lists as monitoring has heard them: councils, agencies, lots with age bands, published tiers, expectations."""

from __future__ import annotations

from sqlalchemy import func, select

from monitoring import tables
from monitoring.domain.consortium import Expectation, TierList
from monitoring.domain.facts import PriceBand
from shared.organisation import Kind, Organisation
from shared.tenancy import Transaction


async def councils(transaction: Transaction) -> dict[str, str]:
    """Every known council's name by its ONS code."""
    rows = await transaction.execute(select(tables.councils.c.code, tables.councils.c.name).order_by(tables.councils.c.code))
    return {row.code: row.name for row in rows}


async def name_of(transaction: Transaction, organisation: Organisation) -> str:
    """What an organisation is called; its code while it has not been recorded."""
    if organisation.kind is Kind.COUNCIL:
        query = select(tables.councils.c.name).where(tables.councils.c.code == organisation.code)
    elif organisation.kind is Kind.AGENCY:
        query = select(tables.agencies.c.name).where(tables.agencies.c.urn == organisation.code)
    else:
        return "The consortium"
    return str(await transaction.scalar(query) or organisation.code)


async def agency_names(transaction: Transaction) -> dict[str, str]:
    """Every known agency's name by its Ofsted number, by name."""
    rows = await transaction.execute(select(tables.agencies.c.urn, tables.agencies.c.name).order_by(tables.agencies.c.name))
    return {row.urn: row.name for row in rows}


async def lot_titles(transaction: Transaction) -> dict[str, str]:
    """Every known lot's title by its code."""
    rows = await transaction.execute(select(tables.lots.c.code, tables.lots.c.title).order_by(tables.lots.c.code))
    return {row.code: row.title for row in rows}


async def agency_known(transaction: Transaction, urn: str) -> bool:
    """Whether an agency of that Ofsted number has been heard of."""
    return bool(await transaction.scalar(select(tables.agencies.c.urn).where(tables.agencies.c.urn == urn)))


async def agencies(transaction: Transaction) -> frozenset[str]:
    """The Ofsted number of every agency that has been heard of."""
    return frozenset(await transaction.connection.scalars(select(tables.agencies.c.urn)))


async def bands(transaction: Transaction) -> dict[str, tuple[PriceBand, ...]]:
    """Every known lot with its age bands."""
    rows = await transaction.execute(select(tables.lots.c.code, tables.lots.c.price_bands).order_by(tables.lots.c.code))
    return {row.code: tuple(PriceBand(b["code"], b["from_age"], b["to_age"]) for b in row.price_bands) for row in rows}


async def lots_version(transaction: Transaction) -> int:
    """A number that rises when any lot's record changes."""
    return int(await transaction.scalar(select(func.coalesce(func.sum(tables.lots.c.version), 0))))


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
