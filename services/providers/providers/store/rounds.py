"""Tender rounds, and the turn-taking between a last bid and the closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from providers.domain.tender import Round
from providers.store.lots import TERMS
from providers.tables import tender_rounds
from shared.tenancy import Transaction


def _round(row: Row[tuple[object, ...]]) -> Round:
    return Round(
        id=row.id,
        reference=row.reference,
        framework=row.framework,
        lot=row.lot,
        terms=TERMS.validate_python(row.terms),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        version=row.version,
        seed=row.seed,
        closed_at=row.closed_at,
        evaluated_at=row.evaluated_at,
        published_at=row.published_at,
    )


async def add(transaction: Transaction, tender: Round) -> bool:
    """Begin a round; False when its reference was used before."""
    statement = insert(tender_rounds).values(
        id=tender.id,
        reference=tender.reference,
        framework=tender.framework,
        lot=tender.lot,
        terms=TERMS.dump_python(tender.terms, mode="json"),
        opens_at=tender.opens_at,
        closes_at=tender.closes_at,
        version=tender.version,
    )
    statement = statement.on_conflict_do_nothing(index_elements=["reference"])
    return await transaction.scalar(statement.returning(tender_rounds.c.id)) is not None


async def find(transaction: Transaction, id: UUID) -> Round | None:
    """One round, or None."""
    row = (await transaction.execute(select(tender_rounds).where(tender_rounds.c.id == id))).one_or_none()
    return _round(row) if row else None


async def listed(transaction: Transaction, *, reference: str | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Round]:
    """Rounds by closing time, from after ``after``; only the one with ``reference`` if that is given."""
    statement = select(tender_rounds).order_by(tender_rounds.c.closes_at, tender_rounds.c.id).limit(limit)
    if reference is not None:
        statement = statement.where(tender_rounds.c.reference == reference)
    if after is not None:
        statement = statement.where(tuple_(tender_rounds.c.closes_at, tender_rounds.c.id) > tuple_(*after))
    return [_round(row) for row in await transaction.execute(statement)]


async def take_turn(transaction: Transaction, id: UUID, *, alone: bool) -> None:
    """Bidders go in together, closing and ranking go in alone: a bid is either wholly before the closing or refused.

    A lock on the round's row would need the right to change it, which no bidder has.
    """
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    await transaction.execute(select(lock(func.hashtextextended(str(id), 0))))


async def mark(transaction: Transaction, id: UUID, **values: Any) -> int:
    """Record how far the round has come; the new version."""
    statement = update(tender_rounds).where(tender_rounds.c.id == id).values(version=tender_rounds.c.version + 1, **values)
    return int(await transaction.scalar(statement.returning(tender_rounds.c.version)))
