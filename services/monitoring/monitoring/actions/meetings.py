"""The year's meetings as people plan, prepare and hold them; each change is written for everybody the meeting concerns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from monitoring.domain.meeting import (
    Action,
    Finding,
    FindingCode,
    Meeting,
    MeetingKind,
    MeetingState,
    Plan,
    faults_of_plan,
    may_plan,
    may_run,
    readers_of,
    why_not_now,
    without_annual_meeting,
)
from monitoring.domain.short_words import faults_of_words
from monitoring.store import meetings, reference
from shared import clock, ids
from shared.organisation import CONSORTIUM, Kind, Organisation
from shared.refusals import Reason, conflict, invalid, not_allowed, not_found
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Seen:
    """A meeting, and the actions of earlier ones about the same agency or council that are not done."""

    meeting: Meeting
    carried: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is late: meetings nobody held, actions not done, agencies without an annual meeting for twelve months."""

    meetings: tuple[Meeting, ...]
    actions: tuple[Action, ...]
    without_annual_meeting: tuple[tuple[str, str, date | None], ...]
    """Agency, its name, the day of its last annual meeting."""


async def plan(transaction: Transaction, given: Plan, *, by: str) -> Seen:
    """Plan a meeting. Refused: who may not (403); with every broken rule, an unknown agency or council among them."""
    if not may_plan(given, transaction.organisation):
        raise not_allowed("The consortium plans any meeting; a council those that concern it.")
    now = clock.now()
    faults = (*await _unknown(transaction, given), *faults_of_plan(given, now=now), *_words_of(given))
    if faults:
        raise invalid(*faults)
    made = Meeting(ids.new_id(), given, MeetingState.PLANNED, 1, now, by)
    everybody: list[str] = []
    if given.kind is MeetingKind.FORUM:
        everybody = [f"council:{code}" for code in await reference.councils(transaction)]
        everybody += [f"agency:{urn}" for urn in await reference.agency_names(transaction)]
    readers = readers_of(given, everybody)
    await _for_each(transaction, readers, lambda: meetings.add(transaction, made, readers))
    return await see(transaction, made.id)


async def change(transaction: Transaction, meeting: UUID, given: Plan, *, expect: Callable[[int], None]) -> Seen:
    """Plan a meeting otherwise, before it is held: another time, place or lead; whom it concerns stays."""
    held = await _held(transaction, meeting)
    expect(held.version)
    _still_planned(held)
    now = clock.now()
    changed = replace(
        held.plan,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        place=given.place,
        leads=given.leads,
        lead_person=given.lead_person,
    )
    faults = (*faults_of_plan(changed, now=now), *_words_of(changed))
    if (given.kind, given.agency, given.council, given.placement) != (
        held.plan.kind,
        held.plan.agency,
        held.plan.council,
        held.plan.placement,
    ):
        faults = (*faults, Reason("kind", "concerns_the_same", "Whom a meeting concerns stays. Cancel this one and plan another."))
    if faults:
        raise invalid(*faults)
    return await _put(transaction, replace(held, plan=changed, version=held.version + 1, changed_at=now))


async def cancel(transaction: Transaction, meeting: UUID, reason: str) -> Seen:
    """Cancel a meeting that was not held. It stays on record, and calendars are told."""
    held = await _held(transaction, meeting)
    _still_planned(held)
    if faults := faults_of_words("reason", reason, today=clock.today(), needed=True):
        raise invalid(*faults)
    cancelled = replace(held, state=MeetingState.CANCELLED, reason=reason.strip(), version=held.version + 1, changed_at=clock.now())
    return await _put(transaction, cancelled)


async def hold_meeting(
    transaction: Transaction, meeting: UUID, *, attendance: Sequence[str], findings: Sequence[tuple[FindingCode, str]], by: str
) -> Seen:
    """A meeting was held: who attended, by office or name of staff, and what it found. Refused before it has begun."""
    held = await _held(transaction, meeting)
    _still_planned(held)
    now = clock.now()
    faults = [fault for place, each in enumerate(attendance) for fault in faults_of_words(f"attendance.{place}", each, today=clock.today())]
    faults += _faults_of_findings(findings)
    if held.plan.starts_at > now:
        faults.append(Reason("meeting", "has_begun", "This meeting has not begun. Say that it was held when it was."))
    if faults:
        raise invalid(*faults)
    stands = replace(held, state=MeetingState.HELD, attendance=tuple(attendance), version=held.version + 1, changed_at=now)
    await _put(transaction, stands)
    return await _find(transaction, stands, findings, by)


