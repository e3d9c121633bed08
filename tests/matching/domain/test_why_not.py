"""Every reason why not, and the nearest change: applying the smallest set makes the home suitable, and nothing less does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.change import Case, Unit, Whose, applied
from matching.domain.suitability import Barrier, Standing
from matching.domain.why_not import summary, why_not
from shared.contracts.words import Need, PlacementKind, RiskToChild, Sex, Siblings, Urgency
from tests.matching.domain import given as any_
from tests.matching.domain.given import LAW
from tests.matching.domain.test_suitability import GIRL, HOME, REFERRAL

_answers = st.none() | st.dictionaries(st.sampled_from(Need), st.booleans(), max_size=8)
_days = st.none() | st.dates(any_.TODAY, any_.TODAY + timedelta(30))
cases = st.builds(
    Case,
    home=any_.homes,
    referral=any_.referrals,
    standing=st.sampled_from(Standing),
    answers=_answers,
    available_on=_days,
    stopped=st.frozensets(st.sampled_from((Barrier.SUSPENDED, Barrier.RATING))),
)


@LAW
@given(cases)
def test_applying_exactly_the_smallest_set_makes_the_home_suitable(case: Case) -> None:
    assert applied(why_not(case).smallest_set, case).obstacles == ()


@LAW
@given(cases)
def test_no_proper_subset_of_the_smallest_set_makes_the_home_suitable(case: Case) -> None:
    found = why_not(case).smallest_set
    # Every subset of a set this small; of a larger one those that leave out one change, from which the rest follow: a change
    # never makes a reason, so what is too little stays too little with less.
    sizes = range(len(found)) if len(found) <= 6 else [len(found) - 1]
    for size in sizes:
        for fewer in combinations(found, size):
            assert applied(fewer, case).obstacles != ()


@LAW
@given(cases)
def test_a_change_takes_away_its_own_reason_and_no_other_and_makes_none(case: Case) -> None:
    before = case.obstacles
    for obstacle, barrier in zip(before, why_not(case).barriers, strict=True):
        for way in barrier.ways:
            assert applied([way], case).obstacles == tuple(one for one in before if one != obstacle), way


@LAW
@given(cases)
def test_any_one_way_for_each_reason_together_makes_the_home_suitable(case: Case) -> None:
    answer = why_not(case)
    assert all(barrier.ways for barrier in answer.barriers)
    for number, ways in enumerate(product(*(barrier.ways for barrier in answer.barriers))):
        assert applied(ways, case).obstacles == ()
        assert applied(reversed(ways), case).obstacles == ()
        if number > 30:
            break


@LAW
@given(cases)
def test_the_reasons_are_those_of_the_pure_rule_and_a_suitable_home_is_said_to_be_suitable(case: Case) -> None:
    answer = why_not(case)
    assert [(one.reason.barrier, one.reason.which) for one in answer.barriers] == [
        (one.barrier, one.which and str(one.which)) for one in case.obstacles
    ]
    assert answer.suitable == (case.obstacles == ()) == (answer.smallest_set == ())
    assert ("nothing stands in the way" in summary(answer)) == answer.suitable


def asked(standing: Standing = Standing.ON_LIST, **changes: object) -> Case:
    """The home and referral of the plain cases, with these fields changed on whichever of the two has them."""
    home = {name: value for name, value in changes.items() if hasattr(HOME, name)}
    referral = {name: value for name, value in changes.items() if not hasattr(HOME, name)}
    return Case(replace(HOME, **home), replace(REFERRAL, **referral), standing)


TWELVE, TODDLER, BOY = replace(GIRL, age=12), replace(GIRL, age=3), replace(GIRL, number=2, sex=Sex.MALE)
WORDS = [
    (
        asked(to_age=11, children=(TWELVE,)),
        Barrier.AGE_ABOVE,
        "The carer is approved to age 11; the child is 12: approval one year higher.",
        (Whose.REVIEWING_PANEL, 1, Unit.YEARS),
    ),
    (
        asked(children=(TODDLER,)),
        Barrier.AGE_BELOW,
        "The carer is approved from age 5; the child is 3: approval two years lower.",
        (Whose.REVIEWING_PANEL, 2, Unit.YEARS),
    ),
    (asked(free_beds=0), Barrier.BEDS, "One more bed free.", (Whose.AGENCY, 1, Unit.BEDS)),
    (
        asked(available_from=any_.TODAY + timedelta(2)),
        Barrier.DATE,
        "Available from 22 November, needed by 20 November: two days later.",
        (Whose.COUNCIL, 2, Unit.DAYS),
    ),
    (
        asked(available_from=any_.TODAY + timedelta(2), urgency=Urgency.EMERGENCY),
        Barrier.DATE,
        "Available from 22 November, needed by 20 November: free two days earlier.",
        (Whose.AGENCY, 2, Unit.DAYS),
    ),
    (
        asked(children=(replace(GIRL, sex=Sex.MALE),)),
        Barrier.SEX,
        "The carer's approval to cover boys as well.",
        (Whose.REVIEWING_PANEL, None, None),
    ),
    (
        asked(kind=PlacementKind.LONG_TERM),
        Barrier.KIND,
        "The carer's approval to cover long term placements.",
        (Whose.REVIEWING_PANEL, None, None),
    ),
    (
        asked(free_beds=2, sexes=frozenset(Sex), children=(GIRL, BOY), siblings=Siblings.TOGETHER),
        Barrier.SIBLINGS,
        "The carer to take brothers and sisters together.",
        (Whose.AGENCY, None, None),
    ),
    (asked(is_open=False), Barrier.CLOSED, "The vacancy to be opened again.", (Whose.AGENCY, None, None)),
    (asked(Standing.IN_HOUSE, is_open=False), Barrier.CLOSED, "The vacancy to be opened again.", (Whose.OWN_FOSTERING_SERVICE, None, None)),
    (
        asked(children=(replace(GIRL, risks_to_child=frozenset({RiskToChild.MISSING})),)),
        Barrier.RISK_TO_CHILD,
        "The carer to take a child at risk of missing, with the support that needs.",
        (Whose.AGENCY, None, None),
    ),
    (
        asked(avoid_districts=frozenset({"SO15"})),
        Barrier.DISTRICT,
        "SO15 to be no longer among the districts to avoid.",
        (Whose.COUNCIL, None, None),
    ),
]


@pytest.mark.parametrize(("case", "barrier", "words", "numbers"), WORDS, ids=[f"{row[1]} {number}" for number, row in enumerate(WORDS)])
def test_each_nearest_change_says_what_by_how_much_and_whose(
    case: Case, barrier: Barrier, words: str, numbers: tuple[Whose, int | None, Unit | None]
) -> None:
    [found] = why_not(case).barriers
    nearest = found.ways[0]
    assert (found.reason.barrier, nearest.words) == (barrier, words)
    assert (nearest.whose, nearest.amount, nearest.unit) == numbers


def test_an_agency_off_the_list_and_another_councils_carer_are_told_to_be_arranged_outside() -> None:
    for standing, whose in ((Standing.NOT_ON_LIST, Whose.CONSORTIUM), (Standing.OTHER_COUNCIL, Whose.OTHER_COUNCIL)):
        [change] = why_not(asked(standing)).smallest_set
        assert (change.whose, change.outside) == (whose, True)


def test_beds_beyond_the_usual_limit_and_approval_in_an_emergency_say_what_the_law_adds() -> None:
    [beds] = why_not(asked(free_beds=0, children_at_home=3)).smallest_set
    assert "exemption by the council where the carer lives" in str(beds.note)
    [age] = why_not(asked(to_age=7, urgency=Urgency.EMERGENCY)).smallest_set
    assert "at most six working days" in str(age.note)
