"""By which weights offers are judged, and decisions worked out again by the weights of their day."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from matching import schemas
from matching.actions import replay as actions
from shared import plain_routes
from shared.reading import reading
from shared.signin import CouncilCaller

router = plain_routes.router(tags=["options"])


@router.get("/referrals/{referral}/decision/replay")
async def replay(referral: UUID, request: Request, caller: CouncilCaller) -> schemas.DecisionReplays:
    """Each decision worked out again from its record alone, by the weights of its day: does the same order come out?"""
    async with reading(request, caller) as transaction:
        found = await actions.decisions_replayed(transaction, str(caller.organisation), referral)
    return schemas.DecisionReplays(items=[schemas.DecisionReplay.of(decision, again) for decision, again in found])


@router.get("/weights")
async def weights_by_version(request: Request, caller: CouncilCaller) -> schemas.WeightsByVersion:
    """By which weights your offers are judged now, and every version there was, with its date. They are set in referrals, /settings."""
    async with reading(request, caller) as transaction:
        current, history = await actions.weights_so_far(transaction, str(caller.organisation))
    return schemas.WeightsByVersion(current=schemas.Weights.of(current), history=[schemas.Weights.of(one) for one in history])
