"""Demand and answers: chains counted once, first offers, medians by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.chains import first_of_chain
from monitoring.domain.figure import LeftOut, percentile, rounded
from tests.monitoring.domain.made import NOON, YEAR, an_id, found, offer, placement, records, referral

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_a_referral_and_its_re_referrals_are_one_need_and_three_referrals() -> None:
    facts = records(
        referrals=(referral(1), referral(2, again=1, after=DAY), referral(3, again=2, after=2 * DAY), referral(4)),
        re_referrals={an_id(2): an_id(1), an_id(3): an_id(2)},
    )
    assert found("referrals", facts, YEAR).value == 4
    needs = found("demand", facts, YEAR)
    assert needs.value == 2
    assert [(part.label, part.value) for part in needs.parts] == [("referrals, each counted", 4), ("of them re-referrals", 2)]


def test_a_re_referral_of_a_referral_never_heard_of_still_makes_one_chain_with_its_sister() -> None:
    links = {an_id(2): an_id(1), an_id(3): an_id(1)}
    assert found("demand", records(referrals=(referral(2, again=1), referral(3, again=1)), re_referrals=links), YEAR).value == 1


@given(st.dictionaries(st.integers(0, 8), st.integers(0, 8)))
def test_a_chain_has_one_name_whichever_member_is_asked_even_in_a_ring(links: dict[int, int]) -> None:
    chain = {an_id(child): an_id(parent) for child, parent in links.items()}
    for child, parent in chain.items():
        assert first_of_chain(child, chain) == first_of_chain(parent, chain)


def test_an_offer_counts_for_its_referral_and_tiers_add_up_to_the_whole() -> None:
    facts = records(
        referrals=(referral(1, broadcast=HOUR), referral(2, broadcast=HOUR), referral(3)),
        offers=(offer(1, 1, after=2 * HOUR), offer(2, 1, after=3 * HOUR, tier=2), offer(3, 1, after=3 * HOUR, tier=None)),
    )
    offers = found("offers_per_referral", facts, YEAR)
    assert (offers.value, offers.numerator, offers.denominator) == (Decimal("1.50"), 3, 2)
    assert [(part.label, part.value) for part in offers.parts] == [
        ("tier 1", Decimal("0.50")), ("tier 2", Decimal("0.50")), ("no tier", Decimal("0.50")),
    ]  # fmt: skip


def test_the_wait_is_from_broadcast_to_the_earliest_offer_and_those_without_one_are_stated() -> None:
    facts = records(
        referrals=(referral(1, broadcast=HOUR), referral(2, broadcast=HOUR), referral(3, broadcast=HOUR)),
        offers=(offer(1, 1, after=5 * HOUR), offer(2, 1, after=3 * HOUR), offer(3, 2, after=7 * HOUR)),
    )
    assert found("time_to_first_offer_median", facts, YEAR).value == Decimal("4.00")
    assert found("time_to_first_offer_p90", facts, YEAR).value == Decimal("5.60")
    assert found("time_to_first_offer_median", facts, YEAR).left_out == (LeftOut(1, "broadcast, and no offer so far"),)


def test_no_offer_yet_is_no_value_and_not_nought_hours() -> None:
    wait = found("time_to_first_offer_median", records(referrals=(referral(1, broadcast=HOUR),)), YEAR)
    assert (wait.value, wait.records) == (None, 0)


def test_only_the_first_home_of_a_referral_counts_and_a_cancelled_one_housed_nobody() -> None:
    agreed = (
        placement(1, on=1, agreed=NOON + 1 * DAY, cancelled=True),
        placement(2, on=1, agreed=NOON + 3 * DAY),
        placement(3, on=1, agreed=NOON + 40 * DAY),
    )
    wait = found("time_to_placement_median", records(referrals=(referral(1),), placements=agreed), YEAR)
    assert (wait.value, wait.records) == (Decimal("3.00"), 1)


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_the_fiftieth_percentile_is_the_median_and_the_hundredth_the_longest(waits: list[int]) -> None:
    assert percentile(waits, 50) == median(Fraction(wait) for wait in waits)
    assert percentile(waits, 100) == max(waits)
    assert percentile(waits, 0) == min(waits)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_rounding_is_to_the_nearest_step_with_halves_away_from_nought(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    given_back = rounded(exact, Decimal("0.01"))
    assert abs(Fraction(given_back) - exact) <= Fraction(1, 200)
    assert rounded(-exact, Decimal("0.01")) == -given_back
    assert rounded(Fraction(5, 1000), Decimal("0.01")) == Decimal("0.01")
