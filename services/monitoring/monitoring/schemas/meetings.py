"""Meetings as they are planned, held and shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from monitoring.actions.meetings import Overdue, Seen
from monitoring.domain.meeting import Action, FindingCode, Meeting, MeetingKind, MeetingState, Plan
from monitoring.domain.short_words import MOST, NEVER_A_CHILD
from monitoring.store.calendar_feeds import Feed
from shared.written import Day, Moment

Words = Annotated[str, Field(max_length=4 * MOST, description=NEVER_A_CHILD)]
Office = Annotated[str, Field(min_length=1, max_length=100, description="an office, or the name of a member of staff")]


class NewMeeting(BaseModel):
    """A meeting to be planned, or planned otherwise."""

    model_config = ConfigDict(extra="forbid")

    kind: MeetingKind
    agency: str | None = Field(default=None, pattern=r"^(SC[0-9]{6}|[0-9]{7})$")
    council: str | None = Field(default=None, pattern=r"^E[0-9]{8}$")
    placement: UUID | None = Field(default=None, description="of a disruption meeting: the placement it is about, by its id alone")
    starts_at: Moment = Field(description="with its offset, so that the hour is not ambiguous", examples=["2026-03-12T10:00:00+00:00"])
    ends_at: Moment
    place: Annotated[str, Field(min_length=1, max_length=120, description="a code or a few words, never a carer's address")]
    leads: str = Field(pattern=r"^(consortium|council:E[0-9]{8}|agency:(SC[0-9]{6}|[0-9]{7}))$", examples=["consortium"])
    lead_person: Office

    def plan(self) -> Plan:
        """As a plan."""
        return Plan(
            self.kind,
            self.agency,
            self.council,
            self.placement,
            self.starts_at,
            self.ends_at,
            self.place,
            self.leads,
            self.lead_person,
        )


class NewFinding(BaseModel):
    """What a meeting found: a code, and a few words."""

    model_config = ConfigDict(extra="forbid")

    code: FindingCode
    words: Words


class NewFindings(BaseModel):
    """Findings to write down."""

    model_config = ConfigDict(extra="forbid")

    findings: list[NewFinding] = Field(min_length=1, max_length=50)

    def found(self) -> list[tuple[FindingCode, str]]:
        """As values."""
        return [(each.code, each.words) for each in self.findings]


class NewHolding(BaseModel):
    """That a meeting was held."""

    model_config = ConfigDict(extra="forbid")

    attendance: list[Office] = Field(min_length=1, max_length=60)
    findings: list[NewFinding] = Field(default_factory=list, max_length=50)

    def found(self) -> list[tuple[FindingCode, str]]:
        """As values."""
        return [(each.code, each.words) for each in self.findings]


class NewCancellation(BaseModel):
    """Why a meeting is cancelled."""

    model_config = ConfigDict(extra="forbid")

    reason: Words


class NewMeetingAction(BaseModel):
    """What somebody is to do until a day."""

    model_config = ConfigDict(extra="forbid")

    owner: str = Field(pattern=r"^(consortium|council:E[0-9]{8}|agency:(SC[0-9]{6}|[0-9]{7}))$")
    words: Words
    due_on: Day


class NewCompletion(BaseModel):
    """That an action was done."""

    model_config = ConfigDict(extra="forbid")

    words: Words = ""


class FindingShown(BaseModel):
    """One finding."""

    number: int
    code: FindingCode
    words: str
    found_by: str
    found_at: datetime


class ActionShown(BaseModel):
    """One action."""

    id: UUID
    meeting: UUID
    agency: str | None
    council: str | None
    owner: str
    words: str
    due_on: date
    done_at: datetime | None
    done_by: str
    done_words: str

    @classmethod
    def of(cls, given: Action) -> Self:
        """As kept."""
        return cls(
            id=given.id,
            meeting=given.meeting,
            agency=given.agency,
            council=given.council,
            owner=given.owner,
            words=given.words,
            due_on=given.due_on,
            done_at=given.done_at,
            done_by=given.done_by,
            done_words=given.done_words,
        )


class MeetingLine(BaseModel):
    """A meeting in a list."""

    id: UUID
    kind: MeetingKind
    agency: str | None
    council: str | None
    starts_at: datetime
    ends_at: datetime
    place: str
    leads: str
    lead_person: str
    state: MeetingState
    version: int

    @classmethod
    def of(cls, given: Meeting) -> Self:
        """As kept."""
        return cls(**_line(given))


class MeetingShown(MeetingLine):
    """One meeting: its pack as it was made, who attended, what was found, and every action open or of its own."""

    placement: UUID | None
    planned_by: str
    reason: str
    attendance: list[str]
    pack: dict[str, Any] | None
    pack_made_at: datetime | None
    findings: list[FindingShown]
    actions: list[ActionShown]
    carried: list[ActionShown] = Field(description="actions of earlier meetings about the same agency or council that are not done")

    @classmethod
    def seen(cls, given: Seen) -> Self:
        """As kept."""
        meeting = given.meeting
        return cls(
            **_line(meeting),
            placement=meeting.plan.placement,
            planned_by=meeting.planned_by,
            reason=meeting.reason,
            attendance=list(meeting.attendance),
            pack=meeting.pack,
            pack_made_at=meeting.pack_made_at,
            findings=[
                FindingShown(number=f.number, code=f.code, words=f.words, found_by=f.found_by, found_at=f.found_at)
                for f in meeting.findings
            ],
            actions=[ActionShown.of(each) for each in meeting.actions],
            carried=[ActionShown.of(each) for each in given.carried],
        )


class Meetings(BaseModel):
    """Meetings in the order of their start; at most a thousand."""

    items: list[MeetingLine]


class WithoutAnnualMeeting(BaseModel):
    """An agency that had no annual provider meeting for twelve months."""

    agency: str
    name: str
    last_held_on: date | None


class OverdueShown(BaseModel):
    """What is late."""

    meetings: list[MeetingLine]
    actions: list[ActionShown]
    without_annual_meeting: list[WithoutAnnualMeeting]

    @classmethod
    def of(cls, given: Overdue) -> Self:
        """As worked out."""
        return cls(
            meetings=[MeetingLine.of(each) for each in given.meetings],
            actions=[ActionShown.of(each) for each in given.actions],
            without_annual_meeting=[
                WithoutAnnualMeeting(agency=agency, name=name, last_held_on=last) for agency, name, last in given.without_annual_meeting
            ],
        )


class FeedShown(BaseModel):
    """One of your calendar addresses, without its secret."""

    id: UUID
    made_at: datetime

    @classmethod
    def of(cls, given: Feed) -> Self:
        """As kept."""
        return cls(id=given.id, made_at=given.made_at)


class FeedMade(FeedShown):
    """A new calendar address. Whoever has it reads your organisation's meetings: it is shown this once."""

    address: str


class Feeds(BaseModel):
    """Your calendar addresses."""

    items: list[FeedShown]


def _line(given: Meeting) -> dict[str, Any]:
    plan = given.plan
    return {
        "id": given.id,
        "kind": plan.kind,
        "agency": plan.agency,
        "council": plan.council,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "place": plan.place,
        "leads": plan.leads,
        "lead_person": plan.lead_person,
        "state": given.state,
        "version": given.version,
    }
