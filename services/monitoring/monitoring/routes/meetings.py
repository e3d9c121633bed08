"""The year's meetings: planned, prepared, held, and what comes of them. A council and an agency see those that concern them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from monitoring.actions import meetings as actions
from monitoring.actions import packs
from monitoring.actions.meetings import Seen
from monitoring.domain.meeting import MeetingKind, MeetingState
from monitoring.routes.alerts import Concerned
from monitoring.routes.question import may_see_small
from monitoring.routes.reading import reading
from monitoring.schemas.meetings import (
    ActionShown,
    MeetingLine,
    Meetings,
    MeetingShown,
    NewCancellation,
    NewCompletion,
    NewFindings,
    NewHolding,
    NewMeeting,
    NewMeetingAction,
    OverdueShown,
)
from shared import plain_routes
from shared.contracts.words import AgencyUrn, OnsCode
from shared.idempotency import Attempt, IdempotencyKey, once
from shared.organisation import Kind, Role
from shared.signin import COUNCIL_STAFF, AnyCaller, Caller, signed_in
from shared.uk_time import UK
from shared.versions import IfMatch, etag
from shared.written import Day

router = plain_routes.router(tags=["meetings"])

Planner = Annotated[
    Caller, Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF - {Role.READER}, Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})}))
]
"""Who may plan a meeting: the project manager any, a council those that concern it."""


@router.get("/meetings")
async def read_meetings(
    request: Request,
    caller: AnyCaller,
    first: Annotated[Day | None, Query(alias="from", description="first day, UK time")] = None,
    last: Annotated[Day | None, Query(alias="to", description="last day, itself counted")] = None,
    kind: Annotated[MeetingKind | None, Query()] = None,
    agency: Annotated[AgencyUrn | None, Query()] = None,
    council: Annotated[OnsCode | None, Query()] = None,
    state: Annotated[MeetingState | None, Query()] = None,
) -> Meetings:
    """The meetings that concern you, in the order of their start."""
    opens = None if first is None else datetime.combine(first, time(0), UK)
    closes = None if last is None else datetime.combine(last + timedelta(days=1), time(0), UK)
    async with reading(request, caller) as transaction:
        found = await actions.listed(transaction, first=opens, last=closes, kind=kind, agency=agency, council=council, state=state)
    return Meetings(items=[MeetingLine.of(each) for each in found])


@router.get("/meetings/overdue")
async def read_overdue(request: Request, caller: AnyCaller) -> OverdueShown:
    """What is late: meetings nobody held, actions not done, agencies without an annual meeting for twelve months."""
    async with reading(request, caller) as transaction:
        return OverdueShown.of(await actions.overdue(transaction))


@router.get("/meetings/{meeting}")
async def read_meeting(meeting: UUID, request: Request, response: Response, caller: AnyCaller) -> MeetingShown:
    """One meeting with its pack, findings and actions, and the open actions carried into it."""
    async with reading(request, caller) as transaction:
        found = await actions.see(transaction, meeting)
    response.headers["ETag"] = etag(found.meeting.version)
    shown = MeetingShown.seen(found)
    # A pack may hold small numbers; who of the consortium may not see those reads the meeting without it.
    return shown if may_see_small(caller) else shown.model_copy(update={"pack": None})


@router.post("/meetings", status_code=201, response_model=MeetingShown)
async def plan(body: NewMeeting, request: Request, planner: Planner, _: IdempotencyKey) -> Response:
    """Plan a meeting."""
    async with once(request, planner) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.plan(attempt.transaction, body.plan(), by=planner.subject)
        return _shown(attempt, found, status=201)


@router.put("/meetings/{meeting}", response_model=MeetingShown)
async def change(meeting: UUID, body: NewMeeting, request: Request, caller: Concerned, if_match: IfMatch, _: IdempotencyKey) -> Response:
    """Plan a meeting otherwise: its time, place or lead. Calendars are told."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        return _shown(attempt, await actions.change(attempt.transaction, meeting, body.plan(), expect=if_match.require))


@router.post("/meetings/{meeting}/cancellation", response_model=MeetingShown)
async def cancel(meeting: UUID, body: NewCancellation, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Cancel a meeting that was not held, with the reason. Calendars are told."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        return _shown(attempt, await actions.cancel(attempt.transaction, meeting, body.reason))


@router.post("/meetings/{meeting}/pack", response_model=MeetingShown)
async def make_pack(meeting: UUID, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Make the pack: figures of the last twelve ended months, alerts, open actions, feedback. When the meeting is held it stays."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        return _shown(attempt, await packs.generate(attempt.transaction, meeting))


@router.post("/meetings/{meeting}/holding", response_model=MeetingShown)
async def hold(meeting: UUID, body: NewHolding, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Say that a meeting was held, who attended and what it found."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.hold_meeting(
            attempt.transaction, meeting, attendance=body.attendance, findings=body.found(), by=caller.subject
        )
        return _shown(attempt, found)


@router.post("/meetings/{meeting}/findings", status_code=201, response_model=MeetingShown)
async def find(meeting: UUID, body: NewFindings, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Write down what a held meeting found."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        return _shown(attempt, await actions.add_findings(attempt.transaction, meeting, body.found(), by=caller.subject), status=201)


@router.post("/meetings/{meeting}/actions", status_code=201, response_model=MeetingShown)
async def agree_action(meeting: UUID, body: NewMeetingAction, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Agree an action with its owner and day. It is carried into the next meetings until it is done."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.add_action(attempt.transaction, meeting, owner=body.owner, words=body.words, due_on=body.due_on)
        return _shown(attempt, found, status=201)


@router.post("/meeting-actions/{action}/completion", response_model=ActionShown)
async def complete(action: UUID, body: NewCompletion, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Say that an action was done: its owner, or the consortium."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(ActionShown.of(await actions.complete(attempt.transaction, action, words=body.words, by=caller.subject)))


def _shown(attempt: Attempt, found: Seen, *, status: int = 200) -> Response:
    location = f"/meetings/{found.meeting.id}" if status == 201 else None
    return attempt.reply(MeetingShown.seen(found), status=status, location=location, etag=found.meeting.version)
