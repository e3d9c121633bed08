"""How many share what a referral shows: by hand, against a counted population, and as laws."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.domain.blurs import Blur
from referrals.domain.broadcast import band_of, view_of
from referrals.domain.counts import Attribute, Cell, Count, Counts, Written, checked
from referrals.domain.identity import Identity
from referrals.domain.national_shares import MULTIPLE_BIRTH
from referrals.domain.referral import Referral
from referrals.domain.small_cells import Population, SmallCells, estimate, small_cells
from referrals.domain.small_cells_words import how, in_words, rounded
from shared.contracts.referrals import ChildView, NearPlace, ReferralView
from shared.contracts.words import PlacementKind, Religion, Siblings, Urgency
from tests.referrals.domain.records import CLOSES, LAW, TODAY, identities, referrals

HERE, THERE = "E06000045", "E10000014"
DAY = date(2026, 3, 31)
FEWER = settings(LAW, max_examples=25)
"""For laws each example of which tries every blur."""


def child(**changes: Any) -> ChildView:
    """A girl of eight of whom nothing else is shown."""
    return ChildView(**{"child_number": 1, "age_years": 8, "sex": "F", "languages": ()} | changes)


def view(*children: ChildView, **changes: Any) -> ReferralView:
    """What providers would be shown of these children."""
    told: dict[str, Any] = {
        "referral": UUID(int=1),
        "reference": "K7M4-WQ3P",
        "council": HERE,
        "lot": "general",
        "urgency": Urgency.PLANNED,
        "kind": PlacementKind.SHORT_TERM,
        "needed_by": TODAY,
        "planned": True,
        "closes_at": datetime(2026, 11, 24, 16, tzinfo=UTC),
        "siblings": Siblings.ONLY_CHILD if len(children) == 1 else Siblings.TOGETHER,
        "children": children,
    }
    return ReferralView(**told | changes)


def counts(total: int, *cells: tuple[dict[str, str], int | str]) -> Counts:
    """Counts as a council uploads them; they must be without fault."""
    written = [Written(f"cells.{number}", tuple(traits.items()), str(children)) for number, (traits, children) in enumerate(cells)]
    found, broken = checked(DAY, str(total), written, TODAY)
    assert found is not None, broken
    return found


AGES = [({"age": str(age)}, 10) for age in range(18)]
SEXES = [({"sex": "F"}, 72), ({"sex": "M"}, 108)]
COUNTED = counts(180, *AGES, *SEXES)


def number(shown: ReferralView, *populations: Population) -> Fraction:
    return estimate(shown, populations).together


def test_the_shares_of_one_child_multiply() -> None:
    assert number(view(child()), Population(HERE, COUNTED, {})) == 4  # 180 × 10/180 × 72/180


def test_the_councils_add_up_and_each_says_its_own() -> None:
    other = counts(20, ({"age_band": "5-9"}, 20), ({"sex": "F"}, 10), ({"sex": "M"}, 10))
    found = estimate(view(child()), (Population(HERE, COUNTED, {}), Population(THERE, other, {})))
    assert found.by_council == {HERE: 4, THERE: 2}  # 20 × (20/20)/5 × 10/20
    assert found.together == 6


def test_a_joint_count_is_taken_in_place_of_the_product_and_a_suppressed_one_as_one_child() -> None:
    joint = counts(180, *AGES, *SEXES, ({"age": "8", "sex": "F"}, 7))
    assert number(view(child()), Population(HERE, joint, {})) == 7
    few = counts(180, *AGES, *SEXES, ({"age": "8", "sex": "F"}, "c"))
    assert number(view(child()), Population(HERE, few, {})) == 1
    # The rest still multiplies: 7 × 9 % seeking asylum, which nobody counted here and is published for England.
    assert number(view(child(essential_needs=("asylum_seeking",))), Population(HERE, joint, {})) == Fraction(63, 100)


def test_a_joint_count_by_age_band_is_narrowed_to_the_year_shown() -> None:
    banded = counts(180, *AGES, *SEXES, ({"age_band": "5-9", "sex": "F"}, 40))
    assert number(view(child()), Population(HERE, banded, {})) == 8  # ages 5 to 9 are 50 of 180, age 8 is 10 of those 50
    assert number(view(child(age_years=5, age_to_years=9)), Population(HERE, banded, {})) == 40


def test_the_narrowest_joint_count_is_taken() -> None:
    joint = counts(180, *AGES, *SEXES, ({"age": "8", "sex": "F"}, 7), ({"age": "8", "sex": "F", "need": "autism"}, 3))
    assert number(view(child(preferred_needs=("autism",))), Population(HERE, joint, {})) == 3


def test_months_are_a_twelfth_of_a_year() -> None:
    assert number(view(child(age_years=1, age_months=13)), Population(HERE, COUNTED, {})) == Fraction(4, 12)


def test_what_nobody_counted_has_its_published_share() -> None:
    assert number(view(child()), Population(HERE, None, {})) == Fraction(530) * Fraction(18, 100) / 5 * Fraction(43, 100)
    muslim = child(religion=Religion.MUSLIM)
    assert number(view(muslim), Population(HERE, COUNTED, {})) == 4 * Fraction(67, 1000)


def test_a_rare_language_makes_the_cell_small() -> None:
    assert number(view(child(languages=("xx",))), Population(HERE, COUNTED, {})) == 4 * Fraction(5, 10000)
    spoken = counts(180, *AGES, *SEXES, ({"language": "so"}, 9))
    assert number(view(child(languages=("so",))), Population(HERE, spoken, {})) == Fraction(4 * 9, 180)


def test_a_home_lies_where_its_councils_postcodes_do_until_the_council_counts() -> None:
    shares = {(HERE, "SO14"): Fraction(1, 10), (HERE, "SO15"): Fraction(1, 5)}
    shown = view(child(), home_district="SO14", near=(NearPlace(what="school", district="SO15"),))
    assert number(shown, Population(HERE, COUNTED, shares)) == Fraction(4, 50)
    counted = counts(180, *AGES, *SEXES, ({"home_district": "SO14"}, 90))
    assert number(shown, Population(HERE, counted, shares)) == Fraction(4, 10)  # 4 × 90/180 × 1/5
    everywhere = counts(180, *AGES, *SEXES, ({"home_district": "SO16"}, 180))
    assert number(shown, Population(HERE, everywhere, shares)) == 0, "every home was counted, and none is in SO14"


GROUPED = counts(180, *AGES, *SEXES, ({"sibling_group": "1"}, 70), ({"sibling_group": "2"}, 60), ({"sibling_group": "5"}, 50))


def test_brothers_and_sisters_are_counted_as_groups() -> None:
    pair = view(child(), child(child_number=2, age_years=5, sex="M"))
    found = estimate(pair, [Population(HERE, GROUPED, {})])
    # 30 groups of two × 2 ways round × (10/180 × 72/180) × (10/180 × 108/180)
    assert found.together == 30 * 2 * Fraction(4, 180) * Fraction(6, 180)
    assert found.each == (60 * Fraction(4, 180), 60 * Fraction(6, 180))


def test_twins_count_by_how_often_brothers_and_sisters_are_twins() -> None:
    twins = view(child(), child(child_number=2))
    once = Fraction(10, 180) * Fraction(72, 180)
    again = Fraction(15, 1000) * Fraction(72, 180)  # of the second only that she is a girl, and a twin
    assert number(twins, Population(HERE, GROUPED, {})) == 30 * once * again
    assert MULTIPLE_BIRTH.share == Fraction(15, 1000)


def test_five_brothers_and_sisters_are_hardly_ever_found_again() -> None:
    five = view(*(child(child_number=age, age_years=age) for age in range(1, 6)))
    assert number(five, Population(HERE, GROUPED, {})) == 10 * 120 * Fraction(4, 180) ** 5
    assert in_words(SmallCells(estimate(five, []), Fraction(0), 10, ()), 5).startswith("Probably no other of the groups of 5 brothers")


def test_what_all_children_of_a_family_share_counts_once() -> None:
    spoken = counts(180, *AGES, *SEXES, ({"sibling_group": "1"}, 120), ({"sibling_group": "2"}, 60), ({"language": "so"}, 18))
    both = view(child(languages=("so",)), child(child_number=2, age_years=5, languages=("so",)))
    assert number(both, Population(HERE, spoken, {})) == 30 * 2 * Fraction(4, 180) ** 2 * Fraction(1, 10)
    one = view(child(languages=("so",)), child(child_number=2, age_years=5, languages=("so", "en")))
    assert number(one, Population(HERE, spoken, {})) == 30 * 2 * Fraction(4, 180) ** 2 * Fraction(1, 100) * Fraction(908, 1000)


def test_a_council_without_children_and_one_that_nobody_knows_add_nothing() -> None:
    assert number(view(child()), Population(HERE, counts(0), {}), Population("W06000015", None, {})) == 0


# --- an independent recount: people made out of counts for which independence holds, and counted one by one ---

weights = st.integers(1, 2)


@st.composite
def made_up(draw: st.DrawFn) -> list[dict[str, str]]:
    """One person for every combination of values, as often as the weights say: so the attributes have nothing to do with each other."""
    values = {
        "age": {"8": draw(weights), "9": draw(weights)},
        "sex": {"F": draw(weights), "M": draw(weights)},
        "religion": {"none": draw(weights), "muslim": draw(weights)},
        "home_district": {"SO14": draw(weights), "SO15": draw(weights)},
    }
    listed = [[(name, value) for value, often in each.items() for _ in range(often)] for name, each in values.items()]
    return [dict(traits) for traits in product(*listed)]


def tabulated(people: list[dict[str, str]], total: int, groups_of: int = 1) -> Counts:
    parts = Counter(trait for person in people for trait in person.items())
    each = total // len(people)
    cells = [({name: value}, often * each) for (name, value), often in parts.items()]
    return counts(total, *cells, ({"sibling_group": str(groups_of)}, total))


def shown_as(person: dict[str, str], number: int = 1) -> ChildView:
    return child(child_number=number, age_years=int(person["age"]), sex=person["sex"], religion=person["religion"])


@LAW
@given(made_up(), st.data())
def test_where_the_attributes_are_independent_the_estimate_is_the_count(people: list[dict[str, str]], data: st.DataObject) -> None:
    person = data.draw(st.sampled_from(people))
    shown = view(shown_as(person), home_district=person["home_district"])
    assert number(shown, Population(HERE, tabulated(people, len(people)), {})) == sum(other == person for other in people)


@settings(LAW, max_examples=15)
@given(made_up(), st.data())
def test_where_brothers_and_sisters_are_independent_the_estimate_is_the_count_of_groups(
    people: list[dict[str, str]], data: st.DataObject
) -> None:
    alone = [{name: person[name] for name in ("age", "sex", "religion")} for person in people if person["home_district"] == "SO14"]
    homes = ["SO14", "SO15", "SO15"]
    groups = [(one, other, home) for one in alone for other in alone for home in homes]
    members = [{**person, "home_district": home} for one, other, home in groups for person in (one, other)]
    different = [group for group in groups if group[0]["age"] != group[1]["age"] and group[0]["religion"] != group[1]["religion"]]
    one, other, home = data.draw(st.sampled_from(different))
    shown = view(shown_as(one), shown_as(other, 2), home_district=home)
    counted = sum({tuple(a.items()), tuple(b.items())} == {tuple(one.items()), tuple(other.items())} and at == home for a, b, at in groups)
    found = number(shown, Population(HERE, tabulated(members, len(members), groups_of=2), {}))
    assert found == counted


# --- laws of the blurs ---


def test_a_blur_never_lowers_the_number_though_a_joint_count_then_no_longer_fits() -> None:
    joint = counts(180, *AGES, *SEXES, ({"language": "so"}, 18), ({"age": "8", "sex": "F", "language": "so"}, 9))
    people = [Population(HERE, joint, {})]

    def render(blurs: frozenset[Blur]) -> ReferralView:
        return view(child(languages=() if Blur.LANGUAGES in blurs else ("so",)))

    assert number(render(frozenset({Blur.LANGUAGES})), *people) == 4, "by itself the product says fewer than the joint count did"
    before = small_cells(render, frozenset(), people, 10)
    assert (before.together, before.best) == (9, None)
    assert small_cells(render, frozenset({Blur.LANGUAGES}), people, 10).together == 9


@st.composite
def populations(draw: st.DrawFn) -> list[Population]:
    """Councils with any counts at all, parts and joint cells that need not even agree, or none."""
    traits = [
        *(("age", str(age)) for age in (0, 1, 8, 15)), ("age_band", "5-9"), ("age_band", "10-15"), ("sex", "F"), ("sex", "M"),
        ("religion", "muslim"), ("language", "en"), ("language", "so"), ("home_district", "SO14"), ("near_district", "SO15"),
        ("need", "autism"), ("sibling_group", "2"),
    ]  # fmt: skip
    shares = {(council, district): Fraction(1, 7) for council in (HERE, THERE) for district in ("SO14", "SO15", "RG1")}
    found = []
    for council in (HERE, THERE):
        named = st.lists(st.sampled_from(traits), min_size=1, max_size=3, unique_by=lambda trait: trait[0])
        drawn = draw(st.lists(st.tuples(named, st.integers(0, 50)), max_size=8))
        cells = {
            traits: Cell(traits, Count(many, many))
            for of, many in drawn
            for traits in [tuple(sorted((Attribute(name), value) for name, value in of))]
        }
        found.append(Population(council, draw(st.none() | st.just(Counts(DAY, 200, tuple(cells.values())))), shares))
    return found


@st.composite
def rendered(draw: st.DrawFn) -> tuple[Referral, dict[UUID, Identity]]:
    referral = draw(referrals(children=draw(st.integers(1, 3))))
    return referral, {needs.child: draw(identities()) for needs in referral.terms.children}


def judged(referral: Referral, vault: dict[UUID, Identity], blurred: frozenset[Blur], people: list[Population]) -> SmallCells:
    def render(blurs: frozenset[Blur]) -> ReferralView:
        return view_of(replace(referral, terms=replace(referral.terms, blurred=tuple(blurs))), vault, TODAY, CLOSES)

    return small_cells(render, blurred, people, 10)


@FEWER
@given(rendered(), populations(), st.sets(st.sampled_from(Blur), max_size=2))
def test_the_named_blur_raises_the_number_most_and_no_blur_lowers_it(
    of: tuple[Referral, dict[UUID, Identity]], people: list[Population], already: set[Blur]
) -> None:
    before = judged(*of, frozenset(already), people)
    after = {blur: judged(*of, frozenset(already | {blur}), people).together for blur in set(Blur) - already}
    assert all(number >= before.together for number in after.values())
    assert all(one.together == after[one.blur] for one in before.blurs)
    best = max([before.together, *after.values()])
    if before.best is None:
        assert best == before.together
    else:
        assert before.together < best == after[before.best]
        equal = [blur for blur in Blur if after.get(blur) == best]
        assert before.best is equal[0], "of equal blurs the first in the declared order is named"


@FEWER
@given(rendered(), populations())
def test_the_answer_is_the_same_whatever_the_order_of_the_councils(
    of: tuple[Referral, dict[UUID, Identity]], people: list[Population]
) -> None:
    assert judged(*of, frozenset(), people).blurs == judged(*of, frozenset(), people[::-1]).blurs


HIDES = {
    Blur.AGE_MONTHS: lambda shown: [one.age_months for one in shown.children],
    Blur.PREFERRED_NEEDS: lambda shown: [need for one in shown.children for need in one.preferred_needs],
    Blur.NEAR_DISTRICTS: lambda shown: list(shown.near),
    Blur.RELIGION: lambda shown: [one.religion for one in shown.children],
    Blur.LANGUAGES: lambda shown: [language for one in shown.children for language in one.languages],
    Blur.AGE_BAND: lambda shown: [one.age_months for one in shown.children],
    Blur.HOME_DISTRICT: lambda shown: [shown.home_district, *(place.what == "home" or None for place in shown.near)],
}


@LAW
@given(rendered(), st.sets(st.sampled_from(Blur)))
def test_what_is_blurred_is_not_shown_and_nothing_else_changes(of: tuple[Referral, dict[UUID, Identity]], blurs: set[Blur]) -> None:
    referral, vault = of
    plain = view_of(referral, vault, TODAY, CLOSES)
    shown = view_of(replace(referral, terms=replace(referral.terms, blurred=tuple(blurs))), vault, TODAY, CLOSES)
    assert set(HIDES) == set(Blur)
    for blur in blurs:
        assert not any(HIDES[blur](shown)), blur
    for one, exact in zip(shown.children, plain.children, strict=True):
        assert one.age_years <= exact.age_years <= (one.age_to_years if one.age_to_years is not None else one.age_years)
        assert (one.sex, one.essential_needs, one.risks_to_child) == (exact.sex, exact.essential_needs, exact.risks_to_child)
    if not blurs:
        assert shown == plain


@pytest.mark.parametrize(
    ("years", "bands", "expected"),
    [(8, [(0, 4), (5, 10)], (5, 10)), (17, [(16, 18)], (16, 17)), (8, [], (5, 9)), (0, [], (0, 0)), (8, [(11, 15)], (5, 9))],
)
def test_an_age_is_blurred_to_the_band_of_the_lots_prices_else_of_the_national_tables(
    years: int, bands: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    assert band_of(years, bands) == expected


def test_a_number_below_the_threshold_never_reads_as_reaching_it() -> None:
    assert str(rounded(Fraction(999, 100))) == "9.9"
    assert str(rounded(Fraction(0))) == "0.0"


def test_the_words_say_how_the_number_came_about() -> None:
    words = " ".join(how([Population(HERE, COUNTED, {}), Population(THERE, None, {}), Population("W06000015", None, {})]))
    said = ("It is an estimate", "1 council uploaded counts", "For 1 council without counts", "without a default number", "not counted")
    assert [told for told in said if told not in words] == []
