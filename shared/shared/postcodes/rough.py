"""How far apart two postcode districts are, roughly: all that may be said before a child's or a carer's postcode is shown."""

from __future__ import annotations

from decimal import Decimal

from shared.postcodes.directory import district_centroid, opened
from shared.postcodes.grid import miles


def about_miles(district_a: str, district_b: str) -> Decimal | None:
    """The miles between the middles of two districts; None where either is unknown or has no British grid reference.

    A district's middle lies about a mile from a given postcode in it, five at worst but one in twenty: say "about", and settle
    a rule such as 20 miles on the full postcodes.
    """
    a, b = district_centroid(district_a), district_centroid(district_b)
    return None if a is None or b is None else miles(a, b)


def districts_within(district: str, most_miles: Decimal) -> list[str]:
    """The districts whose middle lies within so many miles of this one's, itself included, in order; none where it is unknown."""
    middle = district_centroid(district)
    if middle is None:
        return []
    return sorted(name for name, other in opened().districts.items() if other is not None and miles(middle, other) <= most_miles)
