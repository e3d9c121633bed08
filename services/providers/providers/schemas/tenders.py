"""Bodies of tender rounds, bids, scores and ranked lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from providers.domain.bid import Answer, BandPrice
from providers.domain.bid import Bid as BidValue
from providers.domain.evaluation import FirstScore as FirstScoreValue
from providers.domain.evaluation import RankedLine
from providers.domain.gate import GATE_WORDS, GateReason
from providers.domain.tender import Round as RoundValue
from providers.domain.tender import RoundStage, stage
from providers.schemas.consortium import Terms
from providers.schemas.fields import BandCode, Body, Code, Line, Moment, OwnReference, PoundsShown, Reply, Words
from providers.store.bids import OpenedBid, SealedBid
from providers.store.rankings import PublishedLine
from providers.store.scores import AnswerScore
from shared import clock
from shared.contracts.words import AgencyUrn

Price = Annotated[Decimal, Field(max_digits=12, description="pounds a week, as in 812.50")]
"""Its range is a rule of the bid, so that a bid by file and one by JSON are told the same."""


class RoundBody(Body):
    """A tender round of one lot. Times carry their offset."""

    reference: OwnReference
    framework: Code
    lot: Code
    opens_at: Moment
    closes_at: Moment


class Round(Reply):
    """A tender round, how far it has come, and the terms bids are judged by."""

    id: UUID
    reference: str
    framework: str
    lot: str
    stage: RoundStage
    opens_at: datetime
    opens_at_in_words: str
    closes_at: datetime
    closes_at_in_words: str
    closed_at: datetime | None
    evaluated_at: datetime | None
    published_at: datetime | None
    seed: str | None = Field(description="drawn at closing; ties are broken by it, and anybody can check how")
    terms: Terms
    version: int

    @classmethod
    def of(cls, tender: RoundValue) -> Self:
        """From the domain's value, as things stand now."""
        return cls(
            id=tender.id,
            reference=tender.reference,
            framework=tender.framework,
            lot=tender.lot,
            stage=stage(tender, now=clock.now()),
            opens_at=tender.opens_at,
            opens_at_in_words=clock.in_uk_words(tender.opens_at),
            closes_at=tender.closes_at,
            closes_at_in_words=clock.in_uk_words(tender.closes_at),
            closed_at=tender.closed_at,
            evaluated_at=tender.evaluated_at,
            published_at=tender.published_at,
            seed=tender.seed,
            terms=Terms.model_validate(tender.terms),
            version=tender.version,
        )


class PriceBody(Body):
    """The price asked in one band."""

    band: BandCode
    pounds_per_week: Price


class AnswerBody(Body):
    """The answer to one quality question."""

    question: BandCode
    answer: Words


class BidBody(Body):
    """A bid: a price for every band of the lot, and answers to its questions."""

    prices: Annotated[tuple[PriceBody, ...], Field(max_length=100)]
    answers: Annotated[tuple[AnswerBody, ...], Field(max_length=100)] = ()

    @property
    def bid(self) -> BidValue:
        """As the domain knows it."""
        return BidValue(
            tuple(BandPrice(price.band, price.pounds_per_week) for price in self.prices),
            tuple(Answer(answer.question, answer.answer) for answer in self.answers),
        )


class BidPrice(Reply):
    """The price asked in one band."""

    band: str
    pounds_per_week: PoundsShown


class BidAnswer(Reply):
    """The answer to one question."""

    question: str
    answer: str


class Bid(Reply):
    """The agency's own bid, as it was submitted last."""

    round: UUID
    agency: str
    prices: tuple[BidPrice, ...]
    answers: tuple[BidAnswer, ...]
    submitted_at: datetime
    submitted_at_in_words: str
    version: int

    @classmethod
    def of(cls, round_id: UUID, agency: str, sealed: SealedBid) -> Self:
        """From the store's value."""
        return cls(
            round=round_id,
            agency=agency,
            prices=tuple(BidPrice.model_validate(price) for price in sealed.bid.prices),
            answers=tuple(BidAnswer.model_validate(answer) for answer in sealed.bid.answers),
            submitted_at=sealed.submitted_at,
            submitted_at_in_words=clock.in_uk_words(sealed.submitted_at),
            version=sealed.version,
        )


class OpenedBidReply(Reply):
    """A bid after closing."""

    agency: str
    prices: tuple[BidPrice, ...]
    answers: tuple[BidAnswer, ...]
    submitted_at: datetime
    passed_gate: bool


class OpenedBids(Reply):
    """Every bid of a closed round."""

    items: tuple[OpenedBidReply, ...]

    @classmethod
    def of(cls, opened: Iterable[OpenedBid]) -> Self:
        """From the store's values."""
        return cls(
            items=tuple(
                OpenedBidReply(
                    agency=each.agency,
                    prices=tuple(BidPrice.model_validate(price) for price in each.bid.prices),
                    answers=tuple(BidAnswer.model_validate(answer) for answer in each.bid.answers),
                    submitted_at=each.submitted_at,
                    passed_gate=each.outcome.passed,
                )
                for each in opened
            )
        )


