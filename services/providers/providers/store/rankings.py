"""Ranked lists with their derivations, and the tiers published from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from providers.domain.evaluation import RankedLine
from providers.tables import published_tiers, ranked_lines
from shared.organisation import Organisation
from shared.tenancy import Transaction

_LINE: TypeAdapter[RankedLine] = TypeAdapter(RankedLine)


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """What everybody may know of one line: the agency, its rank and its tier."""

    agency: str
    rank: int
    tier: int


async def replace(transaction: Transaction, round_id: UUID, lines: Sequence[RankedLine]) -> None:
    """Keep this list as the round's, in place of the one before it."""
    await transaction.execute(delete(ranked_lines).where(ranked_lines.c.round == round_id))
    if lines:
        rows = [
            {
                "round": round_id,
                "provider": str(Organisation.agency(line.agency)),
                "rank": line.rank,
                "tier": line.tier,
                "derivation": _LINE.dump_python(line, mode="json"),
            }
            for line in lines
        ]
        await transaction.execute(insert(ranked_lines), rows)


async def listed(transaction: Transaction, round_id: UUID) -> list[RankedLine]:
    """The lines that whoever asks may see, best first: all for the consortium, its own for an agency."""
    statement = select(ranked_lines.c.derivation).where(ranked_lines.c.round == round_id).order_by(ranked_lines.c.rank)
    return [_LINE.validate_python(derivation) for derivation in (await transaction.execute(statement)).scalars()]


async def line(transaction: Transaction, round_id: UUID, urn: str) -> RankedLine | None:
    """One agency's line, if whoever asks may see it."""
    statement = select(ranked_lines.c.derivation).where(
        ranked_lines.c.round == round_id, ranked_lines.c.provider == str(Organisation.agency(urn))
    )
    derivation = await transaction.scalar(statement)
    return None if derivation is None else _LINE.validate_python(derivation)


async def publish(transaction: Transaction, round_id: UUID, lot: str, lines: Sequence[RankedLine]) -> None:
    """Put the list up for everybody, ranks and tiers alone, in place of the lot's list before it."""
    await transaction.execute(delete(published_tiers).where(published_tiers.c.lot == lot))
    if lines:
        rows = [{"lot": lot, "agency": line.agency, "round": round_id, "rank": line.rank, "tier": line.tier} for line in lines]
        await transaction.execute(insert(published_tiers), rows)


async def published(transaction: Transaction, round_id: UUID) -> list[PublishedLine]:
    """The published list of this round, if it is the lot's present one."""
    statement = select(published_tiers).where(published_tiers.c.round == round_id).order_by(published_tiers.c.rank)
    return [PublishedLine(row.agency, row.rank, row.tier) for row in await transaction.execute(statement)]


async def replaced(transaction: Transaction, round_id: UUID, lot: str) -> bool:
    """Whether the lot's published list is another round's by now."""
    statement = select(published_tiers.c.round).where(published_tiers.c.lot == lot, published_tiers.c.round != round_id).limit(1)
    return await transaction.scalar(statement) is not None
