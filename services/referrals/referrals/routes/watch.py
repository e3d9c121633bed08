"""The stability watch, for the council alone: placements that need looking at, each with all its reasons, and what is done about them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from referrals.actions import watch as actions
from referrals.schemas.stability import LookBody, LookTaken, WatchedBody, WatchedOne
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import SocialCareStaff

router = plain_routes.router(prefix="/placements", tags=["stability"])


@router.get("/watch")
async def flagged(
    request: Request,
    officer: SocialCareStaff,
    wanted: PageRequest,
    only_new: Annotated[bool, Query(description="only placements with a reason that came after an officer last looked")] = False,
) -> Page[WatchedBody]:
    """Your placements with a reason to look at them: more reasons first, then the oldest reason first. There is no score."""
    async with reading(request, officer) as transaction:
        found = await actions.flagged(transaction, wanted, only_new=only_new)
    kept, next_cursor = cursors.cut(found, wanted.limit, actions.page_key)
    return Page[WatchedBody](items=[WatchedBody.of(each) for each in kept], next_cursor=next_cursor)


@router.get("/{placement}/watch")
async def one(placement: UUID, request: Request, officer: SocialCareStaff) -> WatchedOne:
    """One placement: its reasons now, if any, and every look at it, newest first."""
    async with reading(request, officer) as transaction:
        watched, looks = await actions.one(transaction, placement)
    return WatchedOne(**WatchedBody.of(watched).model_dump(), looks=[LookBody.of(each) for each in looks])


@router.post("/{placement}/watch/looks", status_code=201, response_model=WatchedBody)
async def look(placement: UUID, body: LookTaken, request: Request, officer: SocialCareStaff, key: IdempotencyKey) -> Response:
    """Mark a flagged placement as looked at: what is done, and by when. The record of it stays, with the reasons as they stood."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        watched = await actions.look(attempt.transaction, placement, body.done, body.by_date, subject=officer.subject)
        return attempt.reply(WatchedBody.of(watched), status=201)
