"""The in-house decision."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import in_house as actions
from referrals.routes.callers import InHouseDecider
from referrals.schemas.referrals import InHouseDecision, ReferralBody
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.versions import IfMatch

router = plain_routes.router(prefix="/referrals", tags=["referrals"])


@router.post("/{referral}/in-house-decision", response_model=ReferralBody)
async def decide(
    referral: UUID, body: InHouseDecision, request: Request, decider: InHouseDecider, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """A carer of your own is taken (the bed is asked for, and the placement agreed when it is held), or the coded reason why none is."""
    chosen = body.chosen()
    async with once(request, decider) as attempt:
        if attempt.kept:
            return attempt.kept
        if chosen is not None:
            decided = await actions.take_match(attempt.transaction, referral, chosen, if_match.check, subject=decider.subject)
        else:
            assert body.reason is not None, "checked with the body"
            decided = await actions.no_match(attempt.transaction, referral, body.reason, if_match.check)
        return attempt.reply(ReferralBody.of(decided), etag=decided.version)
