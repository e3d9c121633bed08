"""A council asks whether its open referral could be joined up with another council's."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from matching.actions.judging import own_referral
from matching.store import lookalikes
from matching.store.lookalikes import Lookalike
from shared.tenancy import Transaction


async def see(transaction: Transaction, council: str, referral: UUID) -> Sequence[Lookalike]:
    """What of the council's own referral coincides with other councils' open ones; refused when it has no such referral."""
    known, _ = await own_referral(transaction, council, referral)
    return await lookalikes.of_referral(transaction, council, known.referral)
