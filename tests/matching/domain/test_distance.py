"""How far, as far as postcode districts can say: bands, and 15 to 25 miles called undecided."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.distance import BAND_WORDS, Band, band, within_twenty_miles
from referrals.domain import distance as in_referrals
from shared.contracts.referrals import WithinTwentyMiles

MILES = st.decimals(0, 900, places=1)


@pytest.mark.parametrize(
    ("miles", "expected"),
    [
        ("0", Band.UNDER_5),
        ("4.9", Band.UNDER_5),
        ("5", Band.FROM_5_TO_10),
        ("10", Band.FROM_10_TO_15),
        ("14.9", Band.FROM_10_TO_15),
        ("15", Band.FROM_15_TO_25),
        ("20", Band.FROM_15_TO_25),
        ("25", Band.FROM_15_TO_25),
        ("25.1", Band.OVER_25),
    ],
)
def test_each_mile_is_in_one_band(miles: str, expected: Band) -> None:
    assert band(Decimal(miles)) is expected


def test_a_distance_not_known_is_said_to_be_so() -> None:
    assert (band(None), within_twenty_miles(None)) == (Band.UNKNOWN, WithinTwentyMiles.UNDECIDED)
    assert set(BAND_WORDS) == set(Band)


@given(MILES, MILES)
def test_farther_is_never_a_nearer_band(one: Decimal, other: Decimal) -> None:
    order = list(Band)
    near, far = sorted((one, other))
    assert order.index(band(near)) <= order.index(band(far))


@given(MILES)
def test_fifteen_to_twenty_five_miles_is_never_claimed_to_be_within_or_beyond_twenty(miles: Decimal) -> None:
    found = within_twenty_miles(miles)
    assert (found is WithinTwentyMiles.UNDECIDED) == (15 <= miles <= 25)
    assert (found is WithinTwentyMiles.UNDECIDED) == (band(miles) is Band.FROM_15_TO_25)
    assert found is in_referrals.within_twenty_miles(None, miles), "the service that reports the distance says the same"
