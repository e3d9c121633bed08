"""Events that ``referrals`` publishes: what every provider of the lot may see of a child, and placements as bare facts."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.envelope import Contract, Event
from shared.contracts.words import (
    District,
    LanguageCode,
    LotCode,
    Need,
    OnsCode,
    PlaceChangeReason,
    PlacementKind,
    ProviderCode,
    Religion,
    RiskToChild,
    RiskToOthers,
    Sex,
    Siblings,
    Urgency,
)
from shared.written import Day, Moment


class ChildView(Contract):
    """One child as providers see it: no name, birth date, address, school or number."""

    child_number: int = Field(ge=1, description="1 for the first child of the referral, 2 for the second …")
    age_years: int = Field(ge=0, le=17)
    age_months: int | None = Field(default=None, ge=0, le=23, description="only for a child under two")
    age_to_years: int | None = Field(
        default=None, ge=0, le=17, description="where the age is shown as a band: from age_years to this, both included"
    )
    sex: Sex
    languages: tuple[LanguageCode, ...] = ("en",)
    religion: Religion | None = None
    essential_needs: tuple[Need, ...] = ()
    preferred_needs: tuple[Need, ...] = ()
    risks_to_child: tuple[RiskToChild, ...] = ()
    risks_to_others: tuple[RiskToOthers, ...] = ()


class NearPlace(Contract):
    """A place the home should be near, as a postcode district."""

    what: str = Field(description="home, school, contact, worship or health")
    district: District
    visits_per_week: Decimal | None = None


class ReferralView(Contract):
    """A referral as every provider of the lot may see it. This, and nothing else of a child, is on the bus."""

    referral: UUID
    reference: str
    council: OnsCode
    lot: LotCode
    urgency: Urgency
    kind: PlacementKind
    needed_by: Day
    planned: bool
    closes_at: Moment
    expected_weeks: int | None = None
    siblings: Siblings
    children: tuple[ChildView, ...]
    home_district: District | None = None
    near: tuple[NearPlace, ...] = ()
    avoid_districts: tuple[District, ...] = ()
    preferred_miles: int | None = None
    re_referral_of: UUID | None = None
    has_words: bool = Field(
        default=False, description="there are words to be read: GET /referrals/{referral}/words of the referrals service"
    )


class ReferralCreated(Event, type="referral.created"):
    """A council began a referral. Bare facts for counting demand. Subject: the referral."""

    referral: UUID
    council: OnsCode
    lot: LotCode
    urgency: Urgency
    kind: PlacementKind
    planned: bool
    ages: tuple[int, ...]
    needed_by: Day
    re_referral_of: UUID | None = None


class ReferralSentInHouse(Event, type="referral.sent_in_house"):
    """A council asks its own fostering service first. Only that council's own carers are looked at. Subject: the referral."""

    view: ReferralView


class ReferralBroadcast(Event, type="referral.broadcast"):
    """A referral was sent to every provider of the lot at once. Subject: the referral."""

    view: ReferralView
    in_house_reason: str
    """The coded reason why no in-house carer was taken."""


class ReferralAmended(Event, type="referral.amended"):
    """A sent referral changed; replaces what providers saw. Subject: the referral."""

    view: ReferralView
    changed: tuple[str, ...]


class ReferralWithdrawn(Event, type="referral.withdrawn"):
    """A council withdrew a referral. Subject: the referral."""

    referral: UUID
    council: OnsCode
    reason: str
    side: str


class InHouseMatchTaken(Event, type="in_house_match.taken"):
    """A council chose one of its own carers; ``providers`` is asked for the bed. Subject: the referral."""

    match: UUID
    referral: UUID
    council: OnsCode
    vacancy: UUID
    beds: int