async def add_findings(transaction: Transaction, meeting: UUID, findings: Sequence[tuple[FindingCode, str]], *, by: str) -> Seen:
    """Write down what a meeting found, at it or after it."""
    held = await _held(transaction, meeting)
    if held.state is not MeetingState.HELD:
        raise conflict("Findings are written down when the meeting was held.", Reason("meeting", "was_held", "Say first that it was held."))
    if faults := _faults_of_findings(findings):
        raise invalid(*faults)
    return await _find(transaction, held, findings, by)


async def add_action(transaction: Transaction, meeting: UUID, *, owner: str, words: str, due_on: date) -> Seen:
    """Agree what one of those concerned is to do until a day. It is carried into every next meeting until it is done."""
    held = await _held(transaction, meeting)
    if held.state is MeetingState.CANCELLED:
        raise conflict("This meeting was cancelled.", Reason("meeting", "not_cancelled", "Plan a new one."))
    readers = await _readers(transaction, meeting)
    faults = list(faults_of_words("words", words, today=clock.today(), needed=True))
    if owner not in readers:
        faults.append(
            Reason("owner", "owner_is_concerned", "The owner is the consortium, or a council or agency that the meeting concerns.")
        )
    if due_on < clock.today():
        faults.append(Reason("due_on", "not_in_the_past", "Name a day that is still to come, or today."))
    if faults:
        raise invalid(*faults)
    made = Action(ids.new_id(), meeting, held.plan.agency, held.plan.council, owner, words.strip(), due_on)
    await _for_each(transaction, readers, lambda: meetings.add_action(transaction, made))
    return await see(transaction, meeting)


async def complete(transaction: Transaction, action: UUID, *, words: str, by: str) -> Action:
    """An action was done; its owner says so, or the consortium. Refused: others (403), what was done before (409)."""
    seen = await meetings.action(transaction, action)
    if seen is None:
        raise not_found("action")
    asking = transaction.organisation
    if asking.kind is not Kind.CONSORTIUM and seen.owner != str(asking):
        raise not_allowed("Whoever is to do it says that it is done, or the consortium.")
    if faults := faults_of_words("words", words, today=clock.today()):
        raise invalid(*faults)
    async with transaction.acting_as(CONSORTIUM):  # each reader's row of one action tells the same; the consortium's is held first
        held = await meetings.action(transaction, action, held=True)
    if held is None or held.done_at is not None:
        raise conflict("This action was done already.", Reason("action", "not_done", "It is on record as done."))
    now = clock.now()
    readers = await _readers(transaction, seen.meeting)
    await _for_each(transaction, readers, lambda: meetings.done(transaction, action, at=now, by=by, words=words.strip()))
    return replace(held, done_at=now, done_by=by, done_words=words.strip())


async def see(transaction: Transaction, meeting: UUID) -> Seen:
    """One meeting, with the open actions carried into it; refused when it is not the caller's to see."""
    found = await meetings.one(transaction, meeting)
    if found is None:
        raise not_found("meeting")
    return Seen(found, await carried_into(transaction, found))


async def carried_into(transaction: Transaction, meeting: Meeting) -> tuple[Action, ...]:
    """The actions of other meetings about the same agency or council that are not done."""
    found = await meetings.open_actions(transaction, agency=meeting.plan.agency, council=meeting.plan.council)
    if meeting.plan.agency is None and meeting.plan.council is None:
        found = [each for each in found if each.agency is None and each.council is None]
    return tuple(each for each in found if each.meeting != meeting.id)


