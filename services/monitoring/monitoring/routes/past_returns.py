"""Past returns: the consortium's project manager brings them in, as docs/past-facts.md describes."""

from __future__ import annotations

from fastapi import Request, Response

from monitoring.actions import past_returns as actions
from monitoring.schemas.past_returns import BroughtReturns, PastReturns
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.signin import ProjectManager

router = plain_routes.router(tags=["past"])


@router.post("/past-returns", response_model=BroughtReturns)
async def bring_in_returns(request: Request, manager: ProjectManager, body: PastReturns, key: IdempotencyKey) -> Response:
    """Bring in returns that agencies made before Hearth, each with the day it was received: all of them, or every fault is named."""
    found = [each.of() for each in body.returns]
    async with once(request, manager) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(BroughtReturns.of(await actions.bring_in(attempt.transaction, found)))
