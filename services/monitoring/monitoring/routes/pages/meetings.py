"""Meetings: what is late and to come, one meeting with its pack, and the forms that plan, prepare, hold and carry on."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from monitoring.actions import calendar_feeds, packs
from monitoring.actions import meetings as actions
from monitoring.domain.meeting import FindingCode, MeetingKind, MeetingState, Plan, may_run
from monitoring.pages import meetings as view
from monitoring.pages.frame import MEETINGS, Crumb
from monitoring.routes.pages.page import go, page, pages_router, taken_away
from monitoring.routes.pages.visitors import AlertVisitor, AnyVisitor, PlanningVisitor
from monitoring.routes.question import may_see_small
from monitoring.routes.reading import reading
from shared import clock, tenancy
from shared.organisation import Kind, Role
from shared.refusals import Reason, invalid
from shared.signin import Caller
from shared.written import KEPT, Day

router = pages_router()

Words = Annotated[str, Form(max_length=2000), KEPT]
Short = Annotated[str, Form(min_length=1, max_length=120), KEPT]
_CRUMB = Crumb("Meetings", "/pages/meetings")


@router.get("/meetings")
async def meetings(request: Request, visitor: AnyVisitor) -> Response:
    """What is late first, then what is to come, then what was."""
    now = clock.now()
    async with reading(request, visitor) as transaction:
        found = await actions.listed(transaction, first=None, last=None, kind=None, agency=None, council=None, state=None)
        late = await actions.overdue(transaction)
        names = await calendar_feeds.names(transaction)
    to_come = [each for each in found if each.plan.starts_at > now and each.state is MeetingState.PLANNED]
    were = [each for each in reversed(found) if each.plan.starts_at <= now or each.state is not MeetingState.PLANNED]
    tables = [
        view.listed("not-held", "Their time is over, and nobody said they were held", late.meetings, names),
        view.actions_table("late-actions", "Actions past their day", late.actions, names),
        view.without_annual(late.without_annual_meeting),
        view.listed("to-come", "To come", to_come, names),
        view.listed("held", "Held, cancelled or past", were, names),
    ]
    if (file := taken_away(request, tables, "meetings")) is not None:
        return file
    return page(
        request,
        "meetings.html",
        title="Meetings",
        section=MEETINGS,
        tables=[each for each in tables if each.rows or each.name in ("to-come", "held")],
        sentence=view.sentence(late, to_come),
        plans=_plans(visitor),
        address="/pages/meetings",
    )


@router.get("/meetings/new")
async def new(request: Request, visitor: PlanningVisitor) -> Response:
    """The form to plan one."""
    async with reading(request, visitor) as transaction:
        names = await calendar_feeds.names(transaction)
    agencies = [{"value": "", "text": "None"}, *({"value": c, "text": n} for c, n in sorted(names.items(), key=_by_name) if c[0] != "E")]
    councils = [{"value": "", "text": "None"}, *({"value": c, "text": n} for c, n in sorted(names.items(), key=_by_name) if c[0] == "E")]
    return page(
        request,
        "meeting_new.html",
        title="Plan a meeting",
        section=MEETINGS,
        crumbs=[_CRUMB],
        kinds=view.kinds(),
        agencies=agencies,
        councils=councils,
        own=visitor.organisation.kind is Kind.COUNCIL,
    )


@router.post("/meetings")
async def plan(
    request: Request,
    visitor: PlanningVisitor,
    kind: Annotated[MeetingKind, Form()],
    day: Annotated[Day, Form()],
    begins: Annotated[str, Form(max_length=5)],
    ends: Annotated[str, Form(max_length=5)],
    place: Short,
    lead_person: Short,
    agency: Annotated[str, Form(pattern=r"^(|SC[0-9]{6}|[0-9]{7})$")] = "",
    council: Annotated[str, Form(pattern=r"^(|E[0-9]{8})$")] = "",
) -> Response:
    """Plan a meeting that the reader's own organisation leads."""
    own = visitor.organisation
    try:
        starts_at, ends_at = view.moment_of(day, begins), view.moment_of(day, ends)
    except ValueError as error:
        raise invalid(Reason("begins", "hour_of_the_day", "Write the hours as 10:30.")) from error
    theirs = council or (own.code if own.kind is Kind.COUNCIL else "")
    given = Plan(kind, agency or None, theirs or None, None, starts_at, ends_at, place, str(own), lead_person)
    async with tenancy.transaction(request.app.state.databases, own) as transaction:
        seen = await actions.plan(transaction, given, by=visitor.subject)
    return go(f"/pages/meetings/{seen.meeting.id}")


