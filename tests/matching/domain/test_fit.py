"""Fit: 0 to 100, its parts adding up exactly, weighted as the council says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from matching.domain.fit import DEFAULT_WEIGHTS, TENTHS, Part, fit, in_miles, shares_of_a_hundred
from matching.domain.home import Home
from matching.domain.referral import Referral
from tests.matching.domain import given as any_
from tests.matching.domain.test_suitability import GIRL, HOME, REFERRAL


@given(any_.weights)
def test_the_parts_can_give_a_hundred_points_whatever_the_weights(weights: dict[Part, Decimal]) -> None:
    shares = shares_of_a_hundred(weights)
    assert sum(shares.values()) == TENTHS
    assert min(shares.values()) >= 0


@given(any_.homes, any_.referrals, any_.weights, st.data())
def test_fit_is_between_0_and_100_and_is_the_sum_of_its_parts(
    home: Home, referral: Referral, weights: dict[Part, Decimal], data: st.DataObject
) -> None:
    miles = tuple(data.draw(any_.miles) for _ in referral.places)
    found = fit(home, referral, miles, weights)
    assert Decimal(0) <= found.score <= Decimal(100)
    assert found.score == sum(part.points for part in found.parts)
    assert all(Decimal(0) <= part.points <= part.most for part in found.parts)
    assert found == fit(home, referral, miles, weights)


@given(any_.homes, any_.referrals, any_.weights, st.decimals(0, 100, places=1), st.decimals(0, 100, places=1))
def test_nearer_is_never_a_worse_fit(home: Home, referral: Referral, weights: dict[Part, Decimal], one: Decimal, other: Decimal) -> None:
    near, far = sorted((one, other))
    places = len(referral.places)
    assert fit(home, referral, [near] * places, weights).score >= fit(home, referral, [far] * places, weights).score


def test_a_home_that_has_all_that_was_asked_fits_fully() -> None:
    quiet = replace(HOME, children_at_home=0)
    assert fit(quiet, REFERRAL, (), DEFAULT_WEIGHTS).score == Decimal(100)


def test_each_part_says_what_it_gave_and_why() -> None:
    referral = replace(REFERRAL, home_district="SO14", children=(replace(GIRL, languages=("pl", "en")),))
    found = {one.part: one for one in fit(HOME, referral, (Decimal(20),), DEFAULT_WEIGHTS).parts}
    assert (found[Part.DISTANCE].points, found[Part.DISTANCE].most) == (Decimal("12.5"), Decimal(25))
    assert found[Part.DISTANCE].words == "About 20 miles from home. Measured from postcode districts."
    assert (found[Part.LANGUAGE].points, found[Part.LANGUAGE].words) == (Decimal("7.5"), "Not spoken at home: pl.")
    assert (found[Part.OTHER_CHILDREN].points, found[Part.OTHER_CHILDREN].words) == (Decimal("3.3"), "2 other children at home.")


def test_an_unknown_distance_earns_nothing_and_says_so() -> None:
    found = fit(HOME, replace(REFERRAL, home_district="ZZ9"), (None,), {Part.DISTANCE: Decimal(1)})
    assert found.score == 0
    assert found.parts[0].words.startswith("Distance to home not known.")


def test_one_mile_is_said_as_one_mile():
    assert [in_miles(Decimal(miles)) for miles in ("0.9", "1.2", "2", "12.4")] == ["1 mile", "1 mile", "2 miles", "12 miles"]
