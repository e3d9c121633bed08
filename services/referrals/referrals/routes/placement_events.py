"""What happens in a placement: recorded and read by its council and its agency."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import placement_events as actions
from referrals.routes.callers import PlacementRecorder
from referrals.routes.placements import council_of
from referrals.schemas.stability import CameBack, EventBody, EventHappened, EventsBody, Retraction
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading

router = plain_routes.router(prefix="/placements/{placement}/events", tags=["stability"])


@router.get("")
async def events(placement: UUID, request: Request, caller: PlacementRecorder) -> EventsBody:
    """What happened in this placement, oldest first, as far as your side may read it."""
    council = await council_of(request, caller, placement)
    async with reading(request, caller, council=council) as transaction:
        found = await actions.events(transaction, placement)
    return EventsBody(items=[EventBody.of(event) for event in found])


@router.post("", status_code=201, response_model=EventBody)
async def record(placement: UUID, body: EventHappened, request: Request, caller: PlacementRecorder, key: IdempotencyKey) -> Response:
    """Record a missing episode, a complaint, an allegation or a disruption meeting."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        event = await actions.record(attempt.transaction, placement, body.happened(), subject=caller.subject)
        return attempt.reply(EventBody.of(event), status=201)


@router.post("/{event}/return", response_model=EventBody)
async def came_back(
    placement: UUID, event: UUID, body: CameBack, request: Request, caller: PlacementRecorder, key: IdempotencyKey
) -> Response:
    """Record that a missing child came back, and whether a return interview was offered."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.came_back(attempt.transaction, placement, event, body.until, body.interview_offered)
        return attempt.reply(EventBody.of(found))


@router.post("/{event}/retraction", response_model=EventBody)
async def retract(
    placement: UUID, event: UUID, body: Retraction, request: Request, caller: PlacementRecorder, key: IdempotencyKey
) -> Response:
    """Take back what your side recorded wrongly; it counts no more, and the record of it stays."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(EventBody.of(await actions.retract(attempt.transaction, placement, event, body.reason)))
