"""What a council is shown of its referrals and of the homes held against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from matching.actions.candidates import Seen
from matching.actions.choices import Counted
from matching.domain import suitability
from matching.domain.distance import BAND_WORDS, Band, band, within_twenty_miles
from matching.domain.referral import KnownReferral, ReferralState
from matching.schemas.judged import Fit, ReasonAgainst, code
from shared.contracts.referrals import WithinTwentyMiles
from shared.uk_time import in_uk_words


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
    must_be_regularised_by: date | None
    version: int

    @classmethod
    def of(cls, known: KnownReferral, counted: Counted) -> Self:
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
            closes_at_words=in_uk_words(known.view.closes_at),
            offers_standing=counted.standing,
            providers_declined=counted.declined,
            must_be_regularised_by=counted.must_be_regularised_by,
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
    distance_band: Annotated[Band, Field(description="from postcode districts; nothing finer is said of a home that nobody has offered")]
    distance_words: str
    within_20_miles: WithinTwentyMiles
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
            distance_band=band(miles),
            distance_words=f"{BAND_WORDS[band(miles)].capitalize()}, from postcode districts.",
            within_20_miles=within_twenty_miles(miles),
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