class FailedFor(Reply):
    """One reason against an agency in stage one."""

    code: GateReason
    words: str


class GateLine(Reply):
    """What stage one found for one agency."""

    agency: str
    passed: bool
    reasons: tuple[FailedFor, ...]


class GateOutcomes(Reply):
    """Stage one of a round."""

    items: tuple[GateLine, ...]

    @classmethod
    def of(cls, opened: Iterable[OpenedBid]) -> Self:
        """From the store's values."""
        return cls(
            items=tuple(
                GateLine(
                    agency=each.agency,
                    passed=each.outcome.passed,
                    reasons=tuple(FailedFor(code=reason, words=GATE_WORDS[reason]) for reason in each.outcome.reasons),
                )
                for each in opened
            )
        )


class AgencyAnswers(Reply):
    """One agency's answers, without its prices."""

    agency: str
    answers: tuple[BidAnswer, ...]


class Answers(Reply):
    """What evaluators score."""

    items: tuple[AgencyAnswers, ...]

    @classmethod
    def of(cls, answers: Mapping[str, Sequence[Answer]]) -> Self:
        """From the store's values."""
        return cls(
            items=tuple(
                AgencyAnswers(agency=agency, answers=tuple(BidAnswer.model_validate(answer) for answer in given))
                for agency, given in sorted(answers.items())
            )
        )


class ScoreBody(Body):
    """A score for one agency's answer to one question, and why."""

    agency: AgencyUrn
    question: BandCode
    score: Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2)]
    reason: Words


class ScoresBody(Body):
    """Scores of a round; all are kept or none."""

    scores: Annotated[tuple[ScoreBody, ...], Field(min_length=1, max_length=2_000)]

    @property
    def given(self) -> tuple[AnswerScore, ...]:
        """As the store takes them."""
        return tuple(AnswerScore(each.agency, each.question, each.score, each.reason) for each in self.scores)


class ScoresKept(Reply):
    """How many scores were kept."""

    recorded: int


class FirstScoreReply(Reply):
    """A first score, before moderation."""

    agency: str
    question: str
    council: str
    score: Decimal
    reason: str


class FirstScores(Reply):
    """First scores of a round."""

    items: tuple[FirstScoreReply, ...]

    @classmethod
    def of(cls, given: Iterable[tuple[str, str, FirstScoreValue]]) -> Self:
        """From the store's values."""
        return cls(
            items=tuple(
                FirstScoreReply(agency=agency, question=question, council=first.council, score=first.score, reason=first.reason)
                for agency, question, first in given
            )
        )


class ListLine(Reply):
    """One line of a ranked list; points are shown to the consortium alone."""

    agency: str
    rank: int
    tier: int
    total_points: Decimal | None = None
    price_points: Decimal | None = None
    quality_points: Decimal | None = None


class RankedListReply(Reply):
    """A lot's ranked list of one round, best first."""

    round: UUID
    lot: str
    stage: RoundStage
    tiers: int
    lines: tuple[ListLine, ...]

    @classmethod
    def of(cls, tender: RoundValue, lines: Sequence[RankedLine | PublishedLine]) -> Self:
        """From the domain's values."""
        return cls(
            round=tender.id,
            lot=tender.lot,
            stage=stage(tender, now=clock.now()),
            tiers=tender.terms.tier_rule.tiers,
            lines=tuple(ListLine.model_validate(line) for line in lines),
        )


class BandCostReply(Reply):
    """One band's share of the basket: price × expected bed-weeks."""

    band: str
    pounds_per_week: Decimal
    expected_bed_weeks: Decimal
    pounds: Decimal


class ScoreGiven(Reply):
    """A first score that went into moderation."""

    council: str
    score: Decimal
    reason: str


class QuestionPointsReply(Reply):
    """One question's share of the quality points."""

    question: str
    first_scores: tuple[ScoreGiven, ...]
    moderated_score: Decimal
    moderation_reason: str
    max_score: Decimal
    weight: Decimal
    points: Decimal


class Derivation(Reply):
    """How one line of the ranked list was reached, with every number used."""

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
    bands: tuple[BandCostReply, ...]
    questions: tuple[QuestionPointsReply, ...]
    drawn_lot: str = Field(description="SHA-256 of the round's seed, a colon and the URN; the lower wins a tie")
    placed_by: str
    why_this_tier: str
    tier_rule: Line
    seed: str | None

    @classmethod
    def of(cls, tender: RoundValue, line: RankedLine) -> Self:
        """From the domain's values."""
        rule = tender.terms.tier_rule
        words = f"by {rule.by}: {' / '.join(str(cut) for cut in rule.cuts)} / the rest"
        fields = {name: getattr(line, name) for name in cls.model_fields if name not in ("tier_rule", "seed")}
        return cls.model_validate({**fields, "tier_rule": words, "seed": tender.seed})
