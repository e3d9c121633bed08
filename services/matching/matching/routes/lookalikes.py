"""Whether a council's open referral could be joined up with another council's."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from matching.actions import lookalikes
from matching.schemas.lookalikes import Lookalikes
from shared import plain_routes
from shared.reading import reading
from shared.signin import CouncilCaller

router = plain_routes.router(tags=["referrals"])


@router.get("/referrals/{referral}/lookalikes")
async def see(referral: UUID, request: Request, caller: CouncilCaller) -> Lookalikes:
    """Whether somebody who sees all councils' referrals could join this one up with another's, and by what of your own.

    Nothing of the other referral is told. Empty once either of the two is placed or withdrawn.
    """
    async with reading(request, caller) as transaction:
        found = await lookalikes.see(transaction, str(caller.organisation), referral)
    return Lookalikes.of(referral, found)
