"""Two or three options side by side, each with what its stay would truly cost: as a range and a total, not one weekly figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from matching.domain.birthdays import Band, BandChange, band_changes
from matching.domain.cost import NIGHTS_A_WEEK, Cost, LineKind, Weekly, least, most
from matching.domain.home import Home
from matching.domain.offer import OfferState, Terms
from matching.domain.pricing import Pricing
from matching.domain.ranking import Ranked
from matching.domain.referral import Referral
from matching.domain.travel import Assumptions, travel, unknown_places, weeks_of

MOST_COMPARED = 3


class Compared(StrEnum):
    """Which offers a sheet compares."""

    SHORTLIST = "shortlist"
    BEST_THREE = "best_three"


@dataclass(frozen=True, slots=True)
class Priced:
    """What a stay would cost at the least and at the most, and what that depends on."""

    least: Cost
    most: Cost
    changes: tuple[BandChange, ...]
    distances_not_known: tuple[str, ...]

    @property
    def to_be_agreed(self) -> bool:
        """Whether some price inside the stay is stated by nobody: the total then counts the fee unchanged."""
        return self.least.to_be_agreed or self.most.to_be_agreed


def compared(ranking: Sequence[Ranked]) -> tuple[Compared, tuple[Ranked, ...]]:
    """The shortlist in the order of its offers, one that was chosen from it included; else the best three."""
    if any(place.option.offer.state is OfferState.SHORTLISTED for place in ranking):
        listed = (OfferState.SHORTLISTED, OfferState.SELECTED)
        return Compared.SHORTLIST, tuple(place for place in ranking if place.option.offer.state in listed)
    return Compared.BEST_THREE, tuple(ranking[:MOST_COMPARED])


@dataclass(frozen=True, slots=True)
class Basis:
    """What all costs of one sheet rest on. ``aged_on``: the day the children's ages were told; ``bands``: the lot's."""

    referral: Referral
    aged_on: date
    bands: tuple[Band, ...]
    assumed: Assumptions


def price_of_offer(terms: Terms, miles: Sequence[Decimal | None], basis: Basis) -> Priced:
    """What a stay under these terms would cost, from the day it is needed or the home is available, whichever is later.

    Law: the least is never more than the most. ``miles``: to each of ``referral.places`` in order.
    """
    arrives_on = max(terms.available_on, basis.referral.needed_by)
    shortest, longest = weeks_of(basis.referral, basis.assumed)
    going = travel(basis.referral, miles, terms.pricing, basis.assumed)

    def changes(weeks: int) -> tuple[BandChange, ...]:
        leaves_on = date.fromordinal(arrives_on.toordinal() + weeks * NIGHTS_A_WEEK)
        prices = terms.pricing.price_by_band
        return band_changes(basis.referral.children, basis.bands, basis.aged_on, prices, arrives_on=arrives_on, leaves_on=leaves_on)

    return Priced(
        least(terms.pounds_per_week, terms.pricing, changes(shortest), going, arrives_on, shortest),
        most(terms.pounds_per_week, terms.pricing, changes(longest), going, arrives_on, longest),
        changes(longest),
        unknown_places(basis.referral, miles),
    )


def price_in_house(home: Home, miles: Sequence[Decimal | None], basis: Basis) -> Priced:
    """What a stay with the council's own carer would cost: an assumed price a child, which no birthday changes."""
    referral, assumed = basis.referral, basis.assumed
    arrives_on = max(home.available_from, referral.needed_by)
    shortest, longest = weeks_of(referral, assumed)
    going: tuple[Weekly, ...] = travel(referral, miles, Pricing(), assumed)
    low, high = assumed.in_house_pounds_per_week_from * referral.beds, assumed.in_house_pounds_per_week_to * referral.beds
    return Priced(
        least(low, Pricing(), (), going, arrives_on, shortest),
        most(high, Pricing(), (), going, arrives_on, longest),
        (),
        unknown_places(referral, miles),
    )


def range_of(priced: Priced, kind: LineKind) -> tuple[Decimal, Decimal] | None:
    """What all lines of one kind come to, at the least and at the most; None when there are none."""
    if not any(line.kind is kind for cost in (priced.least, priced.most) for line in cost.lines):
        return None
    low, high = (sum((line.pounds for line in cost.lines if line.kind is kind), Decimal("0.00")) for cost in (priced.least, priced.most))
    return low, high