async def listed(
    transaction: Transaction,
    *,
    first: datetime | None,
    last: datetime | None,
    kind: MeetingKind | None,
    agency: str | None,
    council: str | None,
    state: MeetingState | None,
) -> list[Meeting]:
    """The caller's meetings that start in a span."""
    return await meetings.between(transaction, first=first, last=last, kind=kind, agency=agency, council=council, state=state)


async def overdue(transaction: Transaction) -> Overdue:
    """What is late among what the caller may see."""
    now, today = clock.now(), clock.today()
    planned = await meetings.between(transaction, last=now, state=MeetingState.PLANNED)
    asking = transaction.organisation
    names = await reference.agency_names(transaction) if asking.kind is not Kind.COUNCIL else {}
    if asking.kind is Kind.AGENCY:
        names = {asking.code: names.get(asking.code, asking.code)}
    without = without_annual_meeting(sorted(names), await meetings.last_annual_meetings(transaction), today=today)
    return Overdue(
        tuple(each for each in planned if each.overdue(now)),
        tuple(each for each in await meetings.open_actions(transaction) if each.overdue(today)),
        tuple((agency, names[agency], last) for agency, last in without),
    )


async def held_by_those_who_run_it(transaction: Transaction, meeting: UUID) -> Meeting:
    """A meeting held for a change, for those who may run it."""
    return await _held(transaction, meeting)


async def put(transaction: Transaction, meeting: Meeting) -> Seen:
    """Write how a meeting stands for everybody it concerns."""
    return await _put(transaction, meeting)


async def _held(transaction: Transaction, meeting: UUID) -> Meeting:
    seen = await meetings.one(transaction, meeting)
    if seen is None:
        raise not_found("meeting")
    if not may_run(seen, transaction.organisation):
        raise not_allowed("Whoever leads this meeting changes it, or the consortium.")
    async with transaction.acting_as(CONSORTIUM):  # each reader's row of one meeting tells the same; the consortium's is held first
        held = await meetings.hold(transaction, meeting)
    assert held is not None
    return held


def _still_planned(meeting: Meeting) -> None:
    if why := why_not_now(meeting):
        raise conflict(why.message, why)


async def _put(transaction: Transaction, meeting: Meeting) -> Seen:
    await _for_each(transaction, await _readers(transaction, meeting.id), lambda: meetings.put(transaction, meeting))
    return await see(transaction, meeting.id)


async def _find(transaction: Transaction, meeting: Meeting, findings: Sequence[tuple[FindingCode, str]], by: str) -> Seen:
    readers, now, known = await _readers(transaction, meeting.id), clock.now(), len(meeting.findings)
    made = [Finding(known + place, code, words.strip(), by, now) for place, (code, words) in enumerate(findings, start=1)]

    async def write() -> None:
        for each in made:
            await meetings.add_finding(transaction, meeting.id, each)

    await _for_each(transaction, readers, write)
    return await see(transaction, meeting.id)


async def _readers(transaction: Transaction, meeting: UUID) -> tuple[str, ...]:
    return await meetings.readers(transaction, meeting)


async def _for_each(transaction: Transaction, readers: Sequence[str], write: Callable[[], Awaitable[None]]) -> None:
    for reader in readers:
        # By right of what the meeting concerns: each of these was named when it was planned.
        async with transaction.acting_as(Organisation.parse(reader)):
            await write()


def _faults_of_findings(findings: Sequence[tuple[FindingCode, str]]) -> list[Reason]:
    today = clock.today()
    return [
        fault
        for place, (_, words) in enumerate(findings)
        for fault in faults_of_words(f"findings.{place}.words", words, today=today, needed=True)
    ]


def _words_of(given: Plan) -> tuple[Reason, ...]:
    today = clock.today()
    return (*faults_of_words("place", given.place, today=today), *faults_of_words("lead_person", given.lead_person, today=today))


async def _unknown(transaction: Transaction, given: Plan) -> list[Reason]:
    found = []
    if given.council is not None and given.council not in await reference.councils(transaction):
        found.append(Reason("council", "council_known", "No council with this ONS code is in the consortium."))
    if given.agency is not None and not await reference.agency_known(transaction, given.agency):
        found.append(Reason("agency", "agency_known", "No agency with this Ofsted number is recorded."))
    return found
