"""Clarification questions, each between its asker and the council; and their answers, one row a provider, written by one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from matching.domain.question import AnswerCode, Answered, Question, Topic
from matching.tables import answers, questions
from shared import ids, tracing
from shared.tenancy import Transaction

# Every provider is told at the same moment: its answer and its notice are rows of one statement.
_ANSWER = text("""
WITH told AS (
    INSERT INTO answers (council, referral, provider, question, topic, words, answer, asked_at, answered_at)
    SELECT council, referral, provider, :question, :topic, :words, :answer, :asked_at, :at
    FROM opportunities WHERE council = :council AND referral = :referral AND state = 'open'
    ON CONFLICT DO NOTHING RETURNING provider)
INSERT INTO notices (organisation, author, notice, type, happened_at, council, referral, reference, traceparent)
SELECT told.provider, :council, :notice, 'question.answered', :at, :code, :referral, opportunities.reference, :traceparent
FROM told JOIN opportunities ON opportunities.provider = told.provider
    AND opportunities.council = :council AND opportunities.referral = :referral
""")


def _question(row: Row[Any]) -> Question:
    return Question(
        council=row.council,
        question=row.question,
        referral=row.referral,
        provider=row.provider,
        topic=Topic(row.topic),
        words=row.words,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
    )


async def ask(transaction: Transaction, question: Question) -> None:
    """Keep a question of the acting provider."""
    await transaction.execute(
        insert(questions).values(
            council=question.council,
            question=question.question,
            referral=question.referral,
            provider=question.provider,
            topic=question.topic,
            words=question.words,
            asked_at=question.asked_at,
        )
    )


async def open_of(transaction: Transaction, provider: str, referral: UUID) -> int:
    """How many questions of a provider wait on a referral."""
    statement = select(func.count()).where(
        questions.c.provider == provider, questions.c.referral == referral, questions.c.answered_at.is_(None)
    )
    found: int = await transaction.scalar(statement)
    return found


async def of_provider(transaction: Transaction, provider: str, referral: UUID) -> list[Question]:
    """A provider's own questions on a referral, the first asked first."""
    rows = await transaction.execute(
        select(questions)
        .where(questions.c.provider == provider, questions.c.referral == referral)
        .order_by(questions.c.asked_at, questions.c.question)
    )
    return [_question(row) for row in rows]


async def told_to(transaction: Transaction, provider: str, referral: UUID) -> list[Answered]:
    """What was answered to every provider of the referral, as this one was told it, the first asked first."""
    rows = await transaction.execute(
        select(answers)
        .where(answers.c.provider == provider, answers.c.referral == referral)
        .order_by(answers.c.asked_at, answers.c.question)
    )
    return [Answered(row.question, Topic(row.topic), row.words, AnswerCode(row.answer), row.asked_at, row.answered_at) for row in rows]


async def of_council(transaction: Transaction, council: str, referral: UUID) -> list[tuple[Question, AnswerCode | None]]:
    """Every question on a council's referral with its answer, those waiting first, the oldest first."""
    answered = (
        select(answers.c.answer)
        .where(answers.c.council == council, answers.c.question == questions.c.question)
        .limit(1)
        .scalar_subquery()
        .label("answer")
    )
    rows = await transaction.execute(
        select(questions, answered)
        .where(questions.c.council == council, questions.c.referral == referral)
        .order_by(questions.c.answered_at.is_not(None), questions.c.asked_at, questions.c.question)
    )
    return [(_question(row), AnswerCode(row.answer) if row.answer else None) for row in rows]


async def take_for_answer(transaction: Transaction, council: str, referral: UUID, question: UUID, at: datetime) -> Question | None:
    """Mark a question as answered, once: None when it has been, or there is none such on this referral."""
    row = (
        await transaction.execute(
            update(questions)
            .where(
                questions.c.council == council,
                questions.c.referral == referral,
                questions.c.question == question,
                questions.c.answered_at.is_(None),
            )
            .values(answered_at=at)
            .returning(questions)
        )
    ).first()
    return None if row is None else _question(row)


async def answer(transaction: Transaction, question: Question, answered: AnswerCode, *, words: str | None, at: datetime) -> int:
    """Tell every provider the referral is open to, in one statement; how many."""
    done = await transaction.execute(
        _ANSWER,
        {
            "council": question.council,
            "referral": question.referral,
            "question": question.question,
            "topic": question.topic,
            "words": words,
            "answer": answered,
            "asked_at": question.asked_at,
            "at": at,
            "notice": ids.new_id(),
            "code": question.council.removeprefix("council:"),
            "traceparent": tracing.carried().traceparent,
        },
    )
    return done.rowcount


async def forget(transaction: Transaction, council: str, referral: UUID) -> None:
    """A closed referral's questions and answers keep their topics and codes, no longer their words."""
    for table in (questions, answers):
        await transaction.execute(update(table).where(table.c.council == council, table.c.referral == referral).values(words=None))
