"""Referrals: begun, read, changed, previewed, sent, withdrawn."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from referrals.actions import preview as previews
from referrals.actions import referrals as actions
from referrals.domain.referral import Referral, State
from referrals.routes.callers import OFFICERS, vault_keys
from referrals.schemas.body import Empty
from referrals.schemas.referrals import NewReferral, PreviewBody, ReferralBody, ReferralChanges, ReferralDetail, Sending, Withdrawal
from referrals.schemas.small_cells import SmallCellsBody
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest
from shared.idempotency import Attempt, IdempotencyKey, once
from shared.reading import reading
from shared.signin import CouncilCaller, PlacementsOfficer
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/referrals", tags=["referrals"])


@router.post("", status_code=201, response_model=ReferralBody)
async def create(body: NewReferral, request: Request, officer: PlacementsOfficer, key: IdempotencyKey) -> Response:
    """Begin a referral as a draft that nobody else sees."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        referral = await actions.create(attempt.transaction, vault_keys(request), body.terms(), subject=officer.subject)
        return attempt.reply(ReferralBody.of(referral), status=201, location=f"/referrals/{referral.id}", etag=referral.version)


@router.get("")
async def newest(
    request: Request,
    caller: CouncilCaller,
    wanted: PageRequest,
    state: Annotated[State | None, Query(description="only those in this state")] = None,
) -> Page[ReferralBody]:
    """Your council's referrals, newest first."""
    async with reading(request, caller) as transaction:
        found = [ReferralBody.of(referral) for referral in await actions.newest(transaction, wanted, state)]
    return Page[ReferralBody].model_validate(cursors.page(found, wanted.limit, lambda body: (body.created_at.isoformat(), str(body.id))))


@router.get("/{referral}")
async def read(referral: UUID, request: Request, response: Response, caller: CouncilCaller) -> ReferralDetail:
    """One referral, with the placement agreed for it, its last in-house match and, for officers, what is said on it in words."""
    async with reading(request, caller) as transaction:
        detail = await actions.read(transaction, vault_keys(request), referral, with_words=bool(caller.roles & OFFICERS))
    response.headers["ETag"] = etag(detail.referral.version)
    return ReferralDetail.of_detail(detail)


@router.patch("/{referral}", response_model=ReferralBody)
async def change(
    referral: UUID,
    body: ReferralChanges,
    request: Request,
    officer: PlacementsOfficer,
    if_match: IfMatch,
    key: IdempotencyKey,
) -> Response:
    """Change a referral; once it was sent, whoever saw it is told what changed."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        amended = await actions.amend(
            attempt.transaction,
            vault_keys(request),
            referral,
            body.changes(),
            if_match.require,
            restart_clock=body.restart_clock,
            acknowledged=body.acknowledged_small_cell,
            subject=officer.subject,
        )
        return _reply(attempt, amended)


@router.get("/{referral}/preview")
async def preview(referral: UUID, request: Request, response: Response, officer: PlacementsOfficer) -> PreviewBody:
    """Exactly what every provider of the lot will see, when it closes, and what is kept back until when."""
    async with reading(request, officer) as transaction:
        shown = await previews.preview(transaction, vault_keys(request), referral)
    response.headers["ETag"] = etag(shown.version)
    return PreviewBody.of(shown)


@router.get("/{referral}/small-cells")
async def small_cells(referral: UUID, request: Request, response: Response, officer: PlacementsOfficer) -> SmallCellsBody:
    """How many looked-after children of the consortium share what the referral shows, and which single blur raises that most."""
    async with reading(request, officer) as transaction:
        shown = await previews.preview(transaction, vault_keys(request), referral)
    response.headers["ETag"] = etag(shown.version)
    return SmallCellsBody.of(shown.small_cells)


@router.post("/{referral}/in-house", response_model=ReferralBody)
async def send_in_house(
    referral: UUID, body: Empty, request: Request, officer: PlacementsOfficer, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Ask your own fostering service first."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        return _reply(attempt, await actions.send_in_house(attempt.transaction, vault_keys(request), referral, if_match.check))


@router.post("/{referral}/broadcast", response_model=ReferralBody)
async def broadcast(
    referral: UUID, body: Sending, request: Request, officer: PlacementsOfficer, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Send the anonymised referral to every provider of the lot at once. The in-house decision must be recorded first."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        sent = await actions.broadcast(
            attempt.transaction,
            vault_keys(request),
            referral,
            if_match.check,
            acknowledged=body.acknowledged_small_cell,
            subject=officer.subject,
        )
        return _reply(attempt, sent)


@router.post("/{referral}/withdrawal", response_model=ReferralBody)
async def withdraw(
    referral: UUID, body: Withdrawal, request: Request, officer: PlacementsOfficer, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Withdraw a referral that has no home yet; whoever saw it is told, with whose side the reason is on."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        return _reply(attempt, await actions.withdraw(attempt.transaction, referral, body.reason, if_match.check))


def _reply(attempt: Attempt, referral: Referral) -> Response:
    return attempt.reply(ReferralBody.of(referral), etag=referral.version)