class WithinTwentyMiles(StrEnum):
    """Whether home and carer are within 20 miles: settled on full postcodes, or undecided."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class PlacementAgreed(Event, type="placement.agreed"):
    """A placement was agreed: who provides it, at what weekly price. Never which child. Subject: the placement."""

    placement: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    vacancy: UUID
    hold: UUID
    offer: UUID | None
    lot: LotCode
    kind: PlacementKind
    children: int
    ages: tuple[int, ...]
    tier: int | None
    pounds_per_week: Decimal
    starts_on: Day
    within_20_miles: WithinTwentyMiles
    agreed_at: Moment


class PlacementStarted(Event, type="placement.started"):
    """The child moved in. Subject: the placement."""

    placement: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    vacancy: UUID
    hold: UUID
    started_on: Day
    numbers_in_year: tuple[int, ...]
    """For each child: its how-manyeth placement this is in the return year (1 April to 31 March), one continuing over
    1 April counted. Stability 1 is counted from these without any key that follows a child."""


class PlacementEnded(Event, type="placement.ended"):
    """The child moved out; planned or not, with the national return's reason. Subject: the placement."""

    placement: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    vacancy: UUID
    hold: UUID
    started_on: Day
    ended_on: Day
    planned: bool
    reason: PlaceChangeReason
    children: int


class PlacementCancelled(Event, type="placement.cancelled"):
    """An agreed placement never began; the held bed comes free. Subject: the placement."""

    placement: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    vacancy: UUID
    hold: UUID
    reason: str


class Side(StrEnum):
    """Which side of a placement did something."""

    COUNCIL = "council"
    PROVIDER = "provider"


class PlacementNoticeGiven(Event, type="placement.notice_given"):
    """One side gave notice; the agreement ends on ``ends_on``. Never why: reasons tell of the child or the carer. Subject: the notice."""

    notice: UUID
    placement: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    by: Side
    notice_on: Day
    """The day it was given."""
    ends_on: Day


class PlacementNoticeWithdrawn(Event, type="placement.notice_withdrawn"):
    """The side that gave notice took it back; the placement goes on. Subject: the notice."""

    notice: UUID
    placement: UUID
    council: OnsCode
    provider: ProviderCode


class CountedEventKind(StrEnum):
    """What happens in placements and is counted by month."""

    MISSING_EPISODE = "missing_episode"
    COMPLAINT = "complaint"
    ALLEGATION = "allegation"
    DISRUPTION_MEETING = "disruption_meeting"


class PlacementEventsCounted(Event, type="placement_events.counted"):
    """How many such events a council's records hold of one provider and month. Subject: council, provider, month and kind.

    Counts alone, of no placement and no child: who went missing, or is alleged to have done something, does not travel. The provider
    may be told only of ``shared_count``, the events that it may itself read.
    """

    council: OnsCode
    provider: ProviderCode
    month: Day
    """Its first day."""
    kind: CountedEventKind
    count: int
    shared_count: int


class CouncilStabilityCounted(Event, type="council_stability.counted"):
    """Stability 2 of the national statistics, counted by one council of its own children. Subject: the ONS code and the day."""

    council: OnsCode
    as_of: Day
    looked_after_long: int
    """Children under 16 looked after for two and a half years or more."""
    same_placement: int
    """Of those, living in the same placement for two years or more."""


class CouncilSettingsChanged(Event, type="council_settings.changed"):
    """A council's administrator changed what is its own. The key and anything secret stay behind. Subject: the ONS code."""

    council: OnsCode
    weights: dict[str, Decimal]
    """Weight of each part of fit: distance (to home), school, contact, siblings, language, culture, religion, skills,
    other_children, carer_preferences. A part not named weighs nothing."""
    approval_miles: int
    effective_from: Moment


class CountedTrait(Contract):
    """What children are counted by: an attribute and its value, as ``sex`` and ``F``."""

    attribute: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]
    value: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,30}$")]


class CountedChildren(Contract):
    """How many of a council's looked-after children have all these traits: rounded to five, or None for one to four."""

    of: tuple[CountedTrait, ...]
    children: int | None


class CouncilCountsRecorded(Event, type="council_counts.recorded"):
    """A council counted the children it looks after. Rounded aggregates alone, and of few children nothing jointly. Subject: the ONS code.

    It is told in the consortium's name and of no council's child, so that it reaches every council's database.
    """

    counted_by: OnsCode
    as_of: Day
    total: int
    cells: tuple[CountedChildren, ...]
