"""What a provider is shown: referrals sent to it, and its own offers. Nothing of any other provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from matching.actions.offers import Judgement, Looked
from matching.domain.offer import STANDING, DeclineReason, OfferState
from matching.domain.offer import Offer as DomainOffer
from matching.domain.opportunity import Opportunity as DomainOpportunity
from matching.domain.opportunity import OpportunityState
from matching.schemas.amendments import AskedAgain
from matching.schemas.judged import Check, ReasonAgainst, code
from matching.schemas.pricing import BandPrice, Discount, Extra, Uplift, pricing_fields
from matching.schemas.requests import NeedAnswer
from shared.contracts.referrals import ReferralView
from shared.uk_time import in_uk_words


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
            closes_at_words=in_uk_words(one.closes_at),
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
    needs_confirmation: bool
    asked_again: AskedAgain | None
    councils_looking: Annotated[int | None, Field(description="how many councils have this home on a shortlist; never which")] = None
    held_until: Annotated[
        AwareDatetime | None, Field(description="a council holds this home while it decides, until then at the latest")
    ] = None
    held_until_words: str | None = None
    checks: list[Check] | None = None
    must_be_regularised_by: date | None = None

    @classmethod
    def of(cls, offer: DomainOffer, judged: Judgement | None = None, looked: Looked | None = None) -> Self:
        """As it is shown; without ``judged`` it is not said whether the home could take the children."""
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
            suitable=None if judged is None else not judged.against,
            reasons=None if judged is None else [ReasonAgainst.of(reason) for reason in judged.against],
            checks=None if judged is None else [Check.of(check) for check in judged.checks],
            must_be_regularised_by=offer.must_be_regularised_by if offer.state is OfferState.CONFIRMED else None,
            needs_confirmation=offer.unconfirmed and offer.state in STANDING,
            asked_again=AskedAgain.of(offer.asked_again),
            councils_looking=None if looked is None else looked.councils,
            held_until=None if looked is None else looked.held_until,
            held_until_words=None if looked is None or looked.held_until is None else in_uk_words(looked.held_until),
        )
