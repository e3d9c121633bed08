"""Facts from before Hearth: the consortium's project manager brings them in, as docs/past-facts.md describes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from monitoring.actions import past
from monitoring.routes.reading import reading
from monitoring.schemas.past import MEDIA_TYPE, TAKES, BroughtInReply, PastsReply, read_lines
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.refusals import RefusalKind, Refused
from shared.signin import ProjectManager

router = plain_routes.router(tags=["past"])


@router.post("/past", response_model=BroughtInReply, openapi_extra=TAKES)
async def bring_in(request: Request, manager: ProjectManager, key: IdempotencyKey) -> Response:
    """Bring in what happened before Hearth, an event a line as the bus carries it: all of it, or every fault is named and nothing taken."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Refused(RefusalKind.UNSUPPORTED, f"Send the events as {MEDIA_TYPE}, one a line, and say so in Content-Type.")
    content = await request.body()
    events, faults = await read_lines(content)
    async with once(request, manager) as attempt:
        if attempt.kept:
            return attempt.kept
        brought = await past.bring_in(attempt.transaction, events, faults, content=content, subject=manager.subject)
        return attempt.reply(BroughtInReply.of(brought))


@router.get("/past")
async def read_pasts(request: Request, manager: ProjectManager, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> PastsReply:
    """What was brought in, by whom and when, the latest first."""
    async with reading(request, manager) as transaction:
        return PastsReply(items=[BroughtInReply.of(each) for each in await past.pasts(transaction, limit=limit)])
