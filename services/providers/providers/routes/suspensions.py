"""Suspensions of agencies: no new referrals, for a named reason."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from providers.actions import suspensions as actions
from providers.routes.callers import ConsortiumOfficer, UrnInPath
from providers.schemas.suspensions import LiftingBody, Suspension, SuspensionBody, Suspensions
from shared import clock, plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind
from shared.reading import reading
from shared.signin import AnyCaller

router = plain_routes.router(prefix="/agencies/{urn}/suspensions", tags=["consortium"])


@router.post("", status_code=201, response_model=Suspension, summary="Suspend an agency: no new referrals")
async def post_suspension(
    urn: UrnInPath, body: SuspensionBody, officer: ConsortiumOfficer, key: IdempotencyKey, request: Request
) -> Response:
    """With a named reason and an end or a review date. Referrals sent meanwhile do not reach the agency, its offers cannot be
    chosen and its beds not held; placements that stand go on."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        recorded = await actions.suspend(attempt.transaction, urn, body.of(), by=officer.subject)
        shown = Suspension.of(recorded, today=clock.today(), with_names=True)
        return attempt.reply(shown, status=201, location=f"/agencies/{urn}/suspensions")


@router.post("/{suspension}/lifting", response_model=Suspension, summary="Lift a suspension")
async def post_lifting(
    urn: UrnInPath, suspension: UUID, body: LiftingBody, officer: ConsortiumOfficer, key: IdempotencyKey, request: Request
) -> Response:
    """With a named reason. Referrals sent from now on reach the agency again; those it missed do not."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        lifted = await actions.lift(attempt.transaction, urn, suspension, body.reason, by=officer.subject)
        return attempt.reply(Suspension.of(lifted, today=clock.today(), with_names=True))


@router.get("", response_model=Suspensions, summary="Every suspension of an agency")
async def get_suspensions(urn: UrnInPath, caller: AnyCaller, request: Request) -> Suspensions:
    """For councils, the consortium and the agency itself; the last first."""
    async with reading(request, caller) as transaction:
        found = await actions.history(transaction, urn)
    named = caller.organisation.kind is not Kind.AGENCY
    return Suspensions(items=tuple(Suspension.of(each, today=clock.today(), with_names=named) for each in found))
