"""The year's meetings: planned, a pack generated, held, with findings and actions that are carried on until done.

A meeting concerns an agency, a council, both, or (a forum) everybody. It names no child: a disruption meeting names at most the
placement's id. Times are the United Kingdom's, with an offset, so that no hour is ambiguous.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.organisation import CONSORTIUM, Kind, Organisation
from shared.refusals import Reason


class MeetingKind(StrEnum):
    """What sort of meeting it is."""

    ANNUAL_PROVIDER = "annual_provider_meeting"
    MONITORING_VISIT = "monitoring_visit"
    FORUM = "provider_forum"
    CHALLENGE = "challenge_meeting"
    DISRUPTION = "disruption_meeting"


TITLES = {
    MeetingKind.ANNUAL_PROVIDER: "Annual provider meeting",
    MeetingKind.MONITORING_VISIT: "Monitoring visit",
    MeetingKind.FORUM: "Provider forum",
    MeetingKind.CHALLENGE: "Challenge meeting",
    MeetingKind.DISRUPTION: "Disruption meeting",
}
NEEDS_AGENCY = frozenset({MeetingKind.ANNUAL_PROVIDER, MeetingKind.MONITORING_VISIT})
LONGEST = timedelta(days=2)
EVERY_MONTHS = 12
"""An agency without an annual meeting for so many months is overdue one."""


class MeetingState(StrEnum):
    """How far a meeting is."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class FindingCode(StrEnum):
    """What a finding is about."""

    GOOD_PRACTICE = "good_practice"
    STABILITY = "stability"
    ANSWERING = "answering_referrals"
    CAPACITY = "capacity"
    PRICE = "price"
    WORKFORCE = "workforce"
    TRAINING = "training"
    RECORDS = "records_and_returns"
    PROCESS = "process"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned: the kind, whom it concerns, when and where, who leads."""

    kind: MeetingKind
    agency: str | None
    council: str | None
    placement: UUID | None
    starts_at: datetime
    ends_at: datetime
    place: str
    leads: str
    """The organisation that leads it, as row security names it."""
    lead_person: str
    """An office or the name of a member of staff."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a meeting found."""

    number: int
    code: FindingCode
    words: str
    found_by: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody is to do until a day; carried into every next meeting about the same agency or council until it is done."""

    id: UUID
    meeting: UUID
    agency: str | None
    council: str | None
    owner: str
    words: str
    due_on: date
    done_at: datetime | None = None
    done_by: str = ""
    done_words: str = ""

    def overdue(self, today: date) -> bool:
        """Past its day and not done; the day itself still counts."""
        return self.done_at is None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as it stands. ``version`` grows with every change, and is what calendars know it by."""

    id: UUID
    plan: Plan
    state: MeetingState
    version: int
    changed_at: datetime
    planned_by: str
    reason: str = ""
    """Why it was cancelled."""
    attendance: tuple[str, ...] = ()
    pack: dict[str, Any] | None = None
    pack_made_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    actions: tuple[Action, ...] = ()

    def overdue(self, now: datetime) -> bool:
        """Its time is over and nobody said that it was held, or cancelled it."""
        return self.state is MeetingState.PLANNED and self.plan.ends_at < now


def readers_of(plan: Plan, everybody: Sequence[str]) -> tuple[str, ...]:
    """Whose a meeting is to see: the consortium's, the council's and the agency's it concerns; a forum is everybody's."""
    if plan.kind is MeetingKind.FORUM and plan.agency is None and plan.council is None:
        return tuple(dict.fromkeys((str(CONSORTIUM), *everybody)))
    concerned = (f"council:{plan.council}" if plan.council else None, f"agency:{plan.agency}" if plan.agency else None)
    return (str(CONSORTIUM), *(each for each in concerned if each))


def may_plan(plan: Plan, organisation: Organisation) -> bool:
    """The consortium plans any meeting; a council those that concern it."""
    return organisation.kind is Kind.CONSORTIUM or (organisation.kind is Kind.COUNCIL and plan.council == organisation.code)


def may_run(meeting: Meeting, organisation: Organisation) -> bool:
    """The consortium and whoever leads a meeting change, hold and cancel it."""
    return organisation.kind is Kind.CONSORTIUM or meeting.plan.leads == str(organisation)


def faults_of_plan(plan: Plan, *, now: datetime, past_allowed: bool = False) -> tuple[Reason, ...]:
    """Every rule a plan breaks: an agency or somebody it concerns, times in order, not in the past, a lead who is concerned."""
    found = []
    if plan.kind in NEEDS_AGENCY and plan.agency is None:
        found.append(Reason("agency", "agency_named", "Say which agency this meeting is with: its Ofsted number."))
    if plan.kind in (MeetingKind.CHALLENGE, MeetingKind.DISRUPTION) and plan.council is None:
        found.append(Reason("council", "council_named", "Say which council this meeting is with: its ONS code."))
    if plan.placement is not None and plan.kind is not MeetingKind.DISRUPTION:
        found.append(Reason("placement", "only_of_a_disruption", "Only a disruption meeting is about one placement. Leave it out."))
    if plan.ends_at <= plan.starts_at:
        found.append(Reason("ends_at", "ends_after_it_starts", "The end is not after the start. Swap them, or change one."))
    elif plan.ends_at - plan.starts_at > LONGEST:
        found.append(Reason("ends_at", "at_most_two_days", "A meeting lasts at most two days. Plan several."))
    if not past_allowed and plan.starts_at <= now:
        found.append(Reason("starts_at", "not_in_the_past", "Plan a meeting for a time that is still to come."))
    if plan.leads not in readers_of(plan, ()):
        found.append(
            Reason("leads", "lead_is_concerned", "The lead is the consortium, or the council or agency that the meeting concerns.")
        )
    return tuple(found)


def why_not_now(meeting: Meeting) -> Reason | None:
    """Why a meeting can no longer be changed; None when it can."""
    if meeting.state is MeetingState.CANCELLED:
        return Reason("meeting", "not_cancelled", "This meeting was cancelled. Plan a new one.")
    if meeting.state is MeetingState.HELD:
        return Reason("meeting", "not_held_yet", "This meeting was held: its time and its pack stay as they were.")
    return None


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the month's last where it has no such day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def without_annual_meeting(agencies: Sequence[str], last_held: dict[str, date], *, today: date) -> list[tuple[str, date | None]]:
    """The agencies whose last annual provider meeting was held more than twelve months ago, or never, with that day; never first."""
    since = months_before(today, EVERY_MONTHS)
    late = [(agency, last_held.get(agency)) for agency in agencies if (held := last_held.get(agency)) is None or held < since]
    return sorted(late, key=lambda each: (each[1] or date.min, each[0]))
