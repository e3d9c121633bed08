"""Which referrals could be joined up: by hand, and as laws."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.lookalikes import RULES, Coincidence, coincidences, could_be_joined_up, marks, pair_of, points
from matching.domain.referral import Referral
from matching.store.referrals import view_of
from shared.contracts.referrals import NearPlace
from shared.contracts.words import Religion, Sex, Siblings
from tests.matching import events
from tests.matching.events import SURREY

NEIGHBOURS = {"GU1": {"GU1", "GU2"}, "GU2": {"GU1", "GU2"}}
MILES = {frozenset({"GU1", "GU2"}): Decimal(2), frozenset({"GU1"}): Decimal(0), frozenset({"GU2"}): Decimal(0)}


SOMALI = events.child(languages=("so",))


def asked(**changes: Any) -> Referral:
    """A referral of a girl of eight whose home is in GU1."""
    return view_of(events.view(**{"home_district": "GU1", "children": (events.child(),)} | changes))


def held(one: Referral, other: Referral) -> frozenset[Coincidence]:
    homes = one.home_district, other.home_district
    return coincidences(one, other, MILES.get(frozenset(homes), Decimal(40)) if homes[0] and homes[1] else None)


def test_the_same_girl_asked_for_by_two_councils_could_be_joined_up() -> None:
    found = held(asked(), asked(council=SURREY))
    assert found == {Coincidence.SAME_HOME_DISTRICT, Coincidence.SAME_CHILDREN, Coincidence.CLOSE_DATES}
    assert (points(found), could_be_joined_up(found)) == (9, True)


def test_brothers_and_sisters_split_between_councils_are_found_by_language_and_home() -> None:
    one = asked(children=(events.child(languages=("so",)),))
    brother = events.child(age_years=5, sex=Sex.MALE, languages=("so", "en"))
    other = asked(children=(brother,), home_district="GU2", needed_by=events.soon(90))
    found = held(one, other)
    assert found == {Coincidence.NEIGHBOURING_HOMES, Coincidence.SAME_LANGUAGE, Coincidence.ONE_FAMILYS_AGES}
    assert (points(found), could_be_joined_up(found)) == (7, True)


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ({}, {"home_district": "GU1", "children": (events.child(age_years=5),)}),
        ({}, {"home_district": "RG1"}),
        ({"home_district": None}, {"home_district": None}),
        ({"children": (SOMALI,)}, {"home_district": "RG1", "children": (SOMALI.model_copy(update={"age_years": 5}),)}),
    ],
)
def test_neighbours_children_and_children_alike_far_apart_are_no_family(changes: dict[str, Any], other: dict[str, Any]) -> None:
    assert not could_be_joined_up(held(asked(**changes), asked(council=SURREY, **other)))


def test_what_is_blurred_coincides_with_nothing() -> None:
    shown = asked(children=(events.child(languages=("so",), religion=Religion.SIKH),), near=(NearPlace(what="school", district="GU2"),))
    blurred = asked(children=(events.child(languages=(), age_years=5, age_to_years=10),), home_district=None)
    assert held(shown, blurred) == {Coincidence.SAME_CHILDREN, Coincidence.CLOSE_DATES}, "a band of ages may hold the same child"


def test_every_coincidence_has_points_and_words() -> None:
    assert set(RULES) == set(Coincidence)
    assert all(rule.points > 0 and rule.words for rule in RULES.values())


districts = st.sampled_from(["GU1", "GU2", "RG1"])
children = st.builds(
    events.child,
    age_years=st.integers(0, 17),
    sex=st.sampled_from(Sex),
    languages=st.sampled_from([("en",), ("so",), ("pl", "en"), ()]),
    religion=st.none() | st.sampled_from(Religion),
)
any_referral = st.builds(
    asked,
    children=st.lists(children, min_size=1, max_size=3).map(tuple),
    home_district=st.none() | districts,
    near=st.lists(st.builds(NearPlace, what=st.just("school"), district=districts), max_size=2).map(tuple),
    avoid_districts=st.lists(districts, max_size=1).map(tuple),
    siblings=st.sampled_from(Siblings),
    needed_by=st.sampled_from([events.soon(3), events.soon(60)]),
)


@given(any_referral, any_referral)
def test_the_judgement_is_the_same_from_either_side(one: Referral, other: Referral) -> None:
    assert held(one, other) == held(other, one)
    assert pair_of(one.referral, other.referral) == pair_of(other.referral, one.referral)


@given(any_referral, any_referral)
def test_two_referrals_that_could_be_joined_up_have_a_mark_in_common_from_either_side(one: Referral, other: Referral) -> None:
    if not could_be_joined_up(held(one, other)):
        return
    for mine, theirs in ((one, other), (other, one)):
        sought = marks(mine, frozenset(NEIGHBOURS.get(mine.home_district or "", {mine.home_district} - {None}))).sought
        assert sought & marks(theirs, frozenset()).own


def test_no_pair_names_its_referrals() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert pair_of(one, other) not in (one, other)
    assert pair_of(one, UUID(int=3)) != pair_of(one, other)
