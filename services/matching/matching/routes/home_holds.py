"""Short holds: a council keeps a home while it decides; the consortium says for how long."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from matching import schemas
from matching.actions import home_holds
from shared import clock, plain_routes, versions
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import AnyCaller, CouncilCaller, PlacementsOfficer, ProjectManager
from shared.versions import IfMatch

router = plain_routes.router(tags=["holds"])


@router.post("/referrals/{referral}/hold", status_code=201, response_model=schemas.HomeHold)
async def take(referral: UUID, body: schemas.NewHold, request: Request, officer: PlacementsOfficer, _: IdempotencyKey) -> Response:
    """Hold the home of a shortlisted offer while you decide. It ends by itself at the moment named; nobody else can choose it till then."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        hold = await home_holds.take(attempt.transaction, str(officer.organisation), referral, body.offer)
        return attempt.reply(schemas.HomeHold.of(hold, running=True), status=201, location=f"/referrals/{referral}/hold")


@router.get("/referrals/{referral}/hold")
async def see(referral: UUID, request: Request, caller: CouncilCaller) -> schemas.HomeHold:
    """The hold you have for this referral, or the last one you had."""
    async with reading(request, caller) as transaction:
        hold = await home_holds.current(transaction, str(caller.organisation), referral)
    return schemas.HomeHold.of(hold, running=hold.is_live(clock.now()))


@router.delete("/referrals/{referral}/hold", response_model=schemas.HomeHold)
async def give_back(referral: UUID, request: Request, officer: PlacementsOfficer, _: IdempotencyKey) -> Response:
    """Give the home back before the hold ends: it is free for others at once."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        hold = await home_holds.give_back(attempt.transaction, str(officer.organisation), referral)
        return attempt.reply(schemas.HomeHold.of(hold, running=False))


@router.get("/hold-lengths")
async def lengths(request: Request, response: Response, caller: AnyCaller) -> schemas.HoldLengths:
    """How long a home may be held, by urgency: the same for every council, because a hold keeps the others waiting."""
    async with reading(request, caller) as transaction:
        found = await home_holds.lengths(transaction)
    response.headers["ETag"] = versions.etag(found.version)
    return schemas.HoldLengths.of(found)


@router.put("/hold-lengths", response_model=schemas.HoldLengths)
async def set_lengths(
    body: schemas.NewHoldLengths, request: Request, manager: ProjectManager, if_match: IfMatch, _: IdempotencyKey
) -> Response:
    """Set how long holds taken from now on last. Holds already taken keep their end."""
    async with once(request, manager) as attempt:
        if attempt.kept:
            return attempt.kept
        after = await home_holds.set_lengths(attempt.transaction, body.lengths(), if_match)
        return attempt.reply(schemas.HoldLengths.of(after), etag=after.version)
