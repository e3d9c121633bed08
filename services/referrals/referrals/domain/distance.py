"""Whether a carer's home is within 20 miles of the child's, on the best that is known: the distance KPI of the national return."""

from __future__ import annotations

from decimal import Decimal

from shared.contracts.referrals import WithinTwentyMiles

LIMIT = Decimal(20)
SURELY_WITHIN = Decimal(15)
SURELY_BEYOND = Decimal(25)
UNKNOWN = Decimal("999.9")


def within_twenty_miles(measured: Decimal | None, between_districts: Decimal | None) -> WithinTwentyMiles:
    """Settled by measured miles where both postcodes are known; else by the districts' middles, if those leave no doubt.

    ``measured``: straight-line miles to 0.1, 999.9 when a postcode is unknown (as the return writes it), None when nobody asked.
    ``between_districts``: miles between the middles of two postcode districts, which may be five off either way; so under 15
    is within, over 25 is beyond, and anything between is undecided rather than guessed.
    """
    if measured is not None and measured != UNKNOWN:
        return WithinTwentyMiles.YES if measured <= LIMIT else WithinTwentyMiles.NO
    if between_districts is None:
        return WithinTwentyMiles.UNDECIDED
    if between_districts < SURELY_WITHIN:
        return WithinTwentyMiles.YES
    return WithinTwentyMiles.NO if between_districts > SURELY_BEYOND else WithinTwentyMiles.UNDECIDED
