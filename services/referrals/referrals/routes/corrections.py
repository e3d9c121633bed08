"""Corrections of a child's time in care, for its council's officers. A record is named by its day: of a child there is one a day."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import corrections as actions
from referrals.routes.callers import vault_keys
from referrals.schemas.care import Recorded
from referrals.schemas.corrections import CorrectionBody, OutsidePlacementCorrection, PeriodCorrection, ReviewCorrection, StatusCorrection
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import SocialCareStaff
from shared.written import Day

router = plain_routes.router(prefix="/children/{child}", tags=["time in care"])


@router.post("/legal-statuses/{from_on}/correction", response_model=Recorded)
async def legal_status(
    child: UUID, from_on: Day, body: StatusCorrection, request: Request, officer: SocialCareStaff, key: IdempotencyKey
) -> Response:
    """Correct the legal status recorded from this day, or take it out. What it said before is kept."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.legal_status(
            attempt.transaction, vault_keys(request), child, from_on, body.changes(), body.reason, subject=officer.subject
        )
        return attempt.reply(Recorded())


@router.post("/reviews/{held_on}/correction", response_model=Recorded)
async def review(
    child: UUID, held_on: Day, body: ReviewCorrection, request: Request, officer: SocialCareStaff, key: IdempotencyKey
) -> Response:
    """Correct the review recorded as held on this day, or take it out. What it said before is kept."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.review(attempt.transaction, vault_keys(request), child, held_on, body.changes(), body.reason, subject=officer.subject)
        return attempt.reply(Recorded())


@router.post("/care-periods/{began_on}/correction", response_model=Recorded)
async def care_period(
    child: UUID, began_on: Day, body: PeriodCorrection, request: Request, officer: SocialCareStaff, key: IdempotencyKey
) -> Response:
    """Correct the time in care that began on this day, or take it out. Its first legal status moves with it; what was said is kept."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.care_period(
            attempt.transaction, vault_keys(request), child, began_on, body.changes(), body.reason, subject=officer.subject
        )
        return attempt.reply(Recorded())


@router.post("/outside-placements/{began_on}/correction", response_model=Recorded)
async def outside_placement(
    child: UUID,
    began_on: Day,
    body: OutsidePlacementCorrection,
    request: Request,
    officer: SocialCareStaff,
    key: IdempotencyKey,
) -> Response:
    """Correct the placement made elsewhere that began on this day, or take it out. What it said before is kept."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.outside_placement(
            attempt.transaction, vault_keys(request), child, began_on, body.changes(), body.postcode, body.reason, subject=officer.subject
        )
        return attempt.reply(Recorded())


@router.get("/corrections")
async def corrections(child: UUID, request: Request, officer: SocialCareStaff, wanted: PageRequest) -> Page[CorrectionBody]:
    """What was corrected of this child's time in care, oldest first: what was said, who had recorded it, and what is said since."""
    async with reading(request, officer) as transaction:
        found = await actions.corrections(transaction, vault_keys(request), child, wanted, subject=officer.subject)
    kept, next_cursor = cursors.cut(found, wanted.limit, actions.page_key)
    return Page[CorrectionBody](items=[CorrectionBody.of(each) for each in kept], next_cursor=next_cursor)
