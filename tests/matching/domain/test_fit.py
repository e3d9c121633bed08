"""Fit: 0 to 100, its parts adding up exactly, weighted as the council says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from matching.domain.fit import DEFAULT_WEIGHTS, TENTHS, Part, fit, in_miles, shares_of_a_hundred
from matching.domain.home import Home
from matching.domain.referral import Referral
from matching.domain.suitability import Standing, obstacles
from referrals.domain import settings
from shared.contracts.words import Need, RiskToChild, RiskToOthers, Sex
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
    assert (found[Part.DISTANCE].points, found[Part.DISTANCE].most) == (Decimal("7.5"), Decimal(15))
    assert found[Part.DISTANCE].words == "Home: 15 to 25 miles, so whether within 20 is undecided. Measured from postcode districts."
    assert (found[Part.SCHOOL].points, found[Part.SCHOOL].words) == (Decimal(10), "The referral names no school to be near.")
    assert (found[Part.LANGUAGE].points, found[Part.LANGUAGE].words) == (Decimal("5.0"), "Not spoken at home: pl.")
    assert (found[Part.OTHER_CHILDREN].points, found[Part.OTHER_CHILDREN].words) == (Decimal("3.3"), "2 other children at home.")


def test_an_unknown_distance_earns_nothing_and_says_so() -> None:
    found = fit(HOME, replace(REFERRAL, home_district="ZZ9"), (None,), {Part.DISTANCE: Decimal(1)})
    assert found.score == 0
    assert found.parts[0].words.startswith("Distance to home not known.")


def test_one_mile_is_said_as_one_mile():
    assert [in_miles(Decimal(miles)) for miles in ("0.9", "1.2", "2", "12.4")] == ["1 mile", "1 mile", "2 miles", "12 miles"]


def judged_part(part: Part, home: Home, referral: Referral, *miles: Decimal | None) -> tuple[Decimal, str]:
    """What one part gives when it alone counts, and why."""
    [found] = [one for one in fit(home, referral, miles, {part: Decimal(1)}).parts if one.part is part]
    return found.points, found.words


def test_home_school_and_contact_are_each_a_part_of_its_own() -> None:
    referral = replace(REFERRAL, home_district="SO14", near=(("school", "SO15"), ("contact", "GU1")))
    near_home_alone = (Decimal(1), Decimal(40), None)
    assert judged_part(Part.DISTANCE, HOME, referral, *near_home_alone)[0] == Decimal(100)
    assert judged_part(Part.SCHOOL, HOME, referral, *near_home_alone)[0] == Decimal(0)
    points, words = judged_part(Part.CONTACT, HOME, referral, *near_home_alone)
    assert (points, words) == (Decimal(0), "Distance to contact not known. Measured from postcode districts.")


def test_cultural_needs_count_as_culture_and_not_as_skills() -> None:
    child = replace(GIRL, essential_needs=frozenset({Need.HALAL_DIET}), preferred_needs=frozenset({Need.HAIR_AND_SKIN_CARE, Need.AUTISM}))
    referral = replace(REFERRAL, children=(child,))
    home = replace(HOME, skills=frozenset({Need.HALAL_DIET, Need.AUTISM}))
    assert judged_part(Part.CULTURE, home, referral) == (Decimal("50.0"), "1 of 2 cultural needs met; not: hair and skin care.")
    assert judged_part(Part.SKILLS, home, referral) == (Decimal(100), "1 of 1 preferred needs met.")


def test_skills_count_each_preferred_need_and_each_risk() -> None:
    child = replace(
        GIRL,
        preferred_needs=frozenset({Need.AUTISM}),
        risks_to_child=frozenset(RiskToChild),
        risks_to_others=frozenset({RiskToOthers.FIRE}),
    )
    referral = replace(REFERRAL, children=(child,))
    home = replace(HOME, risks_to_child=frozenset({RiskToChild.MISSING}), risks_to_others=frozenset({RiskToOthers.FIRE}))
    points, words = judged_part(Part.SKILLS, home, referral)
    assert (points, words) == (Decimal("25.0"), "0 of 1 preferred needs met; not: autism. 2 of 7 risks can be held.")


def test_what_carers_prefer_counts_and_rules_nobody_out() -> None:
    wishing = replace(HOME, prefers_to_age=6)
    assert obstacles(wishing, REFERRAL, Standing.ON_LIST) == ()
    assert judged_part(Part.CARER_PREFERENCES, HOME, REFERRAL) == (Decimal(100), "The carers state no preference.")
    points, words = judged_part(Part.CARER_PREFERENCES, wishing, REFERRAL)
    assert (points, words) == (Decimal(0), "The carers would rather look after a child of another age or sex.")
    assert judged_part(Part.CARER_PREFERENCES, replace(wishing, prefers_to_age=8), REFERRAL)[0] == Decimal(100)
    assert judged_part(Part.CARER_PREFERENCES, replace(HOME, prefers_sexes=frozenset({Sex.MALE})), REFERRAL)[0] == Decimal(0)


def test_councils_set_the_very_weights_that_matching_counts_until_they_do() -> None:
    assert {str(part): weight for part, weight in DEFAULT_WEIGHTS.items()} == dict(settings.DEFAULT_WEIGHTS)
