"""Which placements need looking at, and why: every reason with its dates and the records behind it, never a score.

Reasons are counted, not weighed. A placement with more reasons is listed first; among those with as many, the one whose oldest reason is
oldest. Source: Bournemouth's weekly review and fortnightly stability report (domain §3). How many missing episodes or complaints
within how many days is the council's own setting, because no source was read for a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from referrals.domain.agreement import Notice
from referrals.domain.agreement_due import Due, DueState
from referrals.domain.placement_events import EventKind, PlacementEvent
from referrals.domain.placement_rules import PlacementRules
from referrals.domain.review_dates import DueReview
from referrals.domain.ssda903 import return_year

REVIEWS_MISSED = 2
"""So many review dates passed in a row: one may be an accident."""
PLACEMENTS_IN_YEAR = 3
"""From the third in a return year a child counts as unstable in the national statistics (domain §7, stability 1)."""


class Sign(StrEnum):
    """Why a placement needs looking at."""

    REVIEWS_MISSED = "reviews_missed"
    MISSING_NOW = "missing_now"
    MISSING_EPISODES = "missing_episodes"
    NOTICE_GIVEN = "notice_given"
    COMPLAINTS = "complaints"
    ALLEGATION = "allegation"
    THIRD_PLACEMENT = "third_placement_in_year"
    AGREEMENT_OVERDUE = "agreement_overdue"


_ORDER: Mapping[Sign, int] = {sign: place for place, sign in enumerate(Sign)}


@dataclass(frozen=True)
class Record:
    """A record behind a reason: which kind, on which day, and its id where it has one."""

    kind: str
    on: date
    id: UUID | None = None


@dataclass(frozen=True)
class Flag:
    """One reason: what, in words, since which day, and the records behind it, oldest first."""

    sign: Sign
    words: str
    since: date
    records: tuple[Record, ...]
    child_number: int | None = None

    @property
    def key(self) -> tuple[str, int, date]:
        """What tells it from another reason, and from the same one come anew."""
        return self.sign, self.child_number or 0, self.since


@dataclass(frozen=True)
class Lasting:
    """A placement that began and has not ended: as much of it as finding the reasons needs, since a council has hundreds. ``children``:
    whose it is, in the referral's order; ``lacks_agreement``: it is with an agency, and no full agreement is signed by both sides."""

    id: UUID
    council: str
    began_on: date
    children: tuple[UUID, ...]
    lacks_agreement: bool


@dataclass(frozen=True)
class Facts:
    """What is recorded of a placement that lasts. Per child, in the referral's order: review dates missed since the last one held, and the
    how-manyeth placement of its return year this is. ``due`` while the full agreement is missing."""

    started_on: date
    reviews_missed: Sequence[Sequence[DueReview]] = ()
    numbers_in_year: Sequence[int] = ()
    events: Sequence[PlacementEvent] = ()
    notice: Notice | None = None
    due: Due | None = None


def flags(facts: Facts, rules: PlacementRules, today: date) -> tuple[Flag, ...]:
    """Every reason why the placement needs looking at today, in the order of the signs; none: it needs none."""
    found = [*_of_the_children(facts, today), *_of_what_happened(facts, rules, today), *_of_the_agreement(facts)]
    return tuple(sorted(found, key=lambda flag: (_ORDER[flag.sign], flag.child_number or 0)))


def _of_the_children(facts: Facts, today: date) -> Iterator[Flag]:
    for number, missed in enumerate(facts.reviews_missed, start=1):
        if len(missed) >= REVIEWS_MISSED:
            words = f"{len(missed)} reviews in a row were not held: they were due on {_days(review.due_on for review in missed)}."
            records = tuple(Record("review_due", review.due_on) for review in missed)
            yield Flag(Sign.REVIEWS_MISSED, words, missed[REVIEWS_MISSED - 1].due_on, records, number)
    this_year = return_year(facts.started_on) == return_year(today)
    for number, count in enumerate(facts.numbers_in_year, start=1):
        if this_year and count >= PLACEMENTS_IN_YEAR:
            words = f"This is placement number {count} of the child in the year from 1 April."
            yield Flag(Sign.THIRD_PLACEMENT, words, facts.started_on, (Record("placement_started", facts.started_on),), number)


