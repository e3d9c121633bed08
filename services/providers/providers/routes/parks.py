"""Parking one of your households for a while."""

from __future__ import annotations

from fastapi import Request, Response

from providers.actions import parks
from providers.routes.callers import ReferenceInPath
from providers.schemas.parks import Park, ParkBody
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.signin import FosteringService

router = plain_routes.router(tags=["homes"])


@router.post("/households/{reference}/park", status_code=201, response_model=Park, summary="Park one of your households for a set time")
async def post_park(
    reference: ReferenceInPath, body: ParkBody, provider: FosteringService, key: IdempotencyKey, request: Request
) -> Response:
    """After a decline or a withdrawn offer. Until the day named it is shown as not available, with the class of the reason; then it is
    available again by itself."""
    async with once(request, provider) as attempt:
        if attempt.kept:
            return attempt.kept
        park = await parks.park(attempt.transaction, reference, body.reason, body.after, body.until, by=provider.subject)
        return attempt.reply(Park.of(park), status=201)


@router.delete("/households/{reference}/park", response_model=Park, summary="End a park before its day")
async def delete_park(reference: ReferenceInPath, provider: FosteringService, key: IdempotencyKey, request: Request) -> Response:
    """The household is available at once."""
    async with once(request, provider) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(Park.of(await parks.unpark(attempt.transaction, reference)))
