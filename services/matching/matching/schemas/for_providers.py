"""What a provider is shown: referrals sent to it, and its own offers. Nothing of any other provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from matching.domain import suitability
from matching.domain.closing import closing_words
from matching.domain.offer import DeclineReason, OfferState
from matching.domain.offer import Offer as DomainOffer
from matching.domain.opportunity import Opportunity as DomainOpportunity
from matching.domain.opportunity import OpportunityState
from matching.schemas.judged import ReasonAgainst, code
from matching.schemas.pricing import BandPrice, Discount, Extra, Uplift, pricing_fields
from matching.schemas.requests import NeedAnswer
from shared.contracts.referrals import ReferralView


class Opportunity(BaseModel):
    """A referral as you may see it, with its exact closing time."""

    referral: UUID
    reference: str
    council: str
    council_name: str | None
    lot: str
    lot_title: str | None
    tier: int | None
    state: OpportunityState
    opened_at: AwareDatetime
    closes_at: AwareDatetime
    closes_at_words: str
    declined: DeclineReason | None
    view: ReferralView | None
    your_offers: list[UUID] | None = None

    @classmethod
    def of(
        cls, one: DomainOpportunity, names: Mapping[str, str], lots: Mapping[str, str], offers: Sequence[DomainOffer] | None = None
    ) -> Self:
        """As it is shown."""
        return cls(
            referral=one.referral,
            reference=one.reference,
            council=code(one.council),
            council_name=names.get(one.council),
            lot=one.lot,
            lot_title=lots.get(one.lot),
            tier=one.tier,
            state=one.state,
            opened_at=one.opened_at,
            closes_at=one.closes_at,
            closes_at_words=closing_words(one.closes_at),
            declined=DeclineReason(one.declined) if one.declined else None,
            view=None if one.view is None else ReferralView.model_validate(one.view),
            your_offers=None if offers is None else [offer.offer for offer in offers],
        )


class Offer(BaseModel):
    """An offer as its provider sees it: what became of it and why; nothing of any other."""

    offer: UUID
    referral: UUID
    reference: str
    council: str
    lot: str
    tier: int | None
    vacancy: UUID
    household: UUID
    pounds_per_week: Decimal
    available_on: date
    needs: list[NeedAnswer]
    message: str | None
    state: OfferState
    reason: str | None
    words: list[str]
    made_at: AwareDatetime
    changed_at: AwareDatetime
    version: int
    extras: list[Extra]
    discounts: list[Discount]
    price_by_band: list[BandPrice]
    uplift: Uplift | None
    suitable: bool | None = None
    reasons: list[ReasonAgainst] | None = None

    @classmethod
    def of(cls, offer: DomainOffer, against: tuple[suitability.Reason, ...] | None = None) -> Self:
        """As it is shown; without ``against`` it is not said whether the home could take the children."""
        return cls(
            offer=offer.offer,
            referral=offer.referral,
            reference=offer.reference,
            council=code(offer.council),
            lot=offer.lot,
            tier=offer.tier,
            vacancy=offer.terms.vacancy,
            household=offer.household,
            pounds_per_week=offer.terms.pounds_per_week,
            available_on=offer.terms.available_on,
            needs=[NeedAnswer(need=one.need, met=one.met, note=one.note) for one in offer.terms.answers],
            message=offer.terms.message,
            state=offer.state,
            reason=offer.reason,
            words=list(offer.words),
            made_at=offer.made_at,
            changed_at=offer.changed_at,
            version=offer.version,
            **pricing_fields(offer.terms.pricing),
            suitable=None if against is None else not against,
            reasons=None if against is None else [ReasonAgainst.of(reason) for reason in against],
        )
