"""Stage two of a tender: price and quality points, one ranked list without ties, and how each line was reached."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from providers.domain.bid import Bid
from providers.domain.fault import Fault
from providers.domain.formulas import FORMULAS, Baskets, rounded
from providers.domain.lot import LotTerms, PriceBand
from providers.domain.tiers import tier_of


class EvaluationRule(StrEnum):
    """Why a round cannot be evaluated yet."""

    MODERATED_SCORE_MISSING = "moderated_score_missing"
    TOO_FEW_EVALUATORS = "too_few_evaluators"


@dataclass(frozen=True, slots=True)
class FirstScore:
    """What one council's evaluator gave an answer, before moderation."""

    council: str
    score: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class ModeratedScore:
    """The score that counts, agreed between the evaluators, with its own reason."""

    score: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Scores:
    """All scores of one agency's answers, by question code; first scores stay apart from the moderated one."""

    first: Mapping[str, tuple[FirstScore, ...]]
    moderated: Mapping[str, ModeratedScore]


@dataclass(frozen=True, slots=True)
class BandCost:
    """One band's share of a basket: price × expected bed-weeks, in pounds."""

    band: str
    pounds_per_week: Decimal
    expected_bed_weeks: Decimal
    pounds: Decimal


@dataclass(frozen=True, slots=True)
class QuestionPoints:
    """One question's share of the quality points: quality weight × (weight / all weights) × (score / highest score).

    ``points`` is rounded for showing; the line's quality points are the exact shares added up and rounded once.
    """

    question: str
    first_scores: tuple[FirstScore, ...]
    moderated_score: Decimal
    moderation_reason: str
    max_score: Decimal
    weight: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class RankedLine:
    """One line of the ranked list with every number that led to it. Points are decimals to four places, money is pounds."""

    agency: str
    rank: int
    tier: int
    total_points: Decimal
    price_points: Decimal
    quality_points: Decimal
    price_weight: Decimal
    quality_weight: Decimal
    formula: str
    formula_in_words: str
    basket: Decimal
    lowest_basket: Decimal
    ceiling_basket: Decimal | None
    bands: tuple[BandCost, ...]
    questions: tuple[QuestionPoints, ...]
    drawn_lot: str
    placed_by: str
    why_this_tier: str


@dataclass(frozen=True, slots=True)
class _Scored:
    """One agency's points, before it is known where they put it."""

    agency: str
    basket: Decimal
    bands: tuple[BandCost, ...]
    questions: tuple[QuestionPoints, ...]
    price_points: Decimal
    quality_points: Decimal
    drawn_lot: str

    @property
    def total(self) -> Decimal:
        return self.price_points + self.quality_points

    @property
    def order(self) -> tuple[Decimal, Decimal, str, str]:
        """Smaller comes first: higher total, then higher quality, then the lower drawn lot; the URN ends all doubt."""
        return -self.total, -self.quality_points, self.drawn_lot, self.agency


def basket_of(bid: Bid, bands: Sequence[PriceBand]) -> tuple[Decimal, tuple[BandCost, ...]]:
    """What the expected year would cost at this bid's prices, in pounds, and each band's share of it.

    Each band's price is weighted by the bed-weeks expected in it: nobody wins on a band that no one buys. Exact, not rounded.
    """
    prices = bid.by_band
    costs = tuple(
        BandCost(band.code, prices[band.code], band.expected_bed_weeks, prices[band.code] * band.expected_bed_weeks) for band in bands
    )
    return sum((cost.pounds for cost in costs), Decimal(0)), costs


def drawn_lot(seed: str, agency: str) -> str:
    """The lot drawn for an agency: the SHA-256 of the round's recorded seed and the URN. The lower one wins a tie.

    Anybody who knows the seed can check it; nobody could know it before closing.
    """
    return hashlib.sha256(f"{seed}:{agency}".encode()).hexdigest()


def missing_scores(terms: LotTerms, scores: Mapping[str, Scores], agencies: Collection[str]) -> tuple[Fault, ...]:
    """Every score still wanted before these agencies can be ranked: one reason for each agency and question."""
    faults = []
    for agency in sorted(agencies):
        given = scores.get(agency, Scores({}, {}))
        for question in terms.quality_questions:
            field = f"{agency}.{question.code}"
            councils = {first.council for first in given.first.get(question.code, ())}
            if len(councils) < terms.evaluators_needed:
                message = (
                    f"Agency {agency}, question {question.code}: {len(councils)} of {terms.evaluators_needed} councils have scored"
                    " this answer."
                )
                faults.append(Fault(field, EvaluationRule.TOO_FEW_EVALUATORS, message))
            if question.code not in given.moderated:
                message = f"Agency {agency}, question {question.code}: the moderated score is missing."
                faults.append(Fault(field, EvaluationRule.MODERATED_SCORE_MISSING, message))
    return tuple(faults)


