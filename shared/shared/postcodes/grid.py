"""Points on the Ordnance Survey's British National Grid, and the miles between them as the national return counts them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import isqrt

UNKNOWN_MILES = Decimal("999.9")
"""What the national return (SSDA903) writes where a distance cannot be known."""

# The return's own mile is 1.6093 km (not 1.609344): a tenth of it is 160.93 metres.
_HUNDREDTHS_OF_A_METRE_IN_A_TENTH = 16_093


@dataclass(frozen=True, slots=True)
class Grid:
    """A point on the British National Grid: whole metres east and north of its origin."""

    easting: int
    northing: int


def miles(a: Grid, b: Grid) -> Decimal:
    """The straight line between two points in miles to one decimal, half up: metres / 1000 / 1.6093, as the SSDA903 return counts.

    Worked in whole numbers, so that no rounding of a square root can move the last digit. For example MK9 3EJ to NN16 0AP is 24.5.
    """
    metres_squared = (a.easting - b.easting) ** 2 + (a.northing - b.northing) ** 2
    # The answer is the largest k with (k - 1/2) tenths of a mile <= metres, that is (2k - 1) * 16093 <= 200 * metres.
    half_tenths = isqrt(40_000 * metres_squared) // _HUNDREDTHS_OF_A_METRE_IN_A_TENTH
    return Decimal((half_tenths + 1) // 2).scaleb(-1)
