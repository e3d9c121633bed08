"""Who pays what share: always exactly 100 per cent, and to the penny the whole fee."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.domain.funding_split import Funder, Split, faults_of_split, pounds_of

PENNY = Decimal("0.01")


@st.composite
def sound_splits(draw: st.DrawFn) -> Split:
    """Shares of 10,000 hundredths, cut at random places."""
    funders = draw(st.lists(st.sampled_from(list(Funder)), min_size=1, unique=True))
    cuts = sorted(draw(st.lists(st.integers(1, 9_999), min_size=len(funders) - 1, max_size=len(funders) - 1, unique=True)))
    edges = [0, *cuts, 10_000]
    return Split.of({funder: Decimal(b - a) / 100 for funder, a, b in zip(funders, edges[:-1], edges[1:], strict=True)})


shares = st.dictionaries(st.sampled_from(list(Funder)), st.decimals("-5", "105", places=2), max_size=4)


@given(shares)
def test_a_split_is_sound_exactly_when_its_shares_are_more_than_nothing_and_add_up_to_100(given_shares: dict[Funder, Decimal]) -> None:
    sound = sum(given_shares.values()) == 100 and all(share > 0 for share in given_shares.values())
    assert (not faults_of_split(Split.of(given_shares))) == sound


@given(sound_splits(), st.decimals("0.01", "20000", places=2))
def test_the_shares_of_a_fee_add_up_to_it_to_the_penny_and_none_is_a_penny_off(split: Split, fee: Decimal) -> None:
    assert faults_of_split(split) == ()
    assert sum(per_cent for _, per_cent in split.shares) == Decimal("100.00")
    paid = pounds_of(split, fee)
    assert sum(pounds for _, pounds in paid) == fee
    for (funder, per_cent), (payer, pounds) in zip(split.shares, paid, strict=True):
        assert funder is payer
        assert pounds == pounds.quantize(PENNY)
        assert abs(pounds - fee * per_cent / 100) < PENNY


@given(sound_splits(), st.decimals("0.01", "20000", places=2))
def test_the_order_in_which_funders_are_named_changes_nothing(split: Split, fee: Decimal) -> None:
    turned = Split.of(dict(reversed(split.shares)))
    assert turned == split
    assert pounds_of(turned, fee) == pounds_of(split, fee)


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ({"education": "33.33", "health": "33.33", "social_care": "33.33"}, {"adds_up_to_100"}),
        ({"education": "33.33", "health": "33.33", "social_care": "33.34"}, set()),
        ({"education": "0", "social_care": "100"}, {"share_of_something"}),
        ({"education": "-10", "social_care": "110"}, {"share_of_something"}),
        ({"education": "50.005", "social_care": "49.995"}, {"decimal_places"}),
        ({}, {"adds_up_to_100"}),
        ({"health": "100.0"}, set()),
    ],
)
def test_each_broken_rule_of_a_split_is_named(written: dict[str, str], rules: set[str]) -> None:
    split = Split.of({Funder(name): Decimal(share) for name, share in written.items()})
    assert {fault.rule for fault in faults_of_split(split)} == rules


def test_a_third_each_of_100_pounds_gives_the_odd_penny_to_the_largest_remainder() -> None:
    third = Split.of({Funder.EDUCATION: Decimal("33.33"), Funder.HEALTH: Decimal("33.33"), Funder.SOCIAL_CARE: Decimal("33.34")})
    assert pounds_of(third, Decimal("100.01")) == (
        (Funder.EDUCATION, Decimal("33.33")),
        (Funder.HEALTH, Decimal("33.33")),
        (Funder.SOCIAL_CARE, Decimal("33.35")),
    )
