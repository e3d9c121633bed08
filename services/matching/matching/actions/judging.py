"""Reading what a council's offers are judged by, and judging them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from matching.actions.surroundings import Surroundings, surroundings
from matching.domain.approval import Approval
from matching.domain.approval import counting as counting_for
from matching.domain.decision import Grounds
from matching.domain.fit import Part, Weights
from matching.domain.guard import Circumstances
from matching.domain.home import Home
from matching.domain.offer import Offer, OfferState
from matching.domain.ranking import Option, Ranked, judged, ranked
from matching.domain.referral import KnownReferral, Referral
from matching.store import approvals, offers, referrals, vacancies, weights
from shared import postcodes
from shared.refusals import not_found
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Judged:
    """A council's referral with its offers: those that can still be decided on in order, and those that have ended."""

    known: KnownReferral
    referral: Referral
    weights: Weights
    ranking: tuple[Ranked, ...]
    ended: tuple[Offer, ...]
    homes: Mapping[UUID, Home]
    around: Surroundings
    approvals: tuple[Approval, ...]

    def approved(self, offer: Offer) -> tuple[Approval, ...]:
        """What named officers have approved for this offer of this household."""
        return counting_for(self.approvals, offer.offer, offer.household)

    @property
    def options(self) -> list[Option]:
        """The offers in order, without their places."""
        return [place.option for place in self.ranking]

    @property
    def grounds(self) -> dict[UUID, Grounds]:
        """What each offer that can be decided on was judged on besides its own word."""
        offered = [(option.offer, self.homes[option.offer.terms.vacancy]) for option in self.options]
        return {
            offer.offer: Grounds(home, miles_to_places(self.referral, home.district), circumstances_of(offer, home, self.around))
            for offer, home in offered
        }

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


def miles_from_home(referral: Referral, district: str) -> Decimal | None:
    """About how far a home in this district is from the child's own; None when the referral does not say where that is."""
    return about_miles(referral.home_district, district) if referral.home_district else None


def circumstances_of(offer: Offer, home: Home, around: Surroundings) -> Circumstances:
    """What the checks of this offer rest on beside its home."""
    return around.of(home, miles_from_home(around.referral, home.district), offer.terms.available_on)


async def own_referral(transaction: Transaction, council: str, referral: UUID) -> tuple[KnownReferral, Referral]:
    """A council's referral and what it asks for; refused when there is none, or only its withdrawal has been heard."""
    known = await referrals.one(transaction, council, referral)
    if known is None or known.view is None:
        raise not_found("referral")
    return known, known.view


async def judge(transaction: Transaction, council: str, referral: UUID) -> Judged:
    """Every offer on a council's referral, judged on what is known now."""
    known, view = await own_referral(transaction, council, referral)
    counting = await weights.current(transaction, council)
    found = await offers.of_referral(transaction, council, referral)
    decidable = [offer for offer in found if offer.state in _DECIDABLE]
    homes = await vacancies.homes(transaction, (offer.terms.vacancy for offer in decidable)) if decidable else {}
    around = await surroundings(transaction, view, homes.values())
    options = [_judged(offer, homes[offer.terms.vacancy], counting.of, around) for offer in decidable]
    ended = tuple(offer for offer in found if offer.state not in _DECIDABLE)
    approved = await approvals.of_referral(transaction, council, referral)
    return Judged(known, view, counting, ranked(options), ended, homes, around, approved)


def _judged(offer: Offer, home: Home, weights: Mapping[Part, Decimal], around: Surroundings) -> Option:
    view = around.referral
    miles = miles_to_places(view, home.district)
    return judged(offer, home, view, miles, weights, circumstances_of(offer, home, around))
