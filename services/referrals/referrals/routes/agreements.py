"""The individual placement agreement, for the council and the one agency: proposed, signed, declined, priced, ended by notice, printed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from referrals.actions import agreements as actions
from referrals.actions.agreements import Agreement
from referrals.routes import page
from referrals.routes.callers import AgreementParty, PlacementParty
from referrals.routes.placements import council_of
from referrals.schemas.agreements import AgreementBody, CostsBody, Declined, NoticeGiven, Proposal, Signature
from referrals.schemas.body import Empty
from shared import plain_routes, printed_page
from shared.idempotency import Attempt, IdempotencyKey, once
from shared.reading import reading
from shared.versions import IfMatch, etag
from shared.written import Day

router = plain_routes.router(prefix="/placements/{placement}/agreement", tags=["agreements"])

NumberInPath = Annotated[int, Path(description="the version's number", ge=1, le=10_000)]


@router.get(
    "",
    response_model=AgreementBody,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "As data, or as a page for printing"}},
)
async def read(
    placement: UUID,
    request: Request,
    caller: PlacementParty,
    version: Annotated[
        int | None, Query(ge=1, le=10_000, description="of the page: this version instead of the one in force, as to sign it on paper")
    ] = None,
) -> Response:
    """What is agreed about this placement, every version kept. With ``Accept: text/html`` a page that prints on A4."""
    council = await council_of(request, caller, placement)
    async with reading(request, caller, council=council) as transaction:
        agreement = await actions.read(transaction, placement)
    headers = {"Vary": "Accept", "ETag": etag(agreement.revision)}
    if printed_page.wanted(request.headers.get("accept", "")):
        return HTMLResponse(page.agreement(agreement, version), headers=headers | page.HEADERS)
    return Response(AgreementBody.of(agreement).model_dump_json(), media_type="application/json", headers=headers)


@router.get("/cost")
async def cost(
    placement: UUID,
    request: Request,
    caller: PlacementParty,
    begin: Annotated[Day | None, Query(alias="from", description="first night; this week's Monday unless named")] = None,
    until: Annotated[Day | None, Query(description="first day no longer counted; a week after `from` unless named")] = None,
) -> CostsBody:
    """What a week, or any part of the stay, costs by the lines agreed; and the stay to date and to its expected end."""
    council = await council_of(request, caller, placement)
    async with reading(request, caller, council=council) as transaction:
        costs = await actions.costs(transaction, placement, begin, until)
    return CostsBody.of(placement, costs)


@router.post("/versions", status_code=201, response_model=AgreementBody)
async def propose(
    placement: UUID, body: Proposal, request: Request, caller: AgreementParty, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Propose the next version; one that is still open is replaced by it, one in force holds until both have signed the new."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.propose(attempt.transaction, placement, body.wanted(), if_match.check, subject=caller.subject)
        return _reply(attempt, done, status=201)


@router.post("/versions/{number}/signature", response_model=AgreementBody)
async def sign(
    placement: UUID,
    number: NumberInPath,
    body: Signature,
    request: Request,
    caller: AgreementParty,
    if_match: IfMatch,
    key: IdempotencyKey,
) -> Response:
    """Sign a version for your side, by the hash of what you read."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.sign(attempt.transaction, placement, number, body.content_hash, if_match.check, subject=caller.subject)
        return _reply(attempt, done)


@router.post("/versions/{number}/decline", response_model=AgreementBody)
async def decline(
    placement: UUID,
    number: NumberInPath,
    body: Declined,
    request: Request,
    caller: AgreementParty,
    if_match: IfMatch,
    key: IdempotencyKey,
) -> Response:
    """Decline a version with a coded reason; then either side may propose again."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.decline(attempt.transaction, placement, number, body.reason, if_match.check, subject=caller.subject)
        return _reply(attempt, done)


@router.post("/notice", status_code=201, response_model=AgreementBody)
async def give_notice(
    placement: UUID, body: NoticeGiven, request: Request, caller: AgreementParty, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Record notice given by your side; the reply says when it ends and the last night charged."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.give_notice(attempt.transaction, placement, body.given_on, body.reason, if_match.check, subject=caller.subject)
        return _reply(attempt, done, status=201)


@router.post("/notice/withdrawal", response_model=AgreementBody)
async def withdraw_notice(
    placement: UUID, body: Empty, request: Request, caller: AgreementParty, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Withdraw the notice your side gave."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        return _reply(attempt, await actions.withdraw_notice(attempt.transaction, placement, if_match.check, subject=caller.subject))


def _reply(attempt: Attempt, done: Agreement, *, status: int = 200) -> Response:
    return attempt.reply(AgreementBody.of(done), status=status, etag=done.revision)
