"""Each reason why a home cannot take a child, in words and numbers, all of them at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given

from matching.domain.home import Home
from matching.domain.referral import Child, Referral
from matching.domain.suitability import Barrier, Standing, obstacles, reasons
from shared.contracts.words import Need, PlacementKind, RiskToChild, RiskToOthers, Sex, Siblings, Urgency
from tests.matching.domain import given as any_
from tests.matching.domain.given import TODAY

HOME = Home(
    vacancy=UUID(int=1),
    household=UUID(int=2),
    provider="agency:SC900001",
    lots=frozenset({"general"}),
    district="SO15",
    free_beds=1,
    available_from=TODAY,
    from_age=5,
    to_age=10,
    sexes=frozenset({Sex.FEMALE}),
    kinds=frozenset({PlacementKind.SHORT_TERM}),
    siblings_welcome=False,
    skills=frozenset(),
    risks_to_child=frozenset(),
    risks_to_others=frozenset(),
    languages=("en",),
    religions=(),
    children_at_home=2,
)
GIRL = Child(1, 8, Sex.FEMALE)
REFERRAL = Referral(
    referral=UUID(int=3),
    reference="ABCD2345",
    council="E06000045",
    lot="general",
    urgency=Urgency.PLANNED,
    kind=PlacementKind.SHORT_TERM,
    needed_by=TODAY,
    closes_at=datetime(2026, 11, 21, 17, tzinfo=UTC),
    siblings=Siblings.ONLY_CHILD,
    children=(GIRL,),
)


def told(home: Home, referral: Referral, standing: Standing = Standing.ON_LIST) -> dict[str, str]:
    """Each barrier's words."""
    return {reason.barrier: reason.words for reason in reasons(obstacles(home, referral, standing), home, referral)}


def test_a_home_that_meets_everything_has_no_obstacle() -> None:
    assert told(HOME, REFERRAL) == {}


BOY = replace(GIRL, number=2, age=12, sex=Sex.MALE)
CASES = [
    (HOME, replace(REFERRAL, lot="disabled"), Barrier.LOT, "The vacancy is not offered in the lot disabled."),
    (HOME, replace(REFERRAL, kind=PlacementKind.LONG_TERM), Barrier.KIND, "The carer is not approved for long term placements."),
    (
        HOME,
        replace(REFERRAL, children=(replace(GIRL, age=3),)),
        Barrier.AGE_BELOW,
        "The child is aged 3; the carer is approved from 5 to 10.",
    ),
    (
        replace(HOME, free_beds=2, siblings_welcome=True),
        replace(REFERRAL, children=(GIRL, BOY)),
        Barrier.AGE_ABOVE,
        "Child 2 is aged 12; the carer is approved from 5 to 10.",
    ),
    (
        HOME,
        replace(REFERRAL, children=(replace(GIRL, sex=Sex.MALE),)),
        Barrier.SEX,
        "The child is a boy, which the carer's approval does not cover.",
    ),
    (replace(HOME, free_beds=0), REFERRAL, Barrier.BEDS, "1 bed is needed; 0 free."),
    (
        HOME,
        replace(REFERRAL, children=(GIRL, replace(GIRL, number=2)), siblings=Siblings.APART_IF_NEEDED),
        Barrier.BEDS,
        "2 beds are needed for the children together; 1 free. The council may refer the children apart.",
    ),
    (
        HOME,
        replace(REFERRAL, children=(GIRL, replace(GIRL, number=2)), siblings=Siblings.TOGETHER),
        Barrier.SIBLINGS,
        "The 2 children are to live together, and this home does not take brothers and sisters together.",
    ),
    (
        replace(HOME, available_from=TODAY + timedelta(3)),
        REFERRAL,
        Barrier.DATE,
        "Free from 23 November 2026, 3 days after the home is needed (20 November 2026).",
    ),
    (HOME, replace(REFERRAL, avoid_districts=frozenset({"SO15"})), Barrier.DISTRICT, "The home is in SO15, a district to avoid."),
    (
        HOME,
        replace(REFERRAL, children=(replace(GIRL, essential_needs=frozenset({Need.NO_OTHER_CHILDREN})),)),
        Barrier.OTHER_CHILDREN,
        "There must be no other children at home; 2 live there.",
    ),
    (
        HOME,
        replace(REFERRAL, children=(replace(GIRL, essential_needs=frozenset({Need.SIGN_LANGUAGE})),)),
        Barrier.NEED,
        "Essential need not met: sign language.",
    ),
    (
        HOME,
        replace(REFERRAL, children=(replace(GIRL, risks_to_child=frozenset({RiskToChild.MISSING})),)),
        Barrier.RISK_TO_CHILD,
        "The home does not take a child at risk of: missing.",
    ),
    (
        HOME,
        replace(REFERRAL, children=(replace(GIRL, risks_to_others=frozenset({RiskToOthers.FIRE})),)),
        Barrier.RISK_TO_OTHERS,
        "The home does not take a child who may bring a risk to others: fire.",
    ),
]


@pytest.mark.parametrize(("home", "referral", "barrier", "words"), CASES, ids=[case[2] for case in CASES])
def test_each_reason_says_what_and_by_how_much(home: Home, referral: Referral, barrier: Barrier, words: str) -> None:
    assert told(home, referral)[barrier] == words


def test_all_reasons_are_told_not_the_first() -> None:
    home = replace(HOME, free_beds=0, lots=frozenset(), available_from=TODAY + timedelta(1))
    needs = frozenset({Need.AUTISM, Need.MEDICATION})
    referral = replace(REFERRAL, children=(replace(BOY, number=1, essential_needs=needs),))
    found = obstacles(home, referral, Standing.NOT_ON_LIST)
    assert [one.barrier for one in found] == ["provider_not_on_list", "lot", "age_above_approval", "sex", "beds", "not_free_in_time"] + [
        "essential_need_not_met"
    ] * 2


def test_an_offers_own_answers_count_instead_of_the_published_skills_but_children_at_home_stay_a_fact() -> None:
    needs = frozenset({Need.AUTISM, Need.NO_OTHER_CHILDREN})
    referral = replace(REFERRAL, children=(replace(GIRL, essential_needs=needs),))
    met = obstacles(HOME, referral, Standing.ON_LIST, answers=dict.fromkeys(needs, True))
    assert [one.barrier for one in met] == [Barrier.OTHER_CHILDREN]
    quiet = replace(HOME, children_at_home=0, skills=frozenset({Need.AUTISM}))
    unmet = obstacles(quiet, referral, Standing.ON_LIST, answers=dict.fromkeys(needs, False))
    assert [(one.barrier, one.which) for one in unmet] == [(Barrier.OTHER_CHILDREN, None), (Barrier.NEED, Need.AUTISM)]


def test_a_child_of_unrecorded_sex_needs_a_home_approved_for_both() -> None:
    referral = replace(REFERRAL, children=(replace(GIRL, sex=Sex.UNKNOWN),))
    assert Barrier.SEX in told(HOME, referral)
    assert told(replace(HOME, sexes=frozenset({Sex.MALE, Sex.FEMALE})), referral) == {}


@given(any_.homes, any_.referrals)
def test_every_obstacle_finds_its_words(home: Home, referral: Referral) -> None:
    for standing in Standing:
        found = obstacles(home, referral, standing)
        words = reasons(found, home, referral)
        assert len(words) == len(found)
        assert all(reason.words.endswith(".") for reason in words)
