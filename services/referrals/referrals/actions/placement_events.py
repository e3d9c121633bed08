"""What happens in a placement, recorded by the council or by the agency whose carers the child lives with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from referrals.actions import said_of_placements as said
from referrals.domain import placement_events as rules
from referrals.domain.placement import Placement
from referrals.domain.placement_events import ComplaintBy, EventKind, PlacementEvent, RetractionReason
from referrals.store import placements
from referrals.store import stability as store
from shared import clock, ids
from shared.organisation import Kind, Organisation
from shared.refusals import Reason, conflict, invalid, not_allowed, not_found
from shared.tenancy import Transaction

_OTHER_SIDES = "The other side recorded this: it is theirs to close and to take back."


@dataclass(frozen=True)
class Happened:
    """What is said to have happened. ``shared`` None: as it is for this kind where nothing is said."""

    kind: EventKind
    on: date
    until: date | None
    interview_offered: bool | None
    complaint_by: ComplaintBy | None
    shared: bool | None


async def events(transaction: Transaction, placement: UUID) -> Sequence[PlacementEvent]:
    """What the asking side may read of what happened in a placement, oldest first, what was taken back included."""
    found = await placements.one(transaction, placement)
    return (await store.events_of(transaction, [found]))[placement]


async def record(transaction: Transaction, placement: UUID, happened: Happened, *, subject: str) -> PlacementEvent:
    """Record an event of a placement that began."""
    held, others = await _held(transaction, placement)
    if not rules.may_be_recorded(held):
        words = "Nothing has happened in this placement yet: record first that the child moved in."
        raise conflict(words, Reason("placement", "began", words))
    by_council = transaction.organisation.kind is Kind.COUNCIL
    if happened.shared is not None and not by_council:
        words = "What your agency records, the child's council always reads: leave this out."
        raise invalid(Reason("shared", "by_the_council", words))
    event = PlacementEvent(
        id=ids.new_id(),
        placement=placement,
        kind=happened.kind,
        happened_on=happened.on,
        author=str(transaction.organisation),
        by=subject,
        at=clock.now(),
        shared=rules.shared_unless_said(happened.kind, by_council) if happened.shared is None else happened.shared,
        until=happened.until,
        interview_offered=happened.interview_offered,
        complaint_by=happened.complaint_by,
    )
    if broken := rules.event_broken_rules(held, event, others, clock.today()):
        raise invalid(*broken)
    await store.add_event(transaction, held, event)
    await said.event_counted(transaction, held, event)
    return event


async def came_back(transaction: Transaction, placement: UUID, event: UUID, until: date, interview_offered: bool) -> PlacementEvent:
    """Record that a missing child came back, and whether a return interview was offered; by the side that recorded it missing."""
    held, events = await _held(transaction, placement)
    found = _event(events, event)
    if found.kind is not EventKind.MISSING_EPISODE or found.until is not None or not found.counts:
        words = "This is no missing episode that still lasts."
        raise conflict(words, Reason("event", "still_missing", words))
    after = replace(found, until=until, interview_offered=interview_offered)
    if broken := rules.closing_broken_rules(after, clock.today()):
        raise invalid(*broken)
    return await _changed(transaction, held, after)


async def retract(transaction: Transaction, placement: UUID, event: UUID, reason: RetractionReason) -> PlacementEvent:
    """Take back an event that was recorded wrongly: it counts no more, and stays to be read; by the side that recorded it."""
    held, events = await _held(transaction, placement)
    found = _event(events, event)
    if not found.counts:
        words = "This was taken back already."
        raise conflict(words, Reason("event", "counts", words))
    after = await _changed(transaction, held, replace(found, retracted_at=clock.now(), retraction_reason=reason))
    await said.event_counted(transaction, held, after)
    return after


async def _held(transaction: Transaction, placement: UUID) -> tuple[Placement, list[PlacementEvent]]:
    """The placement held until the transaction ends, and what the asking side may read of what happened in it."""
    found = await placements.one(transaction, placement)
    # The placement is the council's row to hold; its agency has proven above, under its own row security, that it is the provider.
    async with transaction.acting_as(Organisation.parse(found.council)):
        held = await placements.get(transaction, placement, to_change=True)
        assert held is not None, "a placement is never deleted"
    return held, (await store.events_of(transaction, [held]))[placement]


def _event(events: Sequence[PlacementEvent], event: UUID) -> PlacementEvent:
    for each in events:
        if each.id == event:
            return each
    raise not_found("event of this placement")


async def _changed(transaction: Transaction, placement: Placement, event: PlacementEvent) -> PlacementEvent:
    if not await store.change_event(transaction, placement, event):
        raise not_allowed(_OTHER_SIDES, Reason("event", "recorded_by_you", _OTHER_SIDES))
    return event
