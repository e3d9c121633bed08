"""A referral: what a child, or brothers and sisters together, need of a home, and how far the search has come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from referrals.domain.ages import ADULT
from referrals.domain.blurs import Blur
from referrals.domain.reasons import ASKABLE_LATE, InHouseReason, WithdrawalReason
from referrals.domain.ssda903 import FOSTERING_PLACES, good_code, refusal_words
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Siblings, Urgency
from shared.refusals import Reason

MOST_CHILDREN = 8
URGENT_WITHIN = timedelta(days=1)


class State(StrEnum):
    """How far a referral has come. ``in_house_decided``: no carer of the council's own, so agencies may be asked."""

    DRAFT = "draft"
    IN_HOUSE = "in_house"
    BED_ASKED = "in_house_bed_asked"
    IN_HOUSE_DECIDED = "in_house_decided"
    BROADCAST = "broadcast"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"


OPEN = frozenset(State) - {State.PLACED, State.WITHDRAWN}
SENT = frozenset({State.IN_HOUSE, State.BED_ASKED, State.IN_HOUSE_DECIDED, State.BROADCAST})
"""States in which somebody outside the placements team has seen the referral: a change is an amendment they are told of."""


class Near(StrEnum):
    """What the home should be near."""

    HOME = "home"
    SCHOOL = "school"
    CONTACT = "contact"
    WORSHIP = "worship"
    HEALTH = "health"


@dataclass(frozen=True)
class NearDistrict:
    """A place the home should be near, as a postcode district, with how often the child goes there in a week."""

    what: Near
    district: str
    visits_per_week: Decimal | None = None


