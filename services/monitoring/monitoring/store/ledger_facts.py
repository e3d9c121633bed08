"""What a council's ledger is counted from, and a word that changes when any of it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from monitoring import tables
from monitoring.domain.facts import Placement
from monitoring.domain.ledger.double_paid import Need
from shared.tenancy import Transaction

PLACEMENTS, REFERRALS = tables.placements, tables.referrals


async def versions(transaction: Transaction) -> dict[str, str]:
    """By council, how many placements and referrals the reader knows and the sums of their versions.

    A version only rises and no fact is ever taken away, so what is counted from them has changed exactly if this has.
    """
    found: dict[str, str] = {}
    for table, news in ((PLACEMENTS, ("agreed", "started", "ended", "cancelled")), (REFERRALS, ("created",))):
        sums: list[ColumnElement[Any]] = [func.coalesce(func.sum(table.c[f"{each}_version"]), 0) for each in news]
        for row in await transaction.execute(select(table.c.council, func.count(), *sums).group_by(table.c.council)):
            found[row[0]] = found.get(row[0], "") + "/" + "-".join(map(str, tuple(row)[1:]))
    return found


async def placements(transaction: Transaction, council: str) -> list[Placement]:
    """A council's placements that began and were not cancelled."""
    c = PLACEMENTS.c
    begun = func.coalesce(c.started_on, c.ended_from)
    query = select(
        c.id, c.referral, c.council, c.provider, c.lot, c.tier, c.ages, c.pounds_per_week, c.agreed_at, c.starts_on,
        begun.label("begun"), c.numbers_in_year, c.ended_on,
    ).where(c.council == council, begun.is_not(None), c.cancelled_at.is_(None))  # fmt: skip
    return [_placement(row) for row in await transaction.execute(query)]


async def needs(transaction: Transaction, council: str) -> Mapping[UUID, Need]:
    """By referral, the need it belongs to: the first of its chain, and for how many children the chain is."""
    c = REFERRALS.c
    rows = (await transaction.execute(select(c.id, c.re_referral_of, c.ages).where(c.council == council, c.created_at.is_not(None)))).all()
    earlier = {row.id: row.re_referral_of for row in rows if row.re_referral_of is not None}
    firsts = {row.id: _first(row.id, earlier) for row in rows}
    children: dict[UUID, int] = {}
    for row in rows:
        children[firsts[row.id]] = max(children.get(firsts[row.id], 0), len(row.ages or ()))
    return {referral: Need(first, children[first]) for referral, first in firsts.items()}


def _first(referral: UUID, earlier: Mapping[UUID, UUID]) -> UUID:
    seen = [referral]
    while (before := earlier.get(seen[-1])) is not None and before not in seen:
        seen.append(before)
    return seen[-1] if before is None else min(seen[seen.index(before) :])


def _placement(row: Row[Any]) -> Placement:
    return Placement(
        id=row.id,
        referral=row.referral,
        council=row.council,
        provider=row.provider,
        lot=row.lot,
        tier=row.tier,
        ages=tuple(row.ages or ()),
        pounds_per_week=row.pounds_per_week,
        agreed_at=row.agreed_at,
        starts_on=row.starts_on,
        started_on=row.begun,
        numbers_in_year=tuple(row.numbers_in_year or ()),
        ended_on=row.ended_on,
    )
