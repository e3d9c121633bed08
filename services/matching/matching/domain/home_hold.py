"""Short holds on homes: how long, when one may be taken, when it blocks another council, and whose turn it is afterwards.

A hold keeps beds of one home for one council while it decides. It ends at its moment whether or not anything notes that it did:
every question here is asked with ``now``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from matching.domain.faults import Fault
from matching.domain.offer import OfferState
from matching.domain.working_days import working_days_after
from shared.contracts.words import Urgency
from shared.uk_time import in_uk_words

LONGEST = timedelta(days=7)
"""No hold lasts longer, whatever is set and however many bank holidays lie in between."""

ANSWER_WITHIN = timedelta(hours=2)
"""How long a chosen offer waits for its bed to be held or refused. It takes a second when every service runs."""


class HoldEnd(StrEnum):
    """Why a hold ended."""

    CHOSEN = "chosen"
    """The council chose the home and its bed was taken."""
    GIVEN_BACK = "given_back"
    EXPIRED = "expired"
    BED_GONE = "bed_gone"
    """The home has too few beds left: its provider took them off the list, or a choice made before the hold took them."""
    OFFER_ENDED = "offer_ended"
    """The offer it was taken for was withdrawn or released."""


@dataclass(frozen=True, slots=True)
class HoldLengths:
    """How long a hold lasts, the same for every council of the consortium, because it keeps the others waiting."""

    emergency_minutes: int = 60
    same_day_minutes: int = 120
    planned_working_days: int = 1
    long_term_working_days: int = 2
    version: int = 0


_LIMITS = {
    "emergency_minutes": (15, 240, "minutes from 15 to 240"),
    "same_day_minutes": (15, 480, "minutes from 15 to 480"),
    "planned_working_days": (1, 2, "one or two working days"),
    "long_term_working_days": (1, 3, "one to three working days"),
}


def faults_in_lengths(lengths: HoldLengths) -> tuple[Fault, ...]:
    """Every length outside its limits, and an emergency that may be held for longer than a same-day referral."""
    found = [
        Fault(name, "within_limits", f"Give {words}.")
        for name, (least, most, words) in _LIMITS.items()
        if not least <= getattr(lengths, name) <= most
    ]
    if lengths.same_day_minutes < lengths.emergency_minutes:
        found.append(Fault("same_day_minutes", "emergency_first", "A same-day hold cannot be shorter than one in an emergency."))
    if lengths.long_term_working_days < lengths.planned_working_days:
        found.append(Fault("long_term_working_days", "planned_first", "A long-term hold cannot be shorter than a planned one."))
    return tuple(found)


def expires_at(urgency: Urgency, now: datetime, lengths: HoldLengths) -> datetime:
    """When a hold taken now ends: minutes on the clock for an emergency or the same day, else the same hour working days later."""
    match urgency:
        case Urgency.EMERGENCY:
            wanted = now + timedelta(minutes=lengths.emergency_minutes)
        case Urgency.SAME_DAY:
            wanted = now + timedelta(minutes=lengths.same_day_minutes)
        case Urgency.PLANNED:
            wanted = working_days_after(now, lengths.planned_working_days)
        case Urgency.LONG_TERM:
            wanted = working_days_after(now, lengths.long_term_working_days)
    return min(wanted, now + LONGEST)


@dataclass(frozen=True, slots=True)
class HomeHold:
    """Beds of one home kept for one council while it decides."""

    hold: UUID
    council: str
    vacancy: UUID
    referral: UUID
    offer: UUID
    beds: int
    taken_at: datetime
    expires_at: datetime
    cools_until: datetime
    """Until then this council may not hold this home again while others are interested: they come first."""
    chosen_at: datetime | None = None
    ended_at: datetime | None = None
    end: HoldEnd | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it blocks others: not ended, and not at or past its moment, whether or not a sweep has noted it."""
        return self.ended_at is None and now < self.expires_at

    def ended_without_choice(self, now: datetime) -> bool:
        """Whether its council let it run out or gave it back."""
        return not self.is_live(now) and self.end in (None, HoldEnd.EXPIRED, HoldEnd.GIVEN_BACK)

    def cools(self, now: datetime) -> bool:
        """Whether it ended without a choice so lately that others come first."""
        return self.ended_without_choice(now) and now < self.cools_until


def cooling_until(ended_at: datetime, taken_at: datetime, expires_at: datetime) -> datetime:
    """The others get as long as the hold was meant to last, from the moment it ended."""
    return ended_at + (expires_at - taken_at)


def beds_of_others(holds: Iterable[HomeHold], council: str, now: datetime) -> int:
    """Beds that live holds keep for other councils."""
    return sum(hold.beds for hold in holds if hold.council != council and hold.is_live(now))


