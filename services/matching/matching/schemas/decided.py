"""What a council is shown of its offers in order, and of what it decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from matching.actions.judging import Judged
from matching.domain import approval, home_hold
from matching.domain.decision import Decision, Outcome
from matching.domain.decision_hash import altered
from matching.domain.distance import within_twenty_miles
from matching.domain.fit import Part
from matching.domain.offer import Offer as DomainOffer
from matching.domain.offer import OfferState
from matching.domain.ranking import Criterion, Ranked
from matching.domain.referral import ReferralState
from matching.schemas.amendments import AskedAgain
from matching.schemas.approvals import Approval
from matching.schemas.home_holds import HomeSeen
from matching.schemas.judged import Check, Fit, ReasonAgainst, code
from matching.schemas.pricing import BandPrice, Discount, Extra, Uplift, pricing_fields
from matching.schemas.requests import NeedAnswer
from shared.contracts.referrals import WithinTwentyMiles
from shared.uk_time import in_uk_words


class Option(BaseModel):
    """One offer in its place among the referral's offers, and how it got there."""

    rank: int
    offer: UUID
    offer_version: int
    state: OfferState
    provider: str
    provider_name: str | None
    tier: int | None
    vacancy: UUID
    household: UUID
    district: str | None
    pounds_per_week: Decimal
    available_on: date
    needs: list[NeedAnswer]
    message: str | None
    made_at: AwareDatetime
    suitable: bool
    reasons: list[ReasonAgainst]
    fit: Fit
    about_miles: Decimal | None
    within_20_miles: Annotated[WithinTwentyMiles, Field(description="from postcode districts; measure exactly in referrals, /distances")]
    after_because: Criterion | None
    words: list[str]
    extras: list[Extra]
    discounts: list[Discount]
    price_by_band: list[BandPrice]
    uplift: Uplift | None
    home: HomeSeen
    needs_confirmation: bool
    """You amended the referral and this offer no longer fits: it cannot be chosen until its agency has confirmed it."""
    asked_again: AskedAgain | None
    checks: list[Check]
    approvals: Annotated[list[Approval], Field(description="what named officers have approved for this offer")]

    @classmethod
    def of(
        cls,
        place: Ranked,
        names: Mapping[str, str],
        district: str | None,
        home: home_hold.HomeSeen,
        approved: Iterable[approval.Approval],
    ) -> Self:
        """As it is shown."""
        option, offer = place.option, place.option.offer
        return cls(
            rank=place.rank,
            offer=offer.offer,
            offer_version=offer.version,
            state=offer.state,
            provider=code(offer.provider),
            provider_name=names.get(offer.provider),
            tier=offer.tier,
            vacancy=offer.terms.vacancy,
            household=offer.household,
            district=district,
            pounds_per_week=offer.terms.pounds_per_week,
            available_on=offer.terms.available_on,
            needs=[NeedAnswer(need=one.need, met=one.met, note=one.note) for one in offer.terms.answers],
            message=offer.terms.message,
            made_at=offer.made_at,
            suitable=option.suitable,
            reasons=[ReasonAgainst.of(reason) for reason in option.reasons],
            fit=Fit.of(option.fit),
            about_miles=option.miles,
            within_20_miles=within_twenty_miles(option.miles),
            after_because=place.after_because,
            words=list(place.words),
            home=HomeSeen.of(home),
            needs_confirmation=offer.unconfirmed,
            asked_again=AskedAgain.of(offer.asked_again),
            **pricing_fields(offer.terms.pricing),
            checks=[Check.of(check) for check in option.checks],
            approvals=[Approval.of(one) for one in approved],
        )