def _of_what_happened(facts: Facts, rules: PlacementRules, today: date) -> Iterator[Flag]:
    begins = today - timedelta(rules.watch_days)
    counting = sorted((event for event in facts.events if event.counts), key=lambda event: (event.happened_on, event.id))
    if not counting:
        return
    away = [event for event in counting if event.kind is EventKind.MISSING_EPISODE and event.until is None]
    if away:
        words = f"The child has been missing since {_day(away[0].happened_on)}."
        yield Flag(Sign.MISSING_NOW, words, away[0].happened_on, _records(away))
    recent = {kind: [event for event in counting if event.kind is kind and event.happened_on > begins] for kind in EventKind}
    # An episode that began earlier and reached into these days counts as well.
    recent[EventKind.MISSING_EPISODE] = [
        event for event in counting if event.kind is EventKind.MISSING_EPISODE and (event.until is None or event.until > begins)
    ]
    for sign, kind, least, noun in (
        (Sign.MISSING_EPISODES, EventKind.MISSING_EPISODE, rules.missing_episodes, "missing episodes"),
        (Sign.COMPLAINTS, EventKind.COMPLAINT, rules.complaints, "complaints"),
    ):
        if len(recent[kind]) >= least:
            words = f"{len(recent[kind])} {noun} in {rules.watch_days} days: {_days(event.happened_on for event in recent[kind])}."
            yield Flag(sign, words, recent[kind][least - 1].happened_on, _records(recent[kind]))
    if alleged := recent[EventKind.ALLEGATION]:
        words = f"An allegation was recorded on {_days(event.happened_on for event in alleged)}."
        yield Flag(Sign.ALLEGATION, words, alleged[0].happened_on, _records(alleged))


def _of_the_agreement(facts: Facts) -> Iterator[Flag]:
    if facts.notice is not None:
        side = facts.notice.author.partition(":")[0]
        words = f"The {side} gave notice on {_day(facts.notice.given_on)} ({facts.notice.reason.replace('_', ' ')}): "
        words += f"it ends on {_day(facts.notice.ends_on)}."
        yield Flag(Sign.NOTICE_GIVEN, words, facts.notice.given_on, (Record("notice", facts.notice.given_on, facts.notice.id),))
    if facts.due is not None and facts.due.state is DueState.OVERDUE:
        words = f"The full agreement was due on {_day(facts.due.due_on)} and is not signed by both sides."
        yield Flag(Sign.AGREEMENT_OVERDUE, words, facts.due.due_on + timedelta(1), (Record("agreement_due", facts.due.due_on),))


def _records(events: Sequence[PlacementEvent]) -> tuple[Record, ...]:
    return tuple(Record(event.kind, event.happened_on, event.id) for event in events)


def _days(days: Iterable[date]) -> str:
    return ", ".join(_day(day) for day in days)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


class Done(StrEnum):
    """What an officer does about a flagged placement."""

    VISIT = "visit"
    CHALLENGE_MEETING = "challenge_meeting"
    DISRUPTION_MEETING = "disruption_meeting"
    SUPPORT_FOR_CARER = "support_for_carer"
    SUPPORT_FOR_CHILD = "support_for_child"
    REVIEW_ARRANGED = "review_arranged"
    NEW_SEARCH = "new_search"
    SAFEGUARDING_ENQUIRY = "safeguarding_enquiry"
    NOTHING_NEEDED = "nothing_needed"


@dataclass(frozen=True)
class Look:
    """That an officer looked at a flagged placement: what is done and by when, and each reason as it stood then."""

    id: UUID
    done: Done
    by_date: date | None
    keys: frozenset[tuple[str, int, date]]
    by: str
    looked_on: date


def new_since(found: Sequence[Flag], last: Look | None) -> tuple[bool, ...]:
    """For each reason, whether it came after an officer last looked."""
    return tuple(last is None or flag.key not in last.keys for flag in found)


def place_in_list(found: Sequence[Flag], placement: UUID) -> tuple[int, date, UUID]:
    """Where a flagged placement stands: more reasons first, then the oldest reason, then the placement's id."""
    return -len(found), min(flag.since for flag in found), placement
