"""Approvals by named officers, which a choice may need."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from matching import schemas
from matching.actions import approvals
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import CouncilCaller, PlacementsOfficer

router = plain_routes.router(tags=["options"])


@router.post("/referrals/{referral}/approvals", status_code=201, response_model=schemas.Approval)
async def record(referral: UUID, body: schemas.NewApproval, request: Request, officer: PlacementsOfficer, _: IdempotencyKey) -> Response:
    """Record what a named officer approved for one offer; kept as given, with who recorded it."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        kept = await approvals.record(
            attempt.transaction, str(officer.organisation), referral, body.offer, body.approval(), by=officer.subject
        )
        return attempt.reply(schemas.Approval.of(kept), status=201, location=f"/referrals/{referral}/approvals")


@router.get("/referrals/{referral}/approvals")
async def of_referral(referral: UUID, request: Request, caller: CouncilCaller) -> schemas.Approvals:
    """Every approval recorded on one of your referrals."""
    async with reading(request, caller) as transaction:
        found = await approvals.of_referral(transaction, str(caller.organisation), referral)
    return schemas.Approvals(items=[schemas.Approval.of(one) for one in found])
