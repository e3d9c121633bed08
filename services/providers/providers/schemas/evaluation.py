"""Bodies of scores, ranked lists and derivations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from providers.domain.evaluation import FirstScore as FirstScoreValue
from providers.domain.evaluation import RankedLine
from providers.domain.tender import Round as RoundValue
from providers.domain.tender import RoundStage, stage
from providers.schemas.fields import BandCode, Body, Reply, Words
from providers.store.rankings import PublishedLine
from providers.store.scores import AnswerScore
from shared import clock
from shared.contracts.words import AgencyUrn


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
    tier_rule: str
    seed: str | None

    @classmethod
    def of(cls, tender: RoundValue, line: RankedLine) -> Self:
        """From the domain's values."""
        rule = tender.terms.tier_rule
        words = f"by {rule.by}: {' / '.join(str(cut) for cut in rule.cuts)} / the rest"
        fields = {name: getattr(line, name) for name in cls.model_fields if name not in ("tier_rule", "seed")}
        return cls.model_validate({**fields, "tier_rule": words, "seed": tender.seed})
