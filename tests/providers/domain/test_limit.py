"""How many children may live in one foster home: the law over every number, and each edge by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.domain.household import ApprovalTerms, Exemption, Home, Household
from providers.domain.limit import Coming, within_approval, within_usual_limit
from shared.contracts.words import PlacementKind, Sex

DAY = date(2026, 11, 20)
FULL_OF_THREE = Household(
    reference="H1",
    home=Home("SO14 7LY", "SO14", None, None, "E06000045"),
    approval=ApprovalTerms(0, 17, (Sex.MALE, Sex.FEMALE), 6, (PlacementKind.SHORT_TERM,)),
    approved_on=DAY,
    children_at_home=3,
    fostered_children=3,
)


def exemption(children: int = 4, starts_on: date = DAY, ends_on: date | None = None) -> Exemption:
    return Exemption(children, children, "E06000045", starts_on, ends_on, "EX-1")


@given(
    stated=st.none() | st.integers(0, 5),
    in_use=st.integers(0, 5),
    children=st.integers(1, 5),
    siblings=st.sampled_from([None, True, False]),
    confirmed=st.booleans(),
    exempted=st.lists(
        st.tuples(st.integers(4, 8), st.integers(-3, 3), st.none() | st.integers(-3, 3)).map(
            lambda x: exemption(x[0], DAY + timedelta(x[1]), None if x[2] is None else DAY + timedelta(x[2]))
        ),
        max_size=2,
    ),
)
def test_above_three_only_brothers_and_sisters_or_an_exemption_of_the_day_let_anybody_in(
    stated: int | None, in_use: int, children: int, siblings: bool | None, confirmed: bool, exempted: list[Exemption]
) -> None:
    home = replace(FULL_OF_THREE, fostered_children=stated, fostered_are_siblings=siblings, exemptions=tuple(exempted))
    there = (stated or 0) + in_use
    total = there + children
    all_siblings = there == 0 or (siblings is True and confirmed)
    exempt = any(x.children >= total and x.starts_on <= DAY <= (x.ends_on or date.max) for x in exempted)
    assert within_usual_limit(home, in_use, Coming(children, DAY, confirmed)) == (total <= 3 or all_siblings or exempt)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "holds"),
    [
        (DAY, DAY, True),
        (DAY - timedelta(30), DAY - timedelta(1), False),
        (DAY + timedelta(1), None, False),
        (DAY - timedelta(30), None, True),
    ],
    ids=["only today", "expired by a day", "begins tomorrow", "no end"],
)
def test_an_exemption_counts_on_its_days_and_on_no_other(starts_on: date, ends_on: date | None, holds: bool) -> None:
    home = replace(FULL_OF_THREE, exemptions=(exemption(4, starts_on, ends_on),))
    assert within_usual_limit(home, 0, Coming(1, DAY)) == holds


def test_four_brothers_and_sisters_of_one_referral_may_move_into_an_empty_home() -> None:
    assert within_usual_limit(replace(FULL_OF_THREE, fostered_children=0), 0, Coming(4, DAY))


def test_an_officers_word_does_not_make_strangers_siblings() -> None:
    assert not within_usual_limit(replace(FULL_OF_THREE, fostered_are_siblings=False), 0, Coming(1, DAY, confirmed=True))


def test_the_number_approved_counts_those_placed_through_hearth_and_those_stated() -> None:
    home = replace(FULL_OF_THREE, fostered_children=2)
    assert within_approval(home, 3, Coming(1, DAY))
    assert not within_approval(home, 4, Coming(1, DAY))
