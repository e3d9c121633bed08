"""What happens in a placement and tells how it goes: missing episodes, complaints, allegations, disruption meetings. Codes and dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from referrals.domain.agreement_terms import first_day
from referrals.domain.placement import Placement, PlacementState
from shared.refusals import Reason


class EventKind(StrEnum):
    """What happened."""

    MISSING_EPISODE = "missing_episode"
    COMPLAINT = "complaint"
    ALLEGATION = "allegation"
    DISRUPTION_MEETING = "disruption_meeting"


class ComplaintBy(StrEnum):
    """Who complained."""

    CHILD = "child"
    PARENT = "parent"
    CARER = "carer"
    SCHOOL = "school"
    OTHER = "other"


class RetractionReason(StrEnum):
    """Why an event does not count any more. The record of it stays."""

    ENTERED_IN_ERROR = "entered_in_error"
    RECORDED_TWICE = "recorded_twice"
    ANOTHER_CHILD = "another_child"


@dataclass(frozen=True)
class PlacementEvent:
    """One event. ``until`` is the day a missing child came back (None: still missing); ``author`` the organisation that recorded it.

    ``shared``: the placement's agency may read it. What the council records of a complaint or an allegation it shares only if it says so:
    who is alleged to have done something is not told by a list.
    """

    id: UUID
    placement: UUID
    kind: EventKind
    happened_on: date
    author: str
    by: str
    at: datetime
    shared: bool = True
    until: date | None = None
    interview_offered: bool | None = None
    complaint_by: ComplaintBy | None = None
    retracted_at: datetime | None = None
    retraction_reason: RetractionReason | None = None

    @property
    def counts(self) -> bool:
        """Whether it was not taken back."""
        return self.retracted_at is None


def event_broken_rules(placement: Placement, event: PlacementEvent, others: Iterable[PlacementEvent], today: date) -> tuple[Reason, ...]:
    """Why an event cannot be so: a day to come or outside the placement, a return from nothing, an episode inside another."""
    return tuple(_event(placement, event, others, today))


def _event(placement: Placement, event: PlacementEvent, others: Iterable[PlacementEvent], today: date) -> Iterator[Reason]:
    missing = event.kind is EventKind.MISSING_EPISODE
    if event.happened_on > today:
        yield Reason("on", "not_in_the_future", "Record this on the day it happens, not before.")
    left = placement.ending.ended_on if placement.ending else None
    if event.happened_on < first_day(placement) or (left is not None and event.happened_on > left):
        yield Reason("on", "within_the_placement", "The child did not live in this placement then.")
    if not missing and (event.until is not None or event.interview_offered is not None):
        yield Reason("until", "of_a_missing_episode", "Only a missing episode has a day of coming back and a return interview.")
    if (event.complaint_by is not None) != (event.kind is EventKind.COMPLAINT):
        yield Reason("complaint_by", "of_a_complaint", "Say of a complaint who complained, and of nothing else.")
    yield from _came_back(event, today)
    same = [each for each in others if each.kind is event.kind and each.counts and each.id != event.id]
    if missing and any(_overlap(each, event) for each in same):
        yield Reason(
            "on", "one_episode_at_a_time", "The record says that the child was missing then already: record first that it came back."
        )


def _came_back(event: PlacementEvent, today: date) -> Iterator[Reason]:
    if event.until is not None and event.until < event.happened_on:
        yield Reason("until", "not_before_start", "A child cannot come back before it went missing.")
    if event.until is not None and event.until > today:
        yield Reason("until", "not_in_the_future", "Record that the child came back on the day it does, not before.")
    if event.interview_offered is not None and event.until is None:
        yield Reason("interview_offered", "after_return", "A return interview is offered when the child is back: give until as well.")


def closing_broken_rules(event: PlacementEvent, today: date) -> tuple[Reason, ...]:
    """Why the end of a missing episode, as ``event`` now says it, cannot be recorded."""
    return tuple(_came_back(event, today))


def _overlap(one: PlacementEvent, other: PlacementEvent) -> bool:
    return (one.until is None or other.happened_on < one.until) and (other.until is None or one.happened_on < other.until)


def shared_unless_said(kind: EventKind, by_council: bool) -> bool:
    """Whether the agency may read an event where nothing is said: all it recorded itself, and of the council's what accuses nobody."""
    return not by_council or kind in (EventKind.MISSING_EPISODE, EventKind.DISRUPTION_MEETING)


def may_be_recorded(placement: Placement) -> bool:
    """Whether anything can have happened in it: it began."""
    return placement.state in (PlacementState.STARTED, PlacementState.ENDED)
