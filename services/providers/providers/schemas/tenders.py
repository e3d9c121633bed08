"""Bodies of tender rounds and bids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from providers.domain.bid import Answer, BandPrice
from providers.domain.bid import Bid as BidValue
from providers.domain.gate import GATE_WORDS, GateReason
from providers.domain.tender import Round as RoundValue
from providers.domain.tender import RoundStage, stage
from providers.schemas.consortium import Terms
from providers.schemas.fields import BandCode, Body, Code, OwnReference, PoundsShown, Reply, Words
from providers.store.bids import OpenedBid, SealedBid
from shared import clock
from shared.written import Moment

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