@router.get("/meetings/{meeting}")
async def meeting(request: Request, visitor: AnyVisitor, meeting: UUID) -> Response:
    """One meeting: its pack, what was found, what is to be done and by whom."""
    async with reading(request, visitor) as transaction:
        seen = await actions.see(transaction, meeting)
    if not may_see_small(visitor):  # a pack may hold small numbers
        seen = replace(seen, meeting=replace(seen.meeting, pack=None))
    async with reading(request, visitor) as transaction:
        names = await calendar_feeds.names(transaction)
    acts = _acts(visitor)
    own = visitor.organisation
    shown = view.shown(seen, names, runs=acts and may_run(seen.meeting, own), asking=str(own), acts=acts, now=clock.now())
    tables = [*shown.pack, shown.findings, shown.actions, shown.carried]
    if (file := taken_away(request, tables, "meeting")) is not None:
        return file
    return page(
        request,
        "meeting.html",
        title=shown.title,
        section=MEETINGS,
        crumbs=[_CRUMB],
        shown=shown,
        address=f"/pages/meetings/{meeting}",
    )


@router.post("/meetings/{meeting}/pack")
async def make_pack(request: Request, visitor: AlertVisitor, meeting: UUID) -> Response:
    """Make its pack."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await packs.generate(transaction, meeting)
    return go(f"/pages/meetings/{meeting}")


@router.post("/meetings/{meeting}/holding")
async def hold(
    request: Request, visitor: AlertVisitor, meeting: UUID, attendance: Annotated[str, Form(min_length=1, max_length=3000), KEPT]
) -> Response:
    """It was held; who attended, one a line."""
    attended = [line.strip() for line in attendance.splitlines() if line.strip()]
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.hold_meeting(transaction, meeting, attendance=attended, findings=(), by=visitor.subject)
    return go(f"/pages/meetings/{meeting}")


@router.post("/meetings/{meeting}/findings")
async def find(request: Request, visitor: AlertVisitor, meeting: UUID, code: Annotated[FindingCode, Form()], words: Words = "") -> Response:
    """Write down one finding."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.add_findings(transaction, meeting, [(code, words)], by=visitor.subject)
    return go(f"/pages/meetings/{meeting}")


@router.post("/meetings/{meeting}/actions")
async def agree(
    request: Request,
    visitor: AlertVisitor,
    meeting: UUID,
    owner: Annotated[str, Form(max_length=40), KEPT],
    due_on: Annotated[Day, Form()],
    words: Words = "",
) -> Response:
    """Agree an action."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.add_action(transaction, meeting, owner=owner, words=words, due_on=due_on)
    return go(f"/pages/meetings/{meeting}")


@router.post("/meetings/{meeting}/completion")
async def complete(request: Request, visitor: AlertVisitor, meeting: UUID, action: Annotated[UUID, Form()], words: Words = "") -> Response:
    """Say that an action was done."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.complete(transaction, action, words=words, by=visitor.subject)
    return go(f"/pages/meetings/{meeting}")


@router.post("/meetings/{meeting}/cancellation")
async def cancel(request: Request, visitor: AlertVisitor, meeting: UUID, words: Words = "") -> Response:
    """Cancel it."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.cancel(transaction, meeting, words)
    return go(f"/pages/meetings/{meeting}")


def _plans(visitor: Caller) -> bool:
    if visitor.organisation.kind is Kind.AGENCY:
        return False
    return _acts(visitor)


def _acts(visitor: Caller) -> bool:
    if visitor.organisation.kind is Kind.CONSORTIUM:
        return Role.PROJECT_MANAGER in visitor.roles
    return bool(visitor.roles - {Role.READER, Role.PANEL_MEMBER})


def _by_name(item: tuple[str, str]) -> tuple[str, str]:
    return item[1], item[0]
