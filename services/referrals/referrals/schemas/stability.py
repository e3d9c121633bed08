"""Bodies about what happens in placements, reviews due, and the stability watch. Codes and dates: no words about a child."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from referrals.actions.placement_events import Happened
from referrals.actions.reviews_due import Waiting, WaitsForReview
from referrals.actions.watch import Watched
from referrals.domain.placement_events import ComplaintBy, EventKind, PlacementEvent, RetractionReason
from referrals.domain.review_dates import DueReview, ReviewState
from referrals.domain.stability import Done, Flag, Look, Sign
from referrals.schemas.body import Body
from shared.written import Day, YesOrNo


class EventHappened(Body):
    """Something that happened in a placement."""

    kind: EventKind
    on: Day = Field(description="of a missing episode, the day it began")
    until: Day | None = Field(default=None, description="of a missing episode: the day the child came back; leave out while it is missing")
    interview_offered: YesOrNo | None = Field(default=None, description="of a missing episode that is over: a return interview was offered")
    complaint_by: ComplaintBy | None = Field(default=None, description="of a complaint: who complained")
    shared: YesOrNo | None = Field(
        default=None, description="council only: whether the agency reads it; unless said, not if it is a complaint or an allegation"
    )

    def happened(self) -> Happened:
        """As the rules take it."""
        return Happened(**self.model_dump())


class CameBack(Body):
    """A missing child came back."""

    until: Day
    interview_offered: YesOrNo = Field(description="whether a return interview was offered")


class Retraction(Body):
    """Why an event does not count."""

    reason: RetractionReason


class EventBody(BaseModel):
    """One event, as a side that may read it sees it."""

    id: UUID
    placement: UUID
    kind: EventKind
    on: date
    until: date | None
    interview_offered: bool | None
    complaint_by: ComplaintBy | None
    recorded_by: str = Field(description="the organisation")
    shared: bool
    at: datetime
    retracted_at: datetime | None
    retraction_reason: RetractionReason | None

    @classmethod
    def of(cls, event: PlacementEvent) -> Self:
        """The event as shown."""
        return cls(
            id=event.id,
            placement=event.placement,
            kind=event.kind,
            on=event.happened_on,
            until=event.until,
            interview_offered=event.interview_offered,
            complaint_by=event.complaint_by,
            recorded_by=event.author,
            shared=event.shared,
            at=event.at,
            retracted_at=event.retracted_at,
            retraction_reason=event.retraction_reason,
        )


class EventsBody(BaseModel):
    """What happened in a placement, oldest first."""

    items: list[EventBody]


class ReviewDateBody(BaseModel):
    """One date on which a review was or is due."""

    number: int = Field(description="1 for the first since the child began to be looked after; 0 where the beginning is not known here")
    due_on: date
    state: ReviewState
    held_on: date | None
    days_late: int

    @classmethod
    def of(cls, found: DueReview) -> Self:
        """As shown."""
        return cls(number=found.number, due_on=found.due_on, state=found.state, held_on=found.held_on, days_late=found.days_late)


class ReviewDates(BaseModel):
    """The review dates of a child's newest time in care, oldest first; none when the child was never looked after."""

    items: list[ReviewDateBody]


class WaitsBody(BaseModel):
    """A looked-after child and its next review. The child is named by its record's number alone."""

    child: UUID
    due_on: date = Field(description="the oldest date without its review")
    state: Waiting
    days_overdue: int
    missed: list[date] = Field(description="dates passed since the last review was held")
    next_due_on: date

    @classmethod
    def of(cls, waits: WaitsForReview) -> Self:
        """As shown."""
        return cls(
            child=waits.child,
            due_on=waits.due_on,
            state=waits.state,
            days_overdue=waits.days_overdue,
            missed=[each.due_on for each in waits.missed],
            next_due_on=waits.next.due_on,
        )


class RecordBody(BaseModel):
    """A record behind a reason."""

    kind: str
    on: date
    id: UUID | None


class FlagBody(BaseModel):
    """One reason why a placement needs looking at."""

    sign: Sign
    words: str
    since: date
    child_number: int | None = Field(description="which child of the placement, where it is one child's")
    new: bool = Field(description="it came after an officer last looked")
    records: list[RecordBody]

    @classmethod
    def of(cls, flag: Flag, new: bool) -> Self:
        """As shown."""
        records = [RecordBody(kind=each.kind, on=each.on, id=each.id) for each in flag.records]
        return cls(sign=flag.sign, words=flag.words, since=flag.since, child_number=flag.child_number, new=new, records=records)


class LookBody(BaseModel):
    """That an officer looked, and what is done."""

    done: Done
    by_date: date | None
    looked_on: date
    by: str

    @classmethod
    def of(cls, look: Look) -> Self:
        """As shown."""
        return cls(done=look.done, by_date=look.by_date, looked_on=look.looked_on, by=look.by)


class LookTaken(Body):
    """What is done about a flagged placement, and by when."""

    done: Done
    by_date: Day | None = None


class WatchedBody(BaseModel):
    """A placement with every reason why it needs looking at."""

    placement: UUID
    reference: str
    provider: str
    provider_name: str | None
    household: UUID
    started_on: date | None
    reasons: list[FlagBody]
    last_look: LookBody | None

    @classmethod
    def of(cls, watched: Watched) -> Self:
        """As shown today."""
        placement = watched.placement
        return cls(
            placement=placement.id,
            reference=placement.reference,
            provider=placement.provider,
            provider_name=watched.provider_name,
            household=placement.household,
            started_on=placement.started_on,
            reasons=[FlagBody.of(flag, new) for flag, new in zip(watched.flags, watched.new, strict=True)],
            last_look=LookBody.of(watched.last) if watched.last else None,
        )


class WatchedOne(WatchedBody):
    """One placement, flagged or not, with every look at it, newest first."""

    looks: list[LookBody] = []
