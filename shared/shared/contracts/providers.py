"""Events that ``providers`` publishes: the consortium, its agencies, tiers, and vacancies without addresses."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.envelope import Contract, Event
from shared.contracts.words import (
    AgencyUrn,
    AreaCode,
    District,
    LanguageCode,
    LotCode,
    Need,
    OfstedRating,
    OnsCode,
    PlacementKind,
    ProviderCode,
    Religion,
    RiskToChild,
    RiskToOthers,
    Sector,
    Sex,
)
from shared.written import Day, Moment


class CouncilRecorded(Event, type="council.recorded"):
    """A council joined the consortium, or its record changed. Subject: the ONS code."""

    council: OnsCode
    name: str
    joined_on: Day
    lead_roles: tuple[str, ...] = ()


class SuspensionReason(StrEnum):
    """Why an agency takes no new referrals for a time."""

    OFSTED_BELOW_GATE = "ofsted_below_gate"
    SAFEGUARDING_STOP = "safeguarding_stop"
    BREACH_OF_FRAMEWORK = "breach_of_framework"
    AGENCY_ASKED = "agency_asked"


class Suspension(Contract):
    """An agency takes no new referrals from ``starts_on`` until ``ends_on``, that day included; without one, until it is lifted."""

    reason: SuspensionReason
    starts_on: Day
    review_on: Day | None = None
    ends_on: Day | None = None


class AgencyRecorded(Event, type="agency.recorded"):
    """An agency was registered, or its record changed. Subject: the Ofsted URN."""

    agency: AgencyUrn
    name: str
    rating: OfstedRating
    inspected_on: Day | None
    sector: Sector
    suspension: Suspension | None = None
    """The suspension that stands, if one does; absent once it is lifted."""


class PriceBand(Contract):
    """One age band of a lot: both ages inclusive, in years."""

    code: str
    from_age: int
    to_age: int


class BelowGate(StrEnum):
    """What a rating that has fallen below a lot's gate since the tender means for new placements."""

    NAMED_DECISION = "named_decision"
    BLOCKED = "blocked"


class LotRecorded(Event, type="lot.recorded"):
    """A lot of the framework was set out, or changed. Subject: the lot's code."""

    framework: str
    lot: LotCode
    title: str
    kinds: tuple[PlacementKind, ...]
    price_bands: tuple[PriceBand, ...]
    starts_on: Day
    ends_on: Day
    accepted_ratings: tuple[OfstedRating, ...] = (OfstedRating.OUTSTANDING, OfstedRating.GOOD)
    accepts_not_yet_inspected: bool = False
    below_gate: BelowGate = BelowGate.NAMED_DECISION


class TierLine(Contract):
    """One published line of a lot's ranked list. Prices stay behind: the bus carries no bid."""

    agency: AgencyUrn
    rank: int
    tier: int
    rating: OfstedRating | None = None
    """Ofsted's judgement as it was recorded when the list was published."""


class TiersPublished(Event, type="tiers.published"):
    """A lot's ranked distribution list was published. Subject: the lot's code; replaces the list before it."""

    framework: str
    lot: LotCode
    round: UUID
    published_at: Moment
    tiers: int
    lines: tuple[TierLine, ...]


BandCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]{0,19}$")]


class AwardedPrice(Contract):
    """What one ranked agency is paid for a week in one band of the lot, in pounds, and the tier it stands in."""

    agency: AgencyUrn
    tier: int
    band: BandCode
    pounds_per_week: Decimal


class PricesAwarded(Event, type="prices.awarded"):
    """The prices of a lot's published list: no bids any more, but what councils pay under the framework. Subject: the lot's code.

    Told apart from the list, and heard by ``monitoring`` alone: councils measure savings by it, and no agency reads another's.
    """

    framework: str
    lot: LotCode
    round: UUID
    awarded_at: Moment
    prices: Annotated[tuple[AwardedPrice, ...], Field(min_length=1)]


class LimitExemption(Contract):
    """An exemption from the usual fostering limit, by the council where the carers live: how many fostered children may live there.

    ``named``: how many children it names; no name and no reference travels. ``ends_on`` is its last day.
    """

    children: int
    named: int = 0
    council: AreaCode
    starts_on: Day
    ends_on: Day | None = None