def ranked_list(terms: LotTerms, bids: Mapping[str, Bid], scores: Mapping[str, Scores], *, seed: str) -> tuple[RankedLine, ...]:
    """Rank the agencies that passed the gate, best first, and put each into its tier.

    ``bids`` and ``scores`` are by Ofsted URN and complete (see :func:`missing_scores`). Total = price points + quality
    points, each rounded once to four places; ties go to the higher quality, then to the lower drawn lot, so that no two lines
    share a rank. The order in which bids are given plays no part. Source: domain §4; 80/20 in the 2012 report.
    """
    if not bids:
        return ()
    baskets = {agency: basket_of(bid, terms.price_bands) for agency, bid in bids.items()}
    lowest = min(basket for basket, _ in baskets.values())
    ceiling = _ceiling_basket(terms.price_bands)
    formula = FORMULAS[terms.formula]
    scored = []
    for agency, (basket, costs) in baskets.items():
        questions = _question_points(terms, scores.get(agency, Scores({}, {})))
        scored.append(
            _Scored(
                agency,
                basket,
                costs,
                questions,
                formula.points(terms.price_weight, Baskets(basket, lowest, ceiling)),
                rounded(sum((_exact_points(terms, question) for question in questions), Decimal(0))),
                drawn_lot(seed, agency),
            )
        )
    scored.sort(key=lambda each: each.order)
    return tuple(_line(terms, place, each, scored, lowest, ceiling) for place, each in enumerate(scored))


def _ceiling_basket(bands: Sequence[PriceBand]) -> Decimal | None:
    total = Decimal(0)
    for band in bands:
        if band.ceiling is None:
            return None
        total += band.ceiling * band.expected_bed_weeks
    return total


def _question_points(terms: LotTerms, scores: Scores) -> tuple[QuestionPoints, ...]:
    unit = _points_per_weight(terms)
    return tuple(
        QuestionPoints(
            question.code,
            scores.first.get(question.code, ()),
            scores.moderated[question.code].score,
            scores.moderated[question.code].reason,
            question.max_score,
            question.weight,
            rounded(unit * question.weight * scores.moderated[question.code].score / question.max_score),
        )
        for question in terms.quality_questions
    )


def _points_per_weight(terms: LotTerms) -> Decimal:
    return terms.quality_weight / sum((question.weight for question in terms.quality_questions), Decimal(0))


def _exact_points(terms: LotTerms, question: QuestionPoints) -> Decimal:
    """Not rounded: the sum is rounded once, so that full marks earn the full weight."""
    return _points_per_weight(terms) * question.weight * question.moderated_score / question.max_score


def _line(terms: LotTerms, place: int, each: _Scored, scored: Sequence[_Scored], lowest: Decimal, ceiling: Decimal | None) -> RankedLine:
    rank = place + 1
    tier, why = tier_of(terms.tier_rule, rank=rank, total=each.total)
    return RankedLine(
        agency=each.agency,
        rank=rank,
        tier=tier,
        total_points=each.total,
        price_points=each.price_points,
        quality_points=each.quality_points,
        price_weight=terms.price_weight,
        quality_weight=terms.quality_weight,
        formula=terms.formula,
        formula_in_words=FORMULAS[terms.formula].in_words,
        basket=each.basket,
        lowest_basket=lowest,
        ceiling_basket=ceiling,
        bands=each.bands,
        questions=each.questions,
        drawn_lot=each.drawn_lot,
        placed_by=_placed_by(each, [other for other in scored if other is not each]),
        why_this_tier=why,
    )


def _placed_by(each: _Scored, others: Sequence[_Scored]) -> str:
    """What decided this line's place: its total, or a tie-break, in words."""
    level = [other for other in others if other.total == each.total]
    if not level:
        return "Placed by its total."
    if any(other.quality_points == each.quality_points for other in level):
        return "Total and quality points equal another's: placed by the drawn lot, the lower one first."
    return "Total equals another's: placed by quality points, the higher first."