@dataclass(frozen=True)
class ChildNeeds:
    """One child of the referral: the record in the vault by its id, and what a home must bring for this child."""

    child: UUID
    languages: tuple[str, ...] = ("en",)
    religion: Religion | None = None
    essential_needs: tuple[Need, ...] = ()
    preferred_needs: tuple[Need, ...] = ()
    risks_to_child: tuple[RiskToChild, ...] = ()
    risks_to_others: tuple[RiskToOthers, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What is asked for. No free text anywhere: free text is where identity leaks, so it has a place of its own (``domain.words``)."""

    lot: str
    kind: PlacementKind
    place: str
    urgency: Urgency
    planned: bool
    needed_by: date
    siblings: Siblings
    children: tuple[ChildNeeds, ...]
    expected_weeks: int | None = None
    near: tuple[NearDistrict, ...] = ()
    avoid_districts: tuple[str, ...] = ()
    preferred_miles: int | None = None
    re_referral_of: UUID | None = None
    blurred: tuple[Blur, ...] = ()
    """What is shown less exactly to whoever the referral is sent to."""


@dataclass(frozen=True)
class Referral:
    """A council's referral at one version. Times are aware; ``closes_at`` is set when it is sent."""

    id: UUID
    council: str
    reference: str
    version: int
    state: State
    terms: Terms
    created_at: datetime
    created_by: str
    sent_in_house_at: datetime | None = None
    broadcast_at: datetime | None = None
    closes_at: datetime | None = None
    in_house_reason: InHouseReason | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: WithdrawalReason | None = None


@dataclass(frozen=True)
class Lot:
    """A lot of the framework, as heard from ``providers``."""

    code: str
    kinds: frozenset[PlacementKind]
    ends_on: date
    age_bands: tuple[tuple[int, int], ...] = ()
    """From and to in years, both included: those its prices go by."""


def place_code_of(kind: PlacementKind) -> str:
    """The PLACE code a fostering placement of that kind has with a carer who is no relative or friend."""
    return {PlacementKind.LONG_TERM: "U4", PlacementKind.FOSTERING_FOR_ADOPTION: "U5"}.get(kind, "U6")


_LONG_TERM = frozenset({"U1", "U4"})
_TO_ADOPT = frozenset({"U2", "U5"})


def _place_fits(kind: PlacementKind, place: str) -> bool:
    if kind is PlacementKind.LONG_TERM:
        return place in _LONG_TERM
    if kind is PlacementKind.FOSTERING_FOR_ADOPTION:
        return place in _TO_ADOPT
    return place not in _LONG_TERM | _TO_ADOPT


def broken_rules(terms: Terms, today: date, lot: Lot | None, ages: Mapping[UUID, int]) -> tuple[Reason, ...]:
    """Every rule a referral breaks, for today's UK date.

    ``lot`` is None when no such lot was heard of; ``ages`` are today's, in years, of those of its children that are the council's own
    records.
    """
    return (
        *_broken_terms(terms, today),
        *_broken_lot(terms, today, lot),
        *_broken_children(terms, ages),
        *_broken_places(terms),
    )


def _broken_terms(terms: Terms, today: date) -> Iterator[Reason]:
    if terms.needed_by < today:
        yield Reason("needed_by", "not_in_the_past", "The date the home is needed has passed; give today's date or a later one.")
    if terms.urgency in ASKABLE_LATE and terms.needed_by - today > URGENT_WITHIN:
        yield Reason(
            "urgency", "urgent_means_now", "A home needed later than tomorrow is not urgent: choose planned, or bring the date forward."
        )
    if terms.urgency in ASKABLE_LATE and terms.planned:
        yield Reason("planned", "urgent_is_not_planned", "An emergency or same-day placement is not a planned one: set planned to false.")
    if not good_code("PLACE", terms.place, terms.needed_by):
        yield Reason("place", "ssda903_code", refusal_words("PLACE", terms.needed_by))
    elif terms.place not in FOSTERING_PLACES:
        yield Reason("place", "foster_care", "A fostering lot gives foster care: use one of U1 to U6.")
    elif not _place_fits(terms.kind, terms.place):
        yield Reason(
            "place", "fits_kind", "PLACE and kind disagree: U1 and U4 are long term, U2 and U5 fostering for adoption, U3 and U6 the rest."
        )


def _broken_lot(terms: Terms, today: date, lot: Lot | None) -> Iterator[Reason]:
    if lot is None:
        yield Reason("lot", "known", "There is no such lot in the framework; GET /lots of the providers service lists them.")
    elif lot.ends_on < today:
        yield Reason("lot", "not_ended", "This lot's framework has ended; choose a lot that is running.")
    elif terms.kind not in lot.kinds:
        yield Reason("kind", "of_the_lot", f"This lot is for {', '.join(sorted(lot.kinds))}: choose another kind or another lot.")


def _broken_children(terms: Terms, ages: Mapping[UUID, int]) -> Iterator[Reason]:
    count = len(terms.children)
    if not 1 <= count <= MOST_CHILDREN:
        yield Reason("children", "one_to_eight", f"Name from one to {MOST_CHILDREN} children.")
    if len({needs.child for needs in terms.children}) != count:
        yield Reason("children", "each_once", "The same child is named twice.")
    if (count == 1) != (terms.siblings is Siblings.ONLY_CHILD):
        yield Reason("siblings", "fits_children", "One child is only_child; more than one is together or apart_if_needed.")
    for number, needs in enumerate(terms.children):
        if needs.child not in ages:
            yield Reason(f"children.{number}.child", "own_record", "There is no such child in your records; search, then record it.")
        elif ages[needs.child] >= ADULT:
            yield Reason(f"children.{number}.child", "under_18", "This child is 18 or older and can no longer be referred.")
        if set(needs.essential_needs) & set(needs.preferred_needs):
            yield Reason(f"children.{number}.preferred_needs", "not_also_essential", "A need is either essential or preferred, not both.")
        wanted = {*needs.essential_needs, *needs.preferred_needs}
        if {Need.NO_PETS, Need.PETS_WELCOME} <= wanted:
            yield Reason(f"children.{number}.essential_needs", "pets_or_none", "A home cannot both have no pets and welcome one.")


def _broken_places(terms: Terms) -> Iterator[Reason]:
    if {place.district for place in terms.near} & set(terms.avoid_districts):
        yield Reason("avoid_districts", "not_also_near", "A district to be near cannot also be one to avoid.")


class Act(StrEnum):
    """What a person may do with a referral."""

    CHANGE = "change"
    SEND_IN_HOUSE = "send_in_house"
    DECIDE_IN_HOUSE = "decide_in_house"
    BROADCAST = "broadcast"
    WITHDRAW = "withdraw"
    MEASURE = "measure"


_ALLOWED: Mapping[Act, frozenset[State]] = {
    Act.CHANGE: OPEN - {State.BED_ASKED},
    Act.SEND_IN_HOUSE: frozenset({State.DRAFT}),
    Act.DECIDE_IN_HOUSE: frozenset({State.IN_HOUSE}),
    Act.BROADCAST: frozenset({State.IN_HOUSE_DECIDED}),
    Act.WITHDRAW: OPEN,
    Act.MEASURE: frozenset(State) - {State.WITHDRAWN},
}

_NEXT: Mapping[State, str] = {
    State.DRAFT: "This referral is a draft: send it to your own fostering service first (POST …/in-house).",
    State.IN_HOUSE: "Your own fostering service has been asked and no decision is recorded: record it first (POST …/in-house-decision).",
    State.BED_ASKED: "A bed with your own carer has been asked for and the answer is on its way: read the referral again in a moment.",
    State.IN_HOUSE_DECIDED: "Your in-house decision is recorded: broadcast the referral (POST …/broadcast), amend it or withdraw it.",
    State.BROADCAST: "This referral has been sent to every provider of the lot: amend or withdraw it, or choose one of the offers.",
    State.PLACED: "A home has been agreed for this referral. If another is needed, make a new referral naming this one as re_referral_of.",
    State.WITHDRAWN: "This referral was withdrawn. If a home is needed after all, make a new referral naming this one as re_referral_of.",
}


def refusal(act: Act, state: State) -> str | None:
    """Why this cannot be done to a referral in this state, and what to do next; None when it can."""
    return None if state in _ALLOWED[act] else _NEXT[state]
