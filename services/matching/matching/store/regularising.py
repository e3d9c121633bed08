"""Placements outside a carer's terms of approval: until when each may last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from matching.domain.offer import OfferState
from matching.tables import offers
from shared.one_of import one_of
from shared.tenancy import Transaction


async def to_regularise(transaction: Transaction, council: str, referrals: Sequence[UUID]) -> dict[UUID, date]:
    """Of a council's referrals, those placed outside a carer's terms of approval, with the last day on which that may last."""
    rows = await transaction.execute(
        select(offers.c.referral, offers.c.must_be_regularised_by).where(
            offers.c.council == council,
            one_of(offers.c.referral, referrals),
            offers.c.state.in_((OfferState.SELECTED, OfferState.CONFIRMED)),
            offers.c.must_be_regularised_by.is_not(None),
        )
    )
    return {row.referral: row.must_be_regularised_by for row in rows}