class VacancyFacts(Contract):
    """What every provider of the lot may see of a vacancy: never an address, a name or a full postcode."""

    vacancy: UUID
    household: UUID
    provider: ProviderCode
    lots: tuple[LotCode, ...]
    district: District
    free_beds: int
    available_from: Day
    from_age: int
    to_age: int
    sexes: tuple[Sex, ...]
    kinds: tuple[PlacementKind, ...]
    siblings_welcome: bool
    skills: tuple[Need, ...] = ()
    risks_to_child: tuple[RiskToChild, ...] = ()
    risks_to_others: tuple[RiskToOthers, ...] = ()
    languages: tuple[LanguageCode, ...] = ("en",)
    religions: tuple[Religion, ...] = ()
    children_at_home: int = 0
    approved_places: int | None = None
    """How many children the carers are approved for at a time."""
    fostered_children: int | None = None
    """Fostered children who live there now and were not placed through Hearth; None: not stated."""
    fostered_are_siblings: bool | None = None
    """Whether all fostered children who live there now are brothers and sisters of each other; None: not stated."""
    lives_in: AreaCode | None = None
    """The council in whose area the carers live; None: neither the postcode directory nor the provider says."""
    exemptions: tuple[LimitExemption, ...] = ()
    prefers_from_age: int | None = None
    prefers_to_age: int | None = None
    """Ages in years, both inclusive, that the carers would rather look after, inside their approval; None: they do not say."""
    prefers_sexes: tuple[Sex, ...] = ()
    """The sexes they would rather look after; empty: they do not say."""


class VacancyOpened(Event, type="vacancy.opened"):
    """A provider published a vacancy. Subject: the vacancy."""

    facts: VacancyFacts


class VacancyChanged(Event, type="vacancy.changed"):
    """A provider changed a vacancy's terms or beds. Subject: the vacancy."""

    facts: VacancyFacts


class VacancyClosed(Event, type="vacancy.closed"):
    """A vacancy is no longer offered. Subject: the vacancy."""

    vacancy: UUID
    provider: ProviderCode
    reason: str


class HoldFor(StrEnum):
    """What a bed was asked for."""

    OFFER = "offer"
    IN_HOUSE_MATCH = "in_house_match"


class VacancyHeld(Event, type="vacancy.held"):
    """A bed (or beds, for siblings) was taken by the guarded update. Subject: the vacancy."""

    vacancy: UUID
    provider: ProviderCode
    household: UUID
    hold: UUID
    held_for: HoldFor
    asked_by: UUID
    """The offer's id, or the in-house match's."""
    referral: UUID
    council: OnsCode
    beds: int
    free_beds: int
    district: District | None = None
    """The household's postcode district, as published with the vacancy: the distance rule falls back on it."""
    lives_in: AreaCode | None = None
    """The council in whose area the carers live, as published with the vacancy; None: not known."""


class VacancyRefused(Event, type="vacancy.refused"):
    """The bed was gone, or the vacancy cannot be taken. Subject: the vacancy."""

    vacancy: UUID
    provider: ProviderCode
    held_for: HoldFor
    asked_by: UUID
    referral: UUID
    council: OnsCode
    reasons: tuple[str, ...]


class VacancyFilled(Event, type="vacancy.filled"):
    """The child moved in: the held bed is filled. Subject: the vacancy."""

    vacancy: UUID
    provider: ProviderCode
    hold: UUID
    placement: UUID
    council: OnsCode
    beds: int
    free_beds: int


class VacancyFreed(Event, type="vacancy.freed"):
    """A held or filled bed came free again. Subject: the vacancy."""

    vacancy: UUID
    provider: ProviderCode
    hold: UUID
    council: OnsCode
    beds: int
    free_beds: int


class PlacesCounted(Event, type="places.counted"):
    """Approved places of a provider, told when a household is recorded. Subject: the provider's code."""

    provider: ProviderCode
    households: int
    approved_places: int
