"""Terms a lot can be tendered on, and each way they can fail."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.domain.lot import Gate, LotTerms, PriceBand, term_faults
from providers.domain.tiers import CutBy, TierRule
from tests.providers.domain.values import BANDS, QUESTIONS, terms


def band(first: int, last: int, code: str = "", weeks: int = 10) -> PriceBand:
    """A band of these ages."""
    return PriceBand(code or f"{first}-{last}", first, last, Decimal(weeks))


def found(of: LotTerms) -> list[tuple[str, str]]:
    """Field and rule of each fault."""
    return [(fault.field, str(fault.rule)) for fault in term_faults(of)]


def test_sound_terms_have_no_fault() -> None:
    assert found(terms()) == []


SPOILT: list[tuple[LotTerms, list[tuple[str, str]]]] = [
    (replace(terms(), price_weight=Decimal(81)), [("price_weight", "weights_add_to_100")]),
    (replace(terms(), formula="guess"), [("formula", "known_formula")]),
    (replace(terms(), price_bands=()), [("price_bands", "bands_missing")]),
    (replace(terms(), price_bands=(band(0, 4), band(4, 10))), [("price_bands.1.from_age", "bands_overlap")]),
    (replace(terms(), price_bands=(band(0, 4), band(6, 10))), [("price_bands.1.from_age", "bands_leave_gap")]),
    (replace(terms(), price_bands=(band(11, 15), band(0, 4), band(5, 11))), [("price_bands.0.from_age", "bands_overlap")]),
    (replace(terms(), price_bands=(band(0, 4, "a"), band(5, 10, "a"))), [("price_bands.1.code", "band_code_twice")]),
    (replace(terms(), price_bands=(band(4, 0),)), [("price_bands.0.to_age", "band_backwards")]),
    (replace(terms(), price_bands=(band(0, 30),)), [("price_bands.0.to_age", "band_too_old")]),
    (replace(terms(), price_bands=(band(0, 4, weeks=0),)), [("price_bands", "no_bed_weeks")]),
    (replace(terms("linear"), price_bands=(band(0, 4),)), [("price_bands.0.ceiling", "ceiling_missing")]),
    (replace(terms(), quality_questions=()), [("quality_questions", "questions_missing")]),
    (replace(terms(), quality_questions=(QUESTIONS[0], QUESTIONS[0])), [("quality_questions.1.code", "question_code_twice")]),
    (replace(terms(), gate=Gate(accepted_ratings=())), [("gate.accepted_ratings", "no_rating_accepted")]),
    (replace(terms(), tier_rule=TierRule(CutBy.COUNT, ())), [("tier_rule.cuts", "two_or_three_tiers")]),
    (replace(terms(), tier_rule=TierRule(CutBy.COUNT, (Decimal(1),) * 3)), [("tier_rule.cuts", "two_or_three_tiers")]),
    (replace(terms(), tier_rule=TierRule(CutBy.COUNT, (Decimal("1.5"),))), [("tier_rule.cuts.0", "whole_places")]),
    (replace(terms(), tier_rule=TierRule(CutBy.SCORE, (Decimal(50), Decimal(70)))), [("tier_rule.cuts.1", "scores_fall")]),
    (replace(terms(), tier_rule=TierRule(CutBy.SCORE, (Decimal(101),))), [("tier_rule.cuts.0", "score_range")]),
    (
        replace(terms(), price_weight=Decimal(10), formula="guess", price_bands=(band(0, 4), band(3, 10))),
        [("price_weight", "weights_add_to_100"), ("formula", "known_formula"), ("price_bands.1.from_age", "bands_overlap")],
    ),
]


@pytest.mark.parametrize(("spoilt", "faults"), SPOILT)
def test_each_fault_of_a_lots_terms_is_named_with_its_field(spoilt: LotTerms, faults: list[tuple[str, str]]) -> None:
    assert found(spoilt) == faults


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6)), min_size=1, max_size=5))
def test_bands_pass_exactly_when_every_age_between_first_and_last_is_in_one_band(spans: list[tuple[int, int]]) -> None:
    bands = tuple(band(first, first + length, str(number)) for number, (first, length) in enumerate(spans) if first + length <= 25)
    if not bands:
        return
    ages = [age for each in bands for age in range(each.from_age, each.to_age + 1)]
    tiled = sorted(ages) == list(range(min(ages), max(ages) + 1))
    assert (found(replace(terms(), price_bands=bands)) == []) == tiled


def test_the_bands_of_the_examples_are_sound() -> None:
    assert found(replace(terms(), price_bands=BANDS)) == []
