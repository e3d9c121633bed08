"""Where a placement is, for the national return: said by its provider or its council, and read back by the council alone."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import care as actions
from referrals.routes.callers import PlacementRecorder, vault_keys
from referrals.routes.placements import council_of
from referrals.schemas.care import PlacementAddress, Recorded
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once

router = plain_routes.router(prefix="/placements", tags=["placements"])


@router.put("/{placement}/address", response_model=Recorded)
async def record(
    placement: UUID, body: PlacementAddress, request: Request, caller: PlacementRecorder, key: IdempotencyKey
) -> Response:
    """Say where the child lives in this placement. The postcode is kept sealed; only the council sees it again, in the child's episodes."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.record_address(attempt.transaction, vault_keys(request), placement, body.postcode)
        return attempt.reply(Recorded(id=placement))
