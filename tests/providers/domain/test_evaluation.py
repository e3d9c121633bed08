"""Laws of the ranked list, and one worked by hand."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.domain.agency import Agency
from providers.domain.evaluation import RankedLine, missing_scores, ranked_list
from providers.domain.gate import GateReason, through_gate
from providers.domain.lot import Gate
from providers.domain.tiers import CutBy, TierRule, tier_of
from shared.contracts.words import OfstedRating, Sector
from tests.providers.domain.values import AGENCIES, entries, marks, prices, rules, terms

SEED = "00ff"


def ranked(given_entries, seed: str = SEED, formula: str = "relative", rule: TierRule | None = None) -> tuple[RankedLine, ...]:  # type: ignore[no-untyped-def]
    """The list for these bids and scores."""
    bids = {agency: bid for agency, (bid, _) in given_entries.items()}
    scores = {agency: score for agency, (_, score) in given_entries.items()}
    return ranked_list(terms(formula, rule), bids, scores, seed=seed)


def test_a_list_worked_by_hand_comes_out_to_the_last_place() -> None:
    lines = ranked({AGENCIES[0]: (prices("800", "900"), marks(4, 5)), AGENCIES[1]: (prices("700", "1000"), marks(5, 10))})
    # Baskets: 100 × 800 + 250 × 900 = 305,000 and 100 × 700 + 250 × 1000 = 320,000; the band nobody needs counts nothing.
    first, second = lines
    assert (first.agency, first.basket, first.price_points, first.quality_points) == (
        AGENCIES[1],
        Decimal(320_000),
        Decimal("76.2500"),
        Decimal("20.0000"),
    )
    # 20 × (2/3 × 4/5 + 1/3 × 5/10) = 14.0000
    assert (second.basket, second.price_points, second.quality_points) == (Decimal(305_000), Decimal("80.0000"), Decimal("14.0000"))
    assert [line.placed_by for line in lines] == ["Placed by its total."] * 2


@given(entries, st.randoms(use_true_random=False))
def test_the_order_in_which_bids_are_given_plays_no_part(bids, shuffle) -> None:  # type: ignore[no-untyped-def]
    agencies = list(bids)
    shuffle.shuffle(agencies)
    assert ranked({agency: bids[agency] for agency in agencies}) == ranked(bids)


@given(entries)
def test_the_list_is_a_total_order_by_total_then_quality_then_drawn_lot(bids) -> None:  # type: ignore[no-untyped-def]
    lines = ranked(bids)
    assert [line.rank for line in lines] == list(range(1, len(bids) + 1))
    assert {line.agency for line in lines} == set(bids)
    keys = [(-line.total_points, -line.quality_points, line.drawn_lot) for line in lines]
    assert all(one < next_one for one, next_one in itertools.pairwise(keys))


@given(entries)
def test_every_number_of_a_line_follows_from_the_numbers_beside_it(bids) -> None:  # type: ignore[no-untyped-def]
    for line in ranked(bids):
        assert line.basket == sum(band.pounds_per_week * band.expected_bed_weeks for band in line.bands)
        assert line.price_points == (line.price_weight * line.lowest_basket / line.basket).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
        weights = sum((question.weight for question in line.questions), Decimal(0))
        parts = (question.weight * question.moderated_score / question.max_score for question in line.questions)
        share = sum(parts, Decimal(0)) / weights
        assert line.quality_points == (line.quality_weight * share).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
        assert line.total_points == line.price_points + line.quality_points
        assert line.drawn_lot == hashlib.sha256(f"{SEED}:{line.agency}".encode()).hexdigest()


@given(entries)
def test_points_stay_within_their_weights_and_the_lowest_basket_earns_all_of_price(bids) -> None:  # type: ignore[no-untyped-def]
    lines = ranked(bids)
    assert all(0 < line.price_points <= 80 and 0 <= line.quality_points <= 20 for line in lines)
    assert {line.price_points for line in lines if line.basket == line.lowest_basket} == {Decimal("80.0000")}


@given(entries)
def test_a_cheaper_basket_never_earns_fewer_price_points(bids) -> None:  # type: ignore[no-untyped-def]
    for formula in ("relative", "linear"):
        in_order = sorted(ranked(bids, formula=formula), key=lambda line: line.basket)
        assert all(one.price_points >= dearer.price_points for one, dearer in itertools.pairwise(in_order))


@given(entries, st.data())
def test_under_the_linear_formula_removing_one_bid_changes_nobody_elses_points(bids, data) -> None:  # type: ignore[no-untyped-def]
    removed = data.draw(st.sampled_from(sorted(bids)))
    points = {line.agency: line.total_points for line in ranked(bids, formula="linear")}
    rest = {agency: entry for agency, entry in bids.items() if agency != removed}
    assert {line.agency: line.total_points for line in ranked(rest, formula="linear")} == {
        agency: total for agency, total in points.items() if agency != removed
    }


@given(entries, rules)
def test_no_line_is_in_a_better_tier_than_one_above_it_and_tiers_are_those_of_the_rule(bids, rule) -> None:  # type: ignore[no-untyped-def]
    tiers = [line.tier for line in ranked(bids, rule=rule)]
    assert tiers == sorted(tiers)
    assert set(tiers) <= set(range(1, rule.tiers + 1))
    if rule.by is CutBy.COUNT:
        assert [tiers.count(tier) for tier in range(1, len(rule.cuts) + 1)] == [
            min(int(cut), max(0, len(tiers) - sum(int(each) for each in rule.cuts[:place]))) for place, cut in enumerate(rule.cuts)
        ]


def test_a_tie_goes_to_quality_and_then_to_the_lot_drawn_from_the_recorded_seed() -> None:
    level = {agency: (prices("800", "900"), marks(3, 5)) for agency in AGENCIES[:4]}
    orders = {tuple(line.agency for line in ranked(level, seed=f"seed {number}")) for number in range(20)}
    assert len(orders) > 1, "the lot never decides anything"
    assert ranked(level)[0].placed_by == "Total and quality points equal another's: placed by the drawn lot, the lower one first."


def test_equal_totals_are_ordered_by_the_higher_quality() -> None:
    even = terms("linear", price_weight=50)
    # 50 × (700,000 − basket) / 700,000 and 50 × quality: 315,000 → 27.5, 350,000 → 25.
    bids = {AGENCIES[0]: prices("900", "900"), AGENCIES[1]: prices("1000", "1000")}
    scores = {AGENCIES[0]: marks(5, 7), AGENCIES[1]: marks(5, 10)}
    first = ranked_list(even, bids, scores, seed=SEED)
    assert [line.price_points for line in first] == [Decimal("25.0000"), Decimal("27.5000")]
    level = replace(even, quality_questions=(replace(even.quality_questions[0], max_score=Decimal(20)),))
    tied = ranked_list(level, bids, {AGENCIES[0]: marks(4, 0), AGENCIES[1]: marks(5, 0)}, seed=SEED)
    assert tied[0].total_points == tied[1].total_points == Decimal("37.5000")
    assert tied[0].agency == AGENCIES[1]
    assert tied[0].placed_by == "Total equals another's: placed by quality points, the higher first."


@pytest.mark.parametrize(
    ("rule", "rank", "total", "tier"),
    [
        (TierRule(CutBy.COUNT, (Decimal(5), Decimal(10))), 5, "1", 1),
        (TierRule(CutBy.COUNT, (Decimal(5), Decimal(10))), 6, "1", 2),
        (TierRule(CutBy.COUNT, (Decimal(5), Decimal(10))), 15, "1", 2),
        (TierRule(CutBy.COUNT, (Decimal(5), Decimal(10))), 16, "1", 3),
        (TierRule(CutBy.COUNT, (Decimal(8),)), 9, "99", 2),
        (TierRule(CutBy.SCORE, (Decimal(70), Decimal(50))), 9, "70.0000", 1),
        (TierRule(CutBy.SCORE, (Decimal(70), Decimal(50))), 1, "69.9999", 2),
        (TierRule(CutBy.SCORE, (Decimal(70), Decimal(50))), 1, "49.9999", 3),
    ],
)
def test_tiers_are_cut_exactly_where_the_rule_says(rule: TierRule, rank: int, total: str, tier: int) -> None:
    found, why = tier_of(rule, rank=rank, total=Decimal(total))
    assert found == tier
    assert f"tier {tier}" in why


@given(entries, st.data())
def test_removing_a_bid_changes_nobody_elses_outcome_at_the_gate(bids, data) -> None:  # type: ignore[no-untyped-def]
    strict = replace(terms(), gate=Gate(accepted_ratings=(OfstedRating.OUTSTANDING,), inspected_within_years=3))
    ratings = data.draw(st.lists(st.sampled_from(list(OfstedRating)), min_size=len(bids), max_size=len(bids)))
    judged = dict(zip(sorted(bids), ratings, strict=True))

    def outcomes(among: list[str]) -> dict[str, tuple[GateReason, ...]]:
        return {
            urn: through_gate(
                Agency(urn, "An agency", Sector.PRIVATE, judged[urn], date(2024, 2, 29)), bids[urn][0], strict, closing_day=date(2026, 3, 1)
            ).reasons
            for urn in among
        }

    everybody = outcomes(sorted(bids))
    removed = data.draw(st.sampled_from(sorted(bids)))
    rest = [urn for urn in sorted(bids) if urn != removed]
    assert outcomes(rest) == {urn: everybody[urn] for urn in rest}


def test_every_missing_score_is_named_and_two_evaluators_of_one_council_count_as_one() -> None:
    complete = marks(3, 4)
    same_council = replace(complete, first={question: (first[0], first[0]) for question, first in complete.first.items()})
    scores = {AGENCIES[0]: complete, AGENCIES[1]: replace(complete, moderated={}), AGENCIES[2]: same_council}
    assert [(fault.field, str(fault.rule)) for fault in missing_scores(terms(), scores, AGENCIES[:3])] == [
        (f"{AGENCIES[1]}.q1", "moderated_score_missing"),
        (f"{AGENCIES[1]}.q2", "moderated_score_missing"),
        (f"{AGENCIES[2]}.q1", "too_few_evaluators"),
        (f"{AGENCIES[2]}.q2", "too_few_evaluators"),
    ]
