"""A child's time in care, recorded by its council's officers as it happens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request
from fastapi.responses import Response

from referrals.actions import care as actions
from referrals.routes.callers import vault_keys
from referrals.schemas.care import (
    CareBegins,
    CareEnds,
    Episodes,
    LegalStatus,
    Outcomes,
    PlacedElsewhere,
    PlacedElsewhereEnds,
    Recorded,
    ReviewHeld,
)
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import SocialCareStaff

router = plain_routes.router(prefix="/children/{child}", tags=["time in care"])

YearInPath = Annotated[int, Path(description="the year the return ends in: 2026 is 1 April 2025 to 31 March 2026", ge=2000, le=2100)]


@router.post("/care-periods", status_code=201, response_model=Recorded)
async def begin(child: UUID, body: CareBegins, request: Request, officer: SocialCareStaff, key: IdempotencyKey) -> Response:
    """Record that the child began to be looked after."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        id = await actions.begin(attempt.transaction, vault_keys(request), child, body.period(), body.legal_status, subject=officer.subject)
        return attempt.reply(Recorded(id=id), status=201)


@router.post("/care-periods/ending", response_model=Recorded)
async def leave(child: UUID, body: CareEnds, request: Request, officer: SocialCareStaff, key: IdempotencyKey) -> Response:
    """Record that the child ceased to be looked after, and why."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.leave(attempt.transaction, vault_keys(request), child, body.ended_on, body.reason)
        return attempt.reply(Recorded())


@router.post("/legal-statuses", status_code=201, response_model=Recorded)
async def change_status(child: UUID, body: LegalStatus, request: Request, officer: SocialCareStaff, key: IdempotencyKey) -> Response:
    """Record the legal status a looked-after child has from a day on."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.change_status(attempt.transaction, vault_keys(request), child, body.status(), subject=officer.subject)
        return attempt.reply(Recorded(), status=201)


@router.post("/reviews", status_code=201, response_model=Recorded)
async def review(child: UUID, body: ReviewHeld, request: Request, officer: SocialCareStaff, key: IdempotencyKey) -> Response:
    """Record a statutory review and how the child took part."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.review(attempt.transaction, vault_keys(request), child, body.review(), subject=officer.subject)
        return attempt.reply(Recorded(), status=201)


@router.post("/outside-placements", status_code=201, response_model=Recorded)
async def place_elsewhere(
    child: UUID, body: PlacedElsewhere, request: Request, officer: SocialCareStaff, key: IdempotencyKey
) -> Response:
    """Record a placement that did not come about through Hearth: with a relative, in a children's home, made before you joined."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        placement = body.placement()
        id = await actions.place_elsewhere(
            attempt.transaction, vault_keys(request), child, placement, body.postcode, subject=officer.subject
        )
        return attempt.reply(Recorded(id=id), status=201)


@router.post("/outside-placements/{placement}/ending", response_model=Recorded)
async def end_elsewhere(
    child: UUID,
    placement: UUID,
    body: PlacedElsewhereEnds,
    request: Request,
    officer: SocialCareStaff,
    key: IdempotencyKey,
) -> Response:
    """Record that such a placement ended."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.end_elsewhere(attempt.transaction, vault_keys(request), child, placement, body.ended_on, body.reason)
        return attempt.reply(Recorded(id=placement))


@router.put("/outcomes/{year}", response_model=Recorded)
async def record_outcomes(
    child: UUID, year: YearInPath, body: Outcomes, request: Request, officer: SocialCareStaff, key: IdempotencyKey
) -> Response:
    """Record what the return asks once a year of a child looked after for all of it."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.record_outcomes(attempt.transaction, vault_keys(request), child, year, body.facts(), subject=officer.subject)
        return attempt.reply(Recorded())


@router.get("/episodes")
async def episodes(child: UUID, request: Request, officer: SocialCareStaff) -> Episodes:
    """The child's episodes as the national return will have them, and what is missing; the reading is written to the disclosure record."""
    async with reading(request, officer) as transaction:
        time = await actions.episodes(transaction, vault_keys(request), child, subject=officer.subject)
    return Episodes.of(time)
