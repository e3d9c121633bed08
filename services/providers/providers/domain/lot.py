"""A lot of the framework and the terms it is tendered on: all of it data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from providers.domain.fault import Fault
from providers.domain.formulas import FORMULAS, needs_ceiling
from providers.domain.tiers import TierRule, tier_rule_faults
from shared.contracts.providers import BelowGate
from shared.contracts.words import OfstedRating, PlacementKind

WHOLE = Decimal(100)
OLDEST = 25
"""The highest age a band may reach: a parent placed with a child may be an adult."""


class LotRule(StrEnum):
    """Why a lot's terms cannot stand."""

    WEIGHTS_ADD_TO_100 = "weights_add_to_100"
    KNOWN_FORMULA = "known_formula"
    CEILING_MISSING = "ceiling_missing"
    BANDS_MISSING = "bands_missing"
    BAND_CODE_TWICE = "band_code_twice"
    BAND_BACKWARDS = "band_backwards"
    BAND_TOO_OLD = "band_too_old"
    BANDS_OVERLAP = "bands_overlap"
    BANDS_LEAVE_GAP = "bands_leave_gap"
    NO_BED_WEEKS = "no_bed_weeks"
    QUESTIONS_MISSING = "questions_missing"
    QUESTION_CODE_TWICE = "question_code_twice"
    NO_RATING_ACCEPTED = "no_rating_accepted"


@dataclass(frozen=True, slots=True)
class PriceBand:
    """One age band: both ages inclusive, in years; the bed-weeks expected in it weight its price in the basket.

    ``ceiling`` is the published highest price in pounds a week, where the tender publishes one.
    """

    code: str
    from_age: int
    to_age: int
    expected_bed_weeks: Decimal
    ceiling: Decimal | None = None


@dataclass(frozen=True, slots=True)
class QualityQuestion:
    """One question of stage two. ``weight`` is its share of the quality points, relative to the other questions' weights."""

    code: str
    title: str
    max_score: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Gate:
    """What stage one asks of an agency: the judgements accepted, and how old an inspection may be (None: any age).

    ``below_gate``: what a judgement that falls below the gate after the tender means for each new placement.
    """

    accepted_ratings: tuple[OfstedRating, ...] = (OfstedRating.OUTSTANDING, OfstedRating.GOOD)
    accepts_not_yet_inspected: bool = False
    inspected_within_years: int | None = None
    below_gate: BelowGate = BelowGate.NAMED_DECISION


@dataclass(frozen=True, slots=True)
class LotTerms:
    """Everything a bid is judged by. Copied into a tender round when it begins, so that later changes touch no tender under way."""

    price_weight: Decimal
    quality_weight: Decimal
    formula: str
    tier_rule: TierRule
    price_bands: tuple[PriceBand, ...]
    quality_questions: tuple[QualityQuestion, ...]
    gate: Gate = Gate()
    evaluators_needed: int = 2


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot: its code (the same in every service), the framework it hangs on, the kinds of fostering it buys, its terms."""

    code: str
    framework: str
    title: str
    kinds: tuple[PlacementKind, ...]
    terms: LotTerms


def term_faults(terms: LotTerms) -> tuple[Fault, ...]:
    """Whether the terms can be tendered on: every reason why not, each naming its field."""
    return (
        *_weight_faults(terms),
        *_band_faults(terms.price_bands),
        *_ceiling_faults(terms),
        *_question_faults(terms),
        *tier_rule_faults(terms.tier_rule),
        *_gate_faults(terms.gate),
    )


def _weight_faults(terms: LotTerms) -> list[Fault]:
    faults = []
    if terms.price_weight + terms.quality_weight != WHOLE:
        faults.append(Fault("price_weight", LotRule.WEIGHTS_ADD_TO_100, "Price weight and quality weight must add up to 100."))
    if terms.formula not in FORMULAS:
        known = " or ".join(sorted(FORMULAS))
        faults.append(Fault("formula", LotRule.KNOWN_FORMULA, f"Name a price formula that this service knows: {known}."))
    return faults


def _band_faults(bands: tuple[PriceBand, ...]) -> list[Fault]:
    if not bands:
        return [Fault("price_bands", LotRule.BANDS_MISSING, "Give at least one price band.")]
    faults: list[Fault] = []
    for place, band in enumerate(bands):
        if any(band.code == earlier.code for earlier in bands[:place]):
            faults.append(Fault(f"price_bands.{place}.code", LotRule.BAND_CODE_TWICE, "Another band has this code; give each its own."))
        if band.to_age < band.from_age:
            faults.append(Fault(f"price_bands.{place}.to_age", LotRule.BAND_BACKWARDS, "The last age of a band is not below its first."))
        if band.to_age > OLDEST:
            faults.append(Fault(f"price_bands.{place}.to_age", LotRule.BAND_TOO_OLD, f"A band reaches to {OLDEST} years at most."))
    faults.extend(_tiling_faults(bands))
    if sum(band.expected_bed_weeks for band in bands) <= 0:
        faults.append(Fault("price_bands", LotRule.NO_BED_WEEKS, "Give the bed-weeks expected: in at least one band there must be some."))
    return faults


def _tiling_faults(bands: tuple[PriceBand, ...]) -> list[Fault]:
    """Bands lie end to end in age order: no age priced twice, none between two bands left without a price."""
    faults = []
    in_order = sorted(enumerate(bands), key=lambda each: (each[1].from_age, each[1].to_age))
    reached = in_order[0][1].to_age
    for place, band in in_order[1:]:
        field = f"price_bands.{place}.from_age"
        if band.from_age <= reached:
            faults.append(Fault(field, LotRule.BANDS_OVERLAP, "An age of this band is priced by another band as well."))
        elif band.from_age > reached + 1:
            message = f"Ages {reached + 1} to {band.from_age - 1} are in no band; begin this band at {reached + 1}."
            faults.append(Fault(field, LotRule.BANDS_LEAVE_GAP, message))
        reached = max(reached, band.to_age)
    return faults


def _ceiling_faults(terms: LotTerms) -> list[Fault]:
    if not needs_ceiling(terms.formula):
        return []
    return [
        Fault(f"price_bands.{place}.ceiling", LotRule.CEILING_MISSING, "This price formula needs a published ceiling in every band.")
        for place, band in enumerate(terms.price_bands)
        if band.ceiling is None
    ]


def _question_faults(terms: LotTerms) -> list[Fault]:
    questions = terms.quality_questions
    faults = [
        Fault(f"quality_questions.{place}.code", LotRule.QUESTION_CODE_TWICE, "Another question has this code; give each its own.")
        for place, question in enumerate(questions)
        if any(question.code == earlier.code for earlier in questions[:place])
    ]
    if terms.quality_weight > 0 and not questions:
        faults.append(Fault("quality_questions", LotRule.QUESTIONS_MISSING, "Quality carries weight, so ask at least one question."))
    return faults


def _gate_faults(gate: Gate) -> list[Fault]:
    if gate.accepted_ratings or gate.accepts_not_yet_inspected:
        return []
    return [Fault("gate.accepted_ratings", LotRule.NO_RATING_ACCEPTED, "Accept at least one Ofsted judgement, or nobody can pass.")]
