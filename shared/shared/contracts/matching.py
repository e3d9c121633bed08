"""Events that ``matching`` publishes: what became of each offer."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from shared.contracts.envelope import Event
from shared.contracts.words import District, LotCode, OnsCode, ProviderCode
from shared.written import Day, Moment

DecisionHash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class OfferMade(Event, type="offer.made"):
    """A provider offered a carer household. Subject: the offer."""

    offer: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    vacancy: UUID
    household: UUID
    lot: LotCode
    tier: int | None
    suitable: bool
    made_at: Moment


class OfferWithdrawn(Event, type="offer.withdrawn"):
    """A provider took its offer back, or it lapsed. Subject: the offer."""

    offer: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    reason: str
    side: str


class OpportunityDeclined(Event, type="opportunity.declined"):
    """A provider said no to a referral, with a coded reason. Subject: referral and provider."""

    referral: UUID
    council: OnsCode
    provider: ProviderCode
    reason: str
    side: str
    declined_at: Moment


class OfferShortlisted(Event, type="offer.shortlisted"):
    """A council put the offer among its two or three. Subject: the offer."""

    offer: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode


class OfferSelected(Event, type="offer.selected"):
    """A council chose; ``providers`` is asked for the bed. Subject: the offer."""

    offer: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    vacancy: UUID
    beds: int
    decision: UUID
    decision_hash: DecisionHash | None = None
    """Of the decision's record. The record names no child and holds 128 random bits, so nothing can be guessed from its hash."""
    arrives_on: Day | None = None
    """The first day on which the child could live there: an exemption must be in force on it."""
    limit_confirmed: bool = False
    """A named officer has confirmed that the usual fostering limit is kept, where the home's record alone does not say so."""


class OfferConfirmed(Event, type="offer.confirmed"):
    """The bed is held for the chosen offer: this one provider may now learn who the child is. Subject: the offer."""

    offer: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    vacancy: UUID
    household: UUID
    hold: UUID
    lot: LotCode
    tier: int | None
    pounds_per_week: Decimal
    available_on: Day
    decision: UUID
    confirmed_at: Moment
    district: District | None = None
    """The household's postcode district, as published with the vacancy: the distance rule falls back on it."""
    must_be_regularised_by: Day | None = None
    """The last day on which an emergency placement outside the carer's terms of approval may last."""
    decision_hash: DecisionHash | None = None
    """As in ``offer.selected``."""


class OfferRefused(Event, type="offer.refused"):
    """The bed of the chosen offer was gone; the council keeps its other options. Subject: the offer."""

    offer: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    reasons: tuple[str, ...]


class OfferReleased(Event, type="offer.released"):
    """The offer was not chosen; its provider is told why. Subject: the offer."""

    offer: UUID
    referral: UUID
    council: OnsCode
    provider: ProviderCode
    reason: str
