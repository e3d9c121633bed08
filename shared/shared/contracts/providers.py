"""Events that ``providers`` publishes: the consortium, its agencies, tiers, and vacancies without addresses."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.contracts.envelope import Contract, Event
from shared.contracts.words import (
    AgencyUrn,
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


class CouncilRecorded(Event, type="council.recorded"):
    """A council joined the consortium, or its record changed. Subject: the ONS code."""

    council: OnsCode
    name: str
    joined_on: date
    lead_roles: tuple[str, ...] = ()


class AgencyRecorded(Event, type="agency.recorded"):
    """An agency was registered, or its record changed. Subject: the Ofsted URN."""

    agency: AgencyUrn
    name: str
    rating: OfstedRating
    inspected_on: date | None
    sector: Sector


class PriceBand(Contract):
    """One age band of a lot: both ages inclusive, in years."""

    code: str
    from_age: int
    to_age: int


class LotRecorded(Event, type="lot.recorded"):
    """A lot of the framework was set out, or changed. Subject: the lot's code."""

    framework: str
    lot: LotCode
    title: str
    kinds: tuple[PlacementKind, ...]
    price_bands: tuple[PriceBand, ...]
    starts_on: date
    ends_on: date


class TierLine(Contract):
    """One published line of a lot's ranked list. Prices stay behind: the bus carries no bid."""

    agency: AgencyUrn
    rank: int
    tier: int


class TiersPublished(Event, type="tiers.published"):
    """A lot's ranked distribution list was published. Subject: the lot's code; replaces the list before it."""

    framework: str
    lot: LotCode
    round: UUID
    published_at: datetime
    tiers: int
    lines: tuple[TierLine, ...]


class VacancyFacts(Contract):
    """What every provider of the lot may see of a vacancy: never an address, a name or a full postcode."""

    vacancy: UUID
    household: UUID
    provider: ProviderCode
    lots: tuple[LotCode, ...]
    district: District
    free_beds: int
    available_from: date
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