class EndedOffer(BaseModel):
    """An offer that can no longer be chosen."""

    offer: UUID
    provider: str
    provider_name: str | None
    tier: int | None
    pounds_per_week: Decimal
    state: OfferState
    reason: str | None
    side: str | None
    changed_at: AwareDatetime

    @classmethod
    def of(cls, offer: DomainOffer, names: Mapping[str, str]) -> Self:
        """As it is shown."""
        return cls(
            offer=offer.offer,
            provider=code(offer.provider),
            provider_name=names.get(offer.provider),
            tier=offer.tier,
            pounds_per_week=offer.terms.pounds_per_week,
            state=offer.state,
            reason=offer.reason,
            side=offer.side,
            changed_at=offer.changed_at,
        )


class Options(BaseModel):
    """All offers on a referral: those to decide on in order, and those that have ended. ``version`` is the ETag."""

    referral: UUID
    reference: str
    state: ReferralState
    closes_at: AwareDatetime
    closes_at_words: str
    weights: dict[Part, Decimal]
    weights_version: Annotated[int, Field(description="which version of your settings they are of; 0: the defaults")]
    options: list[Option]
    ended: list[EndedOffer]
    version: int

    @classmethod
    def of(cls, judged: Judged, names: Mapping[str, str], homes: Mapping[UUID, home_hold.HomeSeen]) -> Self:
        """As it is shown."""
        view = judged.referral
        districts = {vacancy: home.district for vacancy, home in judged.homes.items()}
        return cls(
            referral=view.referral,
            reference=view.reference,
            state=judged.known.state,
            closes_at=view.closes_at,
            closes_at_words=in_uk_words(view.closes_at),
            weights=dict(judged.weights.of),
            weights_version=judged.weights.version,
            options=[
                Option.of(
                    place,
                    names,
                    districts.get(place.option.offer.terms.vacancy),
                    homes[place.option.offer.offer],
                    judged.approved(place.option.offer),
                )
                for place in judged.ranking
            ],
            ended=[EndedOffer.of(offer, names) for offer in judged.ended],
            version=judged.known.version,
        )


_OUTCOME_WORDS = {
    Outcome.PENDING: "The bed is being asked for. Ask again in a moment.",
    Outcome.CONFIRMED: "The bed is held and the offer confirmed. The other offers are released and their providers told why.",
    Outcome.REFUSED: "The bed could not be had. Your other options stand: look at them again and choose another.",
}


class ChoiceMade(BaseModel):
    """The last choice on a referral and what came of it."""

    decision: UUID
    referral: UUID
    offer: UUID
    state: Outcome
    reasons: list[str]
    words: str
    decided_at: AwareDatetime
    told_at: AwareDatetime | None
    must_be_regularised_by: Annotated[
        date | None, Field(description="an emergency outside the carer's terms of approval: the last day on which it may last")
    ]

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """As it is shown."""
        return cls(
            decision=decision.decision,
            referral=decision.referral,
            offer=decision.offer,
            state=decision.outcome,
            reasons=list(decision.reasons),
            words=_OUTCOME_WORDS[decision.outcome],
            decided_at=decision.decided_at,
            told_at=decision.told_at,
            must_be_regularised_by=decision.record.get("must_be_regularised_by"),
        )


class DecisionRecord(ChoiceMade):
    """A decision as it was made: who, why, and every offer as it stood."""

    decided_by: str
    reason_code: str | None
    record: dict[str, Any]
    hash: str | None = Field(description="of the record, as made with the decision; null for a decision older than hashes")
    as_written: bool | None = Field(description="whether record and decision are still what was hashed")
    altered: list[str] = Field(description="what is not as it was written; the ledger of referrals says which hash is right")

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """As it is shown."""
        found = altered(decision) if decision.hash else None
        return cls(
            **ChoiceMade.of(decision).model_dump(),
            decided_by=decision.decided_by,
            reason_code=decision.reason,
            record=dict(decision.record),
            hash=decision.hash.hex() if decision.hash else None,
            as_written=None if found is None else not found,
            altered=list(found or ()),
        )


class Decisions(BaseModel):
    """Every decision on a referral, the last first."""

    items: list[DecisionRecord]
    how_hash_is_made: str
