"""Meetings as calendars read them: under an access token, or by a secret address that a calendar can subscribe to."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from monitoring.actions import calendar_feeds as actions
from monitoring.routes.alerts import Concerned
from monitoring.routes.reading import reading
from monitoring.schemas.calendar import calendar_of
from monitoring.schemas.meetings import FeedMade, Feeds, FeedShown
from shared import plain_routes, tenancy
from shared.idempotency import IdempotencyKey, once
from shared.signin import AnyCaller

router = plain_routes.router(tags=["meetings"])

_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "An iCalendar file (RFC 5545)."}
}


@router.get("/meetings.ics", response_class=Response, responses=_CALENDAR)
async def read_calendar(request: Request, caller: AnyCaller) -> Response:
    """The meetings that concern you, for a calendar."""
    async with reading(request, caller) as transaction:
        found, names = await actions.in_calendar(transaction), await actions.names(transaction)
    return _sent(calendar_of(found, names))


@router.get("/calendar-feeds")
async def read_feeds(request: Request, caller: AnyCaller) -> Feeds:
    """Your secret calendar addresses that stand, without their secrets."""
    async with reading(request, caller) as transaction:
        return Feeds(items=[FeedShown.of(each) for each in await actions.mine(transaction, subject=caller.subject)])


@router.post("/calendar-feeds", status_code=201, response_model=FeedMade)
async def make_feed(request: Request, caller: Concerned) -> Response:
    """Make a secret address that your calendar can subscribe to. It is shown this once; make another if you lose it.

    Sent twice it makes two: a kept reply would keep the secret.
    """
    async with tenancy.transaction(request.app.state.databases, caller.organisation) as transaction:
        feed, secret = await actions.make(transaction, subject=caller.subject)
    made = FeedMade(id=feed.id, made_at=feed.made_at, address=f"/calendar-feeds/{secret}/meetings.ics")
    return Response(made.model_dump_json(), 201, {"Cache-Control": "no-store"}, "application/json")


@router.delete("/calendar-feeds/{feed}", status_code=204)
async def revoke_feed(feed: UUID, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Make one of your addresses worthless at once."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.revoke(attempt.transaction, feed, subject=caller.subject)
        return attempt.reply(None, status=204)


@router.get("/calendar-feeds/{secret}/meetings.ics", response_class=Response, responses=_CALENDAR)
async def read_feed(request: Request, secret: Annotated[str, Path(max_length=120)]) -> Response:
    """What a subscribed calendar reads. The address itself is the secret: no token is asked for."""
    organisation = actions.whose(secret)
    async with tenancy.transaction(request.app.state.databases, organisation) as transaction:
        found, names = await actions.opened(transaction, secret), await actions.names(transaction)
    return _sent(calendar_of(found, names))


def _sent(content: bytes) -> Response:
    return Response(content, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, no-store"})
