"""How far a home is, as far as postcode districts can say: a band, and whether within 20 miles, which may stay undecided.

Before a choice the child's and the carers' postcodes stay apart: matching knows the districts alone, whose middles may be five
miles off either way. So nothing finer than a band is said of a home nobody has offered, and between 15 and 25 miles nobody
claims to know on which side of 20 a home lies. The council measures the homes offered to it exactly in ``referrals``.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from shared.contracts.referrals import WithinTwentyMiles

UNKNOWN_MILES = Decimal("999.9")
"""The national return's figure for a distance not known."""

DISTRICTS_MISS_BY = Decimal(5)
"""The middles of two postcode districts may be so many miles off either way."""

LIMIT = Decimal(20)
SURELY_WITHIN, SURELY_BEYOND = LIMIT - DISTRICTS_MISS_BY, LIMIT + DISTRICTS_MISS_BY
"""Under the one and over the other, two district middles leave no doubt about 20 miles (SSDA903, distance from home)."""


class Band(StrEnum):
    """How far, from the middle of one postcode district to that of another."""

    UNDER_5 = "under_5_miles"
    FROM_5_TO_10 = "5_to_10_miles"
    FROM_10_TO_15 = "10_to_15_miles"
    FROM_15_TO_25 = "15_to_25_miles"
    OVER_25 = "over_25_miles"
    UNKNOWN = "unknown"


_UP_TO = ((Decimal(5), Band.UNDER_5), (Decimal(10), Band.FROM_5_TO_10), (SURELY_WITHIN, Band.FROM_10_TO_15))

BAND_WORDS = {
    Band.UNDER_5: "under 5 miles",
    Band.FROM_5_TO_10: "5 to 10 miles",
    Band.FROM_10_TO_15: "10 to 15 miles",
    Band.FROM_15_TO_25: "15 to 25 miles, so whether within 20 is undecided",
    Band.OVER_25: "over 25 miles",
    Band.UNKNOWN: "distance not known",
}


def band(miles: Decimal | None) -> Band:
    """The band of so many miles between two district middles; None is not known. The lower end counts to the band above it.

    15 to 25 takes both its ends: on each of them 20 miles may lie on either side.
    """
    if miles is None:
        return Band.UNKNOWN
    for below, one in _UP_TO:
        if miles < below:
            return one
    return Band.FROM_15_TO_25 if miles <= SURELY_BEYOND else Band.OVER_25


class Beyond(StrEnum):
    """Whether a home is farther than a limit."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


def beyond(limit: Decimal, *, exact: Decimal | None, about: Decimal | None) -> Beyond:
    """By exact miles where they are known; else by the districts' middles, if those leave no doubt.

    ``limit``: 20 miles, or fewer where a council wants a named approval sooner.
    """
    if exact is not None and exact != UNKNOWN_MILES:
        return Beyond.YES if exact > limit else Beyond.NO
    if about is None:
        return Beyond.UNDECIDED
    if about < limit - DISTRICTS_MISS_BY:
        return Beyond.NO
    return Beyond.YES if about > limit + DISTRICTS_MISS_BY else Beyond.UNDECIDED


_WITHIN = {Beyond.NO: WithinTwentyMiles.YES, Beyond.YES: WithinTwentyMiles.NO, Beyond.UNDECIDED: WithinTwentyMiles.UNDECIDED}


def within_twenty_miles(miles: Decimal | None) -> WithinTwentyMiles:
    """Whether a home is within 20 miles, from district middles alone: under 15 yes, over 25 no, between or unknown undecided."""
    return _WITHIN[beyond(LIMIT, exact=None, about=miles)]
