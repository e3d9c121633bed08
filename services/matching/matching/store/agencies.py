"""How agencies stand in a lot: Ofsted's judgement at the tender and now, suspensions, and the lot's gate."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, and_, func, not_, or_, select

from matching.domain.agency_standing import AgencyStanding, Gate, Suspended
from matching.tables import lots, organisations, tier_lines
from shared.contracts.providers import BelowGate
from shared.contracts.words import OfstedRating
from shared.one_of import one_of
from shared.tenancy import Transaction


def _standings(lot: str) -> Select[Any]:
    line = and_(tier_lines.c.provider == organisations.c.organisation, tier_lines.c.lot == lot)
    return (
        select(organisations, tier_lines.c.rating.label("rated_then"), lots.c.accepted_ratings, lots.c.below_gate)
        .join_from(organisations, tier_lines, line, isouter=True)
        .join(lots, lots.c.lot == lot, isouter=True)
        .where(organisations.c.organisation.like("agency:%"))
    )


def _standing(row: Row[Any]) -> AgencyStanding:
    gate = (
        Gate()
        if row.accepted_ratings is None
        else Gate(tuple(map(OfstedRating, row.accepted_ratings)), row.below_gate == BelowGate.BLOCKED)
    )
    suspended = None
    if row.suspended_from is not None:
        suspended = Suspended(row.suspended_because, row.suspended_from, row.suspended_until)
    return AgencyStanding(
        then=None if row.rated_then is None else OfstedRating(row.rated_then),
        now=None if row.rating is None else OfstedRating(row.rating),
        suspended=suspended,
        gate=gate,
    )


async def standings(transaction: Transaction, lot: str, wanted: Collection[str]) -> dict[str, AgencyStanding]:
    """Each of these agencies as it stands in the lot; one that has not been heard of is left out."""
    agencies = sorted(each for each in set(wanted) if each.startswith("agency:"))
    if not agencies:
        return {}
    rows = await transaction.execute(_standings(lot).where(one_of(organisations.c.organisation, agencies)))
    return {row.organisation: _standing(row) for row in rows}


async def in_question(transaction: Transaction, lot: str) -> dict[str, AgencyStanding]:
    """The agencies whose standing may keep them from taking a child: suspended at some time, or judged below the lot's gate."""
    below = not_(organisations.c.rating == func.any(func.coalesce(lots.c.accepted_ratings, ["outstanding", "good"])))
    rows = await transaction.execute(_standings(lot).where(or_(organisations.c.suspended_from.is_not(None), below)))
    return {row.organisation: _standing(row) for row in rows}
