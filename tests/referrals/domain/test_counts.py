"""Counts of looked-after children: checked row by row, and told to others as aggregates that identify nobody."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.counts import AGE_BANDS, FEW, PARTS, ROUNDED_TO, Attribute, Cell, Count, Counts, Written, checked, from_csv, told
from referrals.domain.national_shares import LINES, share_of, total_of
from shared.contracts.words import Need, Religion, RiskToChild, RiskToOthers, Sex
from tests.referrals.domain.records import LAW, TODAY

DAY = date(2026, 3, 31)


def of(text: str) -> tuple[Counts | None, list[tuple[str, str]]]:
    """What a file of counts says, and the fault of each row."""
    total, written, unread = from_csv("attribute,value,children\n" + text)
    counts, broken = checked(DAY, total, written, TODAY)
    return counts, [(reason.field, reason.rule) for reason in (*unread, *broken)]


def test_a_file_of_counts_is_read_with_its_total_its_parts_and_its_joint_cells() -> None:
    counts, faults = of("total,,30\nsex,M,17\nsex,F,13\nneed,autism,c\nage_band+sex,5-9+F,6\n")
    assert faults == []
    assert counts == Counts(
        DAY,
        30,
        (
            Cell(((Attribute.AGE_BAND, "5-9"), (Attribute.SEX, "F")), Count(6, 6)),
            Cell(((Attribute.NEED, "autism"),), FEW),
            Cell(((Attribute.SEX, "F"),), Count(13, 13)),
            Cell(((Attribute.SEX, "M"),), Count(17, 17)),
        ),
    )


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("sex,M,1\n", [("total", "whole_number")]),
        ("total,,-3\n", [("total", "whole_number")]),
        ("total,,٣\n", [("total", "whole_number")]),
        ("total,,3\ntotal,,4\n", [("row 3", "each_once")]),
        ("total,,30\nsex,M,17\nsex,F,12\n", [("sex", "adds_up")]),
        ("total,,30\nsex,M,27\nsex,F,c\n", []),
        ("total,,30\nsex,M,20\nsex,F,c\n", [("sex", "adds_up")]),
        ("total,,30\nreligion,muslim,12\n", [("religion", "adds_up")]),
        ("total,,30\nlanguage,pl,31\n", [("row 3", "not_more_than_total")]),
        ("total,,30\nlanguage,pl,20\nlanguage,en,30\n", []),
        ("total,,30\nhome_district,SO14,20\nhome_district,SO15,11\n", [("home_district", "adds_up")]),
        ("total,,30\nhome_district,SO14,20\n", []),
        ("total,,30\nsex,M,30\nsex,M,30\n", [("row 4", "each_once")]),
        ("total,,30\nshoe_size,4,3\n", [("row 3", "known_attribute")]),
        ("total,,30\nreligion,jedi,3\n", [("row 3", "known_value")]),
        ("total,,30\nhome_district,SO14 7LY,3\n", [("row 3", "known_value")]),
        ("total,,30\nlanguage,Polish,3\n", [("row 3", "known_value")]),
        ("total,,30\nneed,autism,about 3\n", [("row 3", "whole_number")]),
        ("total,,30\nneed,autism\n", [("row 3", "three_fields")]),
        ("total,,30\nage+sex,8,3\n", [("row 3", "three_fields")]),
        ("total,,30\nage+age_band,8+5-9,3\n", [("row 3", "age_or_band")]),
        ("total,,30\nneed+need,autism+adhd,3\n", [("row 3", "attributes")]),
        ("total,,30\nneed,autism,4\nneed+language,autism+pl,5\n", [("row 4", "not_more_than_its_parts")]),
        ("total,,30\nneed,autism,c\nneed+language,autism+pl,5\n", [("row 4", "not_more_than_its_parts")]),
        ("total,,9\nage,8,9\nage_band,1-4,9\n", [("age_band", "agrees_with_age"), ("age_band", "agrees_with_age")]),
    ],
)
def test_every_faulty_row_is_named_with_its_rule(text: str, faults: list[tuple[str, str]]) -> None:
    counts, found = of(text)
    assert found == faults
    assert faults or counts is not None


def test_all_faults_are_named_at_once_and_no_sum_is_blamed_for_a_row_that_could_not_be_read() -> None:
    _, faults = of("total,,30\nsex,M,x\nsex,F,13\nneed,nothing,2\nage,99,1\nreligion,none,3\n")
    assert faults == [("row 3", "whole_number"), ("row 5", "known_value"), ("row 6", "known_value"), ("religion", "adds_up")]


def test_counts_of_tomorrow_are_refused() -> None:
    _, broken = checked(TODAY + timedelta(1), "3", (), TODAY)
    assert [reason.rule for reason in broken] == ["not_in_the_future"]


def test_a_file_without_its_heading_is_refused() -> None:
    assert [reason.rule for reason in from_csv("sex,M,3\n")[2]] == ["columns"]
    assert [reason.rule for reason in from_csv("")[2]] == ["columns"]


cells = st.tuples(
    st.lists(st.sampled_from([("need", need) for need in ("autism", "adhd", "medication")]), min_size=1, max_size=1)
    | st.just([("need", "autism"), ("sex", "F")])
    | st.just([("need", "adhd"), ("sex", "M")]),
    st.integers(0, 60),
)


@LAW
@given(st.lists(cells, max_size=6, unique_by=lambda each: tuple(each[0])), st.integers(60, 500))
def test_what_others_are_told_holds_no_exact_count_and_of_few_children_nothing_jointly(
    drawn: list[tuple[list[tuple[str, str]], int]], total: int
) -> None:
    written = [Written(f"row {number}", tuple(traits), str(children)) for number, (traits, children) in enumerate(drawn)]
    counts, _ = checked(DAY, str(total), written, TODAY)
    if counts is None:
        return
    others = told(counts)
    assert others.total % ROUNDED_TO == 0
    exact = {cell.of: cell.count.low for cell in counts.cells}
    for cell in others.cells:
        if cell.count == FEW:
            assert len(cell.of) == 1
            assert 1 <= exact[cell.of] <= 4
        else:
            assert cell.count.low == cell.count.high
            assert cell.count.low % ROUNDED_TO == 0
            assert abs(cell.count.low - exact[cell.of]) <= 2
            assert cell.count.low == 0 or exact[cell.of] >= 5
    dropped = set(exact) - {cell.of for cell in others.cells}
    assert all(len(traits) > 1 and 1 <= exact[traits] <= 4 for traits in dropped)


def test_every_default_names_its_source_and_a_date_and_the_shares_of_a_whole_add_up() -> None:
    assert all(line.source and line.as_of <= TODAY and line.basis for line in LINES)
    for attribute in PARTS - {Attribute.AGE}:
        whole = sum(line.share for line in LINES if line.attribute == attribute and line.value != Sex.UNKNOWN)
        assert abs(whole - 1) <= Fraction(1, 100), attribute
    assert {line.value for line in LINES if line.attribute == "age_band"} == set(AGE_BANDS)


def test_every_word_a_referral_may_use_has_a_default_share() -> None:
    for attribute, words in (
        (Attribute.SEX, Sex),
        (Attribute.RELIGION, Religion),
        (Attribute.NEED, Need),
        (Attribute.RISK_TO_CHILD, RiskToChild),
        (Attribute.RISK_TO_OTHERS, RiskToOthers),
        (Attribute.SIBLING_GROUP, map(str, range(1, 9))),
        (Attribute.LANGUAGE, ("en", "pl", "xx")),
    ):
        for word in words:
            line = share_of(attribute, str(word))
            assert line is not None, word
            assert 0 < line.share < 1, word
    assert total_of("E06000045") is not None
    assert total_of("W06000015") is None
