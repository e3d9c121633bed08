"""Clarification questions and answers, as agencies and councils see them. Nothing says who asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from matching.domain.question import LONGEST, AnswerCode, Answered, Topic, age_in_words
from matching.domain.question import Question as Domain
from shared.written import YesOrNo


class NewQuestion(BaseModel):
    """What you ask; every agency the referral was sent to reads it with the answer, and none reads that it was you."""

    model_config = ConfigDict(extra="forbid")

    topic: Topic
    words: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True)] | None,
        Field(max_length=LONGEST, description="Nothing about a person: no names, numbers or addresses."),
    ] = None


class Waiting(BaseModel):
    """A question that waits for its answer, and for how long."""

    question: UUID
    topic: Topic
    words: str | None
    asked_at: AwareDatetime
    waiting_for: str

    @classmethod
    def of(cls, asked: Domain, now: datetime) -> Self:
        """As it is shown."""
        return cls(
            question=asked.question,
            topic=asked.topic,
            words=asked.words,
            asked_at=asked.asked_at,
            waiting_for=age_in_words(asked.asked_at, now),
        )


class AnsweredQuestion(BaseModel):
    """A question and its answer, as everybody was told them at the same moment."""

    question: UUID
    topic: Topic
    words: str | None
    answer: AnswerCode
    asked_at: AwareDatetime
    answered_at: AwareDatetime


class ProvidersQuestions(BaseModel):
    """Your questions that wait, and what was answered to all."""

    referral: UUID
    waiting: list[Waiting]
    answered: list[AnsweredQuestion]

    @classmethod
    def of(cls, referral: UUID, waiting: Sequence[Domain], answered: Sequence[Answered], now: datetime) -> Self:
        """As it is shown."""
        told = [
            AnsweredQuestion(
                question=one.question,
                topic=one.topic,
                words=one.words,
                answer=one.answer,
                asked_at=one.asked_at,
                answered_at=one.answered_at,
            )
            for one in answered
        ]
        return cls(referral=referral, waiting=[Waiting.of(one, now) for one in waiting], answered=told)


class CouncilsQuestion(BaseModel):
    """A question on your referral; ``waiting_for`` while it has no answer."""

    question: UUID
    topic: Topic
    words: str | None
    asked_at: AwareDatetime
    waiting_for: str | None
    answer: AnswerCode | None
    answered_at: AwareDatetime | None


class CouncilsQuestions(BaseModel):
    """Every question on your referral, those that wait first; which agency asked is shown to nobody."""

    referral: UUID
    waiting: int
    items: list[CouncilsQuestion]

    @classmethod
    def of(cls, referral: UUID, found: Sequence[tuple[Domain, AnswerCode | None]], now: datetime) -> Self:
        """As it is shown."""
        items = [
            CouncilsQuestion(
                question=one.question,
                topic=one.topic,
                words=one.words,
                asked_at=one.asked_at,
                waiting_for=age_in_words(one.asked_at, now) if one.answered_at is None else None,
                answer=answer,
                answered_at=one.answered_at,
            )
            for one, answer in found
        ]
        return cls(referral=referral, waiting=sum(one.answered_at is None for one in items), items=items)


class NewAnswer(BaseModel):
    """Your answer, for everybody. What needs words is said in the referral's words, where they are checked: then ``in_the_words_now``."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerCode
    show_words: Annotated[
        YesOrNo, Field(description="false: the others read the topic alone, because the question's words tell too much")
    ] = True


class AnswerGiven(BaseModel):
    """What was told, and to how many agencies."""

    question: UUID
    answer: AnswerCode
    agencies_told: int
