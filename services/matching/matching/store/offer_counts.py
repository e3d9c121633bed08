"""How many offers, and nothing more of them: what a council or a provider is told without reading any."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from matching.domain.offer import STANDING, OfferState
from matching.tables import offers
from shared.one_of import one_of
from shared.tenancy import Transaction


async def standing_counts(transaction: Transaction, council: str, referrals: Sequence[UUID]) -> dict[UUID, int]:
    """How many offers stand on each of a council's referrals."""
    if not referrals:
        return {}
    rows = await transaction.execute(
        select(offers.c.referral, func.count().label("offers"))
        .where(offers.c.council == council, one_of(offers.c.referral, referrals), offers.c.state.in_(STANDING))
        .group_by(offers.c.referral)
    )
    return {row.referral: row.offers for row in rows}


async def looking_at(transaction: Transaction, provider: str, wanted: Sequence[UUID]) -> dict[UUID, int]:
    """For each of a provider's vacancies, how many councils have an offer of it on their shortlist: a count, and nothing of whose."""
    if not wanted:
        return {}
    rows = await transaction.execute(
        select(offers.c.vacancy, func.count(offers.c.council.distinct()).label("councils"))
        .where(
            offers.c.provider == provider,
            one_of(offers.c.vacancy, sorted(set(wanted))),
            offers.c.state.in_((OfferState.SHORTLISTED, OfferState.SELECTED)),
        )
        .group_by(offers.c.vacancy)
    )
    return {row.vacancy: row.councils for row in rows}
