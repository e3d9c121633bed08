"""What a provider asks of the referrals sent to it."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from matching import schemas
from matching.actions import names as naming
from matching.actions import opportunities
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest, after_moment
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import AgencyCaller, AgencyOfficer

router = plain_routes.router(tags=["opportunities"])


@router.get("/opportunities")
async def open_ones(request: Request, caller: AgencyCaller, page: PageRequest) -> Page[schemas.Opportunity]:
    """The referrals you may answer now, the first to close first, each with its exact closing time."""
    async with reading(request, caller) as transaction:
        found = await opportunities.open_ones(transaction, str(caller.organisation), after_moment(page), page.limit + 1)
        names, lots = await naming.of(transaction, (one.council for one in found))
    kept, following = cursors.cut(found, page.limit, lambda one: (one.closes_at.isoformat(), str(one.referral)))
    return Page(items=[schemas.Opportunity.of(one, names, lots) for one in kept], next_cursor=following)


@router.get("/opportunities/{referral}")
async def one(referral: UUID, request: Request, caller: AgencyCaller) -> schemas.Opportunity:
    """One referral that was sent to you, open or not."""
    async with reading(request, caller) as transaction:
        found, offers = await opportunities.one(transaction, str(caller.organisation), referral)
        names, lots = await naming.of(transaction, [found.council])
    return schemas.Opportunity.of(found, names, lots, offers)


@router.get("/opportunities/{referral}/changes")
async def changes(referral: UUID, request: Request, caller: AgencyCaller) -> schemas.Amendments:
    """What the council changed since the referral was sent to you: which fields, when, from what to what."""
    async with reading(request, caller) as transaction:
        found = await opportunities.changes(transaction, str(caller.organisation), referral)
    return schemas.Amendments.of(referral, found)


@router.post("/opportunities/{referral}/decline", response_model=schemas.Opportunity)
async def decline(referral: UUID, body: schemas.NewDecline, request: Request, caller: AgencyOfficer, _: IdempotencyKey) -> Response:
    """Say no, with a coded reason; the reason says whose side it is on."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        declined = await opportunities.decline(attempt.transaction, str(caller.organisation), referral, body.reason)
        names, lots = await naming.of(attempt.transaction, [declined.council])
        return attempt.reply(schemas.Opportunity.of(declined, names, lots))
