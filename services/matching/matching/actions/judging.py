"""Reading what a council's offers are judged by, and judging them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from matching.domain.fit import Part
from matching.domain.home import Home
from matching.domain.offer import Offer, OfferState
from matching.domain.ranking import Option, Ranked, judged, ranked
from matching.domain.referral import KnownReferral, Referral
from matching.store import offers, referrals, vacancies
from shared import postcodes
from shared.refusals import not_found
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Judged:
    """A council's referral with its offers: those that can still be decided on in order, and those that have ended."""

    known: KnownReferral
    referral: Referral
    weights: Mapping[Part, Decimal]
    ranking: tuple[Ranked, ...]
    ended: tuple[Offer, ...]
    homes: Mapping[UUID, Home]

    @property
    def options(self) -> list[Option]:
        """The offers in order, without their places."""
        return [place.option for place in self.ranking]

    def option(self, offer: UUID) -> Option:
        """The option made of this offer; refused when there is none on this referral."""
        for option in self.options:
            if option.offer.offer == offer:
                return option
        raise not_found("offer that still stands on this referral")


_DECIDABLE = (OfferState.MADE, OfferState.SHORTLISTED, OfferState.SELECTED)


@lru_cache(maxsize=200_000)
def about_miles(one: str, other: str) -> Decimal | None:
    """About how many miles lie between two postcode districts; asked again and again for the same few thousand pairs."""
    return postcodes.about_miles(one, other)


def miles_to_places(referral: Referral, district: str) -> tuple[Decimal | None, ...]:
    """From a home's district to each place the referral names, in the order of ``referral.places``."""
    return tuple(about_miles(place, district) for _, place in referral.places)


async def own_referral(transaction: Transaction, council: str, referral: UUID) -> tuple[KnownReferral, Referral]:
    """A council's referral and what it asks for; refused when there is none, or only its withdrawal has been heard."""
    known = await referrals.one(transaction, council, referral)
    if known is None or known.view is None:
        raise not_found("referral")
    return known, known.view


async def judge(transaction: Transaction, council: str, referral: UUID) -> Judged:
    """Every offer on a council's referral, judged on what is known now."""
    known, view = await own_referral(transaction, council, referral)
    weights = await referrals.weights(transaction, council)
    found = await offers.of_referral(transaction, council, referral)
    decidable = [offer for offer in found if offer.state in _DECIDABLE]
    homes = await vacancies.homes(transaction, (offer.terms.vacancy for offer in decidable)) if decidable else {}
    options = [
        judged(offer, homes[offer.terms.vacancy], view, miles_to_places(view, homes[offer.terms.vacancy].district), weights)
        for offer in decidable
    ]
    ended = tuple(offer for offer in found if offer.state not in _DECIDABLE)
    return Judged(known, view, weights, ranked(options), ended, homes)
