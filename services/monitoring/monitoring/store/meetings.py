"""Meetings: the same row for each organisation that may read it; the consortium's is held while something is changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, false, func, insert, or_, select, true, update

from monitoring.domain.meeting import Action, Finding, FindingCode, Meeting, MeetingKind, MeetingState, Plan
from monitoring.tables import meeting_actions, meeting_findings, meetings
from shared.tenancy import Transaction

M, A = meetings.c, meeting_actions.c
MOST = 1000


async def add(transaction: Transaction, meeting: Meeting, readers: Sequence[str]) -> None:
    """Keep a new meeting for the reader whose transaction it is."""
    await transaction.execute(
        insert(meetings).values(organisation=str(transaction.organisation), id=meeting.id, readers=list(readers), **_values(meeting))
    )


async def put(transaction: Transaction, meeting: Meeting) -> None:
    """Write how a meeting stands now, for the reader whose transaction it is."""
    await transaction.execute(update(meetings).where(M.id == meeting.id).values(**_values(meeting)))


async def readers(transaction: Transaction, meeting: UUID) -> tuple[str, ...]:
    """Whose a meeting was written for."""
    return tuple(await transaction.scalar(select(M.readers).where(M.id == meeting)) or ())


async def hold(transaction: Transaction, meeting: UUID) -> Meeting | None:
    """One meeting, held until this transaction ends."""
    if await transaction.scalar(select(M.id).where(M.id == meeting).with_for_update()) is None:
        return None
    return await one(transaction, meeting)


async def one(transaction: Transaction, meeting: UUID) -> Meeting | None:
    """One meeting with its findings and actions, if it is the reader's to see."""
    row = (await transaction.execute(select(meetings).where(M.id == meeting))).one_or_none()
    if row is None:
        return None
    query = select(meeting_findings).where(meeting_findings.c.meeting == meeting).order_by(meeting_findings.c.number)
    findings = tuple(Finding(r.number, FindingCode(r.code), r.words, r.found_by, r.found_at) for r in await transaction.execute(query))
    mine = select(meeting_actions).where(A.meeting == meeting).order_by(A.due_on, A.id)
    return _meeting(row, findings, tuple(_action(each) for each in await transaction.execute(mine)))


async def between(
    transaction: Transaction,
    *,
    first: datetime | None = None,
    last: datetime | None = None,
    kind: MeetingKind | None = None,
    agency: str | None = None,
    council: str | None = None,
    state: MeetingState | None = None,
) -> list[Meeting]:
    """The reader's meetings that start in a span, in their order, without findings and actions; at most a thousand."""
    wanted = (
        M.starts_at >= first if first else true(),
        M.starts_at < last if last else true(),
        M.kind == kind if kind else true(),
        M.agency == agency if agency else true(),
        M.council == council if council else true(),
        M.state == state if state else true(),
    )
    rows = await transaction.execute(select(meetings).where(*wanted).order_by(M.starts_at, M.id).limit(MOST))
    return [_meeting(row) for row in rows]


async def add_finding(transaction: Transaction, meeting: UUID, finding: Finding) -> None:
    """Write a finding, for the reader whose transaction it is."""
    await transaction.execute(
        insert(meeting_findings).values(
            organisation=str(transaction.organisation),
            meeting=meeting,
            number=finding.number,
            code=finding.code,
            words=finding.words,
            found_by=finding.found_by,
            found_at=finding.found_at,
        )
    )


async def add_action(transaction: Transaction, action: Action) -> None:
    """Write an action, for the reader whose transaction it is."""
    await transaction.execute(
        insert(meeting_actions).values(
            organisation=str(transaction.organisation),
            id=action.id,
            meeting=action.meeting,
            agency=action.agency,
            council=action.council,
            owner=action.owner,
            words=action.words,
            due_on=action.due_on,
            done_by="",
            done_words="",
        )
    )


async def action(transaction: Transaction, action: UUID, *, held: bool = False) -> Action | None:
    """One action, if it is the reader's to see."""
    query = select(meeting_actions).where(A.id == action)
    row = (await transaction.execute(query.with_for_update() if held else query)).one_or_none()
    return _action(row) if row else None


async def done(transaction: Transaction, action: UUID, *, at: datetime, by: str, words: str) -> None:
    """An action was done, for the reader whose transaction it is."""
    await transaction.execute(update(meeting_actions).where(A.id == action).values(done_at=at, done_by=by, done_words=words))


async def open_actions(transaction: Transaction, *, agency: str | None = None, council: str | None = None) -> list[Action]:
    """The actions not done: about an agency or a council, if either is named; else all the reader may see."""
    about = [A.agency == agency if agency else false(), A.council == council if council else false()]
    wanted = or_(*about) if agency or council else true()
    rows = await transaction.execute(select(meeting_actions).where(A.done_at.is_(None), wanted).order_by(A.due_on, A.id).limit(MOST))
    return [_action(row) for row in rows]


async def last_annual_meetings(transaction: Transaction) -> dict[str, date]:
    """Of each agency the UK day of its last annual provider meeting that was held."""
    day = func.max(func.date(func.timezone("Europe/London", M.starts_at))).label("day")
    query = select(M.agency, day).where(M.kind == MeetingKind.ANNUAL_PROVIDER, M.state == MeetingState.HELD, M.agency.is_not(None))
    return {row.agency: row.day for row in await transaction.execute(query.group_by(M.agency))}


def _values(meeting: Meeting) -> dict[str, Any]:
    plan = meeting.plan
    return {
        "kind": plan.kind,
        "agency": plan.agency,
        "council": plan.council,
        "placement": plan.placement,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "place": plan.place,
        "leads": plan.leads,
        "lead_person": plan.lead_person,
        "state": meeting.state,
        "version": meeting.version,
        "changed_at": meeting.changed_at,
        "planned_by": meeting.planned_by,
        "reason": meeting.reason,
        "attendance": list(meeting.attendance),
        "pack": meeting.pack,
        "pack_made_at": meeting.pack_made_at,
    }


def _meeting(row: Row[Any], findings: tuple[Finding, ...] = (), actions: tuple[Action, ...] = ()) -> Meeting:
    plan = Plan(
        MeetingKind(row.kind),
        row.agency,
        row.council,
        row.placement,
        row.starts_at,
        row.ends_at,
        row.place,
        row.leads,
        row.lead_person,
    )
    state, version = MeetingState(row.state), row.version
    return Meeting(
        row.id,
        plan,
        state,
        version,
        row.changed_at,
        row.planned_by,
        row.reason,
        tuple(row.attendance),
        row.pack,
        row.pack_made_at,
        findings,
        actions,
    )


def _action(row: Row[Any]) -> Action:
    return Action(row.id, row.meeting, row.agency, row.council, row.owner, row.words, row.due_on, row.done_at, row.done_by, row.done_words)