def faults_of_taking(
    holds: Iterable[HomeHold],
    *,
    council: str,
    referral: UUID,
    offer_state: OfferState,
    free_beds: int,
    beds: int,
    others_interested: bool,
    now: datetime,
) -> tuple[Fault, ...]:
    """Every reason why a council may not hold a home now. ``holds``: those of the home, and the council's own for the referral.

    Refused: an offer that is not shortlisted; a home held for another council or without the beds; a second hold of this council
    on the home or for the referral; and coming back while it is the others' turn.
    """
    found = list(holds)
    return tuple(_taking(found, council, referral, offer_state, free_beds, beds, others_interested, now))


def _taking(
    holds: list[HomeHold],
    council: str,
    referral: UUID,
    offer_state: OfferState,
    free_beds: int,
    beds: int,
    others_interested: bool,
    now: datetime,
) -> Iterable[Fault]:
    if offer_state is not OfferState.SHORTLISTED:
        yield Fault("offer", "from_the_shortlist", "Put this offer on your shortlist first: a hold is for a home you are deciding on.")
    mine = [hold for hold in holds if hold.council == council]
    if any(hold.is_live(now) and hold.referral == referral for hold in mine):
        yield Fault("referral", "one_hold_a_referral", "You are holding a home for this referral already. Give that one back first.")
    elif any(hold.is_live(now) for hold in mine):
        yield Fault("offer", "one_hold_a_home", "You are holding this home for another of your referrals already.")
    kept = beds_of_others(holds, council, now)
    if free_beds < beds:
        yield Fault("offer", "beds_free", "The home has no longer the beds for this referral. Look at the options again.")
    elif free_beds - kept < beds:
        yield held_by_another(holds, council, now)
    cooling = [hold.cools_until for hold in mine if hold.cools(now)]
    if cooling and others_interested:
        yield Fault(
            "offer",
            "others_have_their_turn",
            "Your hold on this home ended without a choice, and others are interested: it is their turn. "
            f"You may hold it again from {in_uk_words(max(cooling))}, or choose it at any time while nobody else holds it.",
        )


def held_by_another(holds: Iterable[HomeHold], council: str, now: datetime) -> Fault:
    """What a council is told whose way another's hold is in: until when, and never whose."""
    until = max(hold.expires_at for hold in holds if hold.council != council and hold.is_live(now))
    return Fault(
        "offer",
        "home_not_held_for_another",
        f"Another council holds this home while it decides, until {in_uk_words(until)} at the latest. "
        "Look again then, or choose another option.",
    )


def faults_of_choosing(holds: Iterable[HomeHold], *, council: str, free_beds: int, beds: int, now: datetime) -> tuple[Fault, ...]:
    """Whether holds of other councils stand in the way of choosing a home. Beds gone altogether are told when the bed is asked for."""
    found = list(holds)
    kept = beds_of_others(found, council, now)
    return (held_by_another(found, council, now),) if kept and free_beds - kept < beds else ()


def not_covered(holds: Iterable[HomeHold], free_beds: int, now: datetime) -> tuple[HomeHold, ...]:
    """The live holds for which a home has no beds left, those taken last first; one whose choice is under way keeps its place."""
    left, gone = free_beds, []
    for hold in sorted(
        (hold for hold in holds if hold.is_live(now) and hold.chosen_at is None), key=lambda hold: (hold.taken_at, hold.hold)
    ):
        if hold.beds <= left:
            left -= hold.beds
        else:
            gone.append(hold)
    return tuple(gone)


class HoldView(StrEnum):
    """How a home stands with a council that looks at it."""

    FREE = "free"
    YOURS = "yours"
    ANOTHER_COUNCIL = "another_council"
    OTHERS_TURN = "others_turn"


@dataclass(frozen=True, slots=True)
class HomeSeen:
    """A home as one council sees it among its options: numbers and moments, never whose."""

    view: HoldView
    until: datetime | None
    offered_for_others: int
    """How many other referrals it is offered for."""
    free_again_since: datetime | None
    """When the last hold on it ended without a choice: the same moment for all who are interested."""


def seen_by(
    holds: Iterable[HomeHold],
    *,
    council: str,
    referral: UUID,
    free_beds: int,
    beds: int,
    others: int,
    other_councils: bool,
    now: datetime,
) -> HomeSeen:
    """How a home stands with this council for this referral. ``others``: how many referrals it is offered for besides this one."""
    found = list(holds)
    since = max((hold.ended_at or hold.expires_at for hold in found if hold.ended_without_choice(now)), default=None)
    mine = [hold for hold in found if hold.council == council]
    for hold in mine:
        if hold.is_live(now) and hold.referral == referral:
            return HomeSeen(HoldView.YOURS, hold.expires_at, others, since)
    kept = beds_of_others(found, council, now)
    if kept and free_beds - kept < beds:
        until = max(hold.expires_at for hold in found if hold.council != council and hold.is_live(now))
        return HomeSeen(HoldView.ANOTHER_COUNCIL, until, others, None)
    cooling = [hold.cools_until for hold in mine if hold.cools(now)]
    if cooling and other_councils:
        return HomeSeen(HoldView.OTHERS_TURN, max(cooling), others, since)
    return HomeSeen(HoldView.FREE, None, others, since)
