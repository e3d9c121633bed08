"""What a council is shown of its referrals and of the homes held against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from matching.actions.candidates import Seen
from matching.domain import suitability
from matching.domain.closing import closing_words
from matching.domain.referral import KnownReferral, ReferralState
from matching.schemas.judged import Fit, ReasonAgainst, code


class Referral(BaseModel):
    """One of the council's referrals, as matching follows it."""

    referral: UUID
    reference: str
    lot: str
    state: ReferralState
    children: int
    sent_at: AwareDatetime
    broadcast_at: AwareDatetime | None
    closes_at: AwareDatetime
    closes_at_words: str
    offers_standing: int
    providers_declined: int
    version: int

    @classmethod
    def of(cls, known: KnownReferral, standing: int, declined: int) -> Self:
        """As it is shown."""
        assert known.view is not None
        return cls(
            referral=known.referral,
            reference=known.view.reference,
            lot=known.view.lot,
            state=known.state,
            children=known.view.beds,
            sent_at=known.sent_at,
            broadcast_at=known.broadcast_at,
            closes_at=known.view.closes_at,
            closes_at_words=closing_words(known.view.closes_at),
            offers_standing=standing,
            providers_declined=declined,
            version=known.version,
        )


class Candidate(BaseModel):
    """A published vacancy held against the referral."""

    vacancy: UUID
    household: UUID
    provider: str
    provider_name: str | None
    in_house: bool
    tier: int | None
    district: str
    free_beds: int
    available_from: date
    suitable: bool
    reasons: list[ReasonAgainst]
    fit: Fit
    about_miles: Decimal | None
    distance_words: str
    offers_elsewhere: Annotated[int, Field(description="live offers of this vacancy for other councils' referrals; a count and no more")]

    @classmethod
    def of(cls, seen: Seen, council: str, names: Mapping[str, str]) -> Self:
        """As it is shown."""
        home, miles = seen.candidate.home, seen.candidate.miles
        in_house = home.provider == council
        return cls(
            vacancy=home.vacancy,
            household=home.household,
            provider=code(home.provider),
            provider_name=names.get(home.provider),
            in_house=in_house,
            tier=None if in_house else seen.candidate.tier,
            district=home.district,
            free_beds=home.free_beds,
            available_from=home.available_from,
            suitable=not seen.reasons,
            reasons=[ReasonAgainst.of(reason) for reason in seen.reasons],
            fit=Fit.of(seen.fit),
            about_miles=miles,
            distance_words="Distance from home is not known."
            if miles is None
            else f"About {miles.quantize(Decimal(1))} miles, from postcode districts.",
            offers_elsewhere=seen.offers_elsewhere,
        )


class WhyNot(BaseModel):
    """How many homes one reason rules out."""

    reason: suitability.Barrier
    which: str | None
    homes: int


class Candidates(BaseModel):
    """One page of homes, those that could take the children first, and what holds for all of them."""

    referral: UUID
    state: ReferralState
    considered: int
    suitable: int
    why_not: list[WhyNot]
    items: list[Candidate]
    next_cursor: str | None

    @classmethod
    def of(
        cls,
        known: KnownReferral,
        considered: int,
        suitable: int,
        why_not: Sequence[tuple[suitability.Obstacle, int]],
        page: Sequence[Seen],
        names: Mapping[str, str],
        following: str | None,
    ) -> Self:
        """As it is shown."""
        return cls(
            referral=known.referral,
            state=known.state,
            considered=considered,
            suitable=suitable,
            why_not=[
                WhyNot(reason=one.barrier, which=None if one.which is None else str(one.which), homes=homes) for one, homes in why_not
            ],
            items=[Candidate.of(seen, known.council, names) for seen in page],
            next_cursor=following,
        )
