"""Asking about a referral, and answering for everybody at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from matching.actions.judging import own_referral
from matching.actions.opportunities import sent_to
from matching.actions.refusing import broken_rules, not_now
from matching.domain.notice import News, NoticeType
from matching.domain.offer import faults_of_moment
from matching.domain.question import OPEN_AT_ONCE, AnswerCode, Answered, Question, Topic, faults_in_question
from matching.domain.referral import ReferralState
from matching.store import notices, opportunities, questions
from shared import clock, ids
from shared.refusals import Reason, conflict, not_found
from shared.tenancy import Transaction


async def ask(transaction: Transaction, provider: str, referral: UUID, topic: Topic, words: str | None) -> Question:
    """Ask the council about a referral that is open; no other agency learns who asked.

    Refused: after the closing time, with words that may identify somebody, and while five of the agency's questions wait.
    """
    await opportunities.answer_in_turn(transaction, referral, provider)
    opportunity = await sent_to(transaction, provider, referral)
    now = clock.now()
    if faults := faults_of_moment(opportunity.state, opportunity.closes_at, now):
        raise not_now(faults)
    if faults := faults_in_question(words):
        raise broken_rules(faults)
    if await questions.open_of(transaction, provider, referral) >= OPEN_AT_ONCE:
        message = f"{OPEN_AT_ONCE} of your questions on this referral wait for an answer. Ask again when one is answered."
        raise conflict(message, Reason("question", "a_few_at_once", message))
    asked = Question(opportunity.council, ids.new_id(), referral, provider, topic, words, now)
    await questions.ask(transaction, asked)
    council = opportunity.council.removeprefix("council:")
    news = News(opportunity.council, NoticeType.QUESTION_ASKED, council=council, referral=referral, reference=opportunity.reference)
    await notices.tell(transaction, now, news)
    return asked


async def for_provider(transaction: Transaction, provider: str, referral: UUID) -> tuple[Sequence[Question], Sequence[Answered]]:
    """A provider's own questions that wait, and everything that was answered to all; never who asked."""
    await sent_to(transaction, provider, referral)
    own = await questions.of_provider(transaction, provider, referral)
    return [one for one in own if one.answered_at is None], await questions.told_to(transaction, provider, referral)


async def for_council(transaction: Transaction, council: str, referral: UUID) -> Sequence[tuple[Question, AnswerCode | None]]:
    """Every question on a council's referral, those that wait first."""
    await own_referral(transaction, council, referral)
    return await questions.of_council(transaction, council, referral)


async def answer(
    transaction: Transaction, council: str, referral: UUID, question: UUID, answered: AnswerCode, *, show_words: bool
) -> tuple[Question, int]:
    """Answer once, for every agency the referral is open to, at the same moment; how many were told.

    Refused: a question that is not on this referral, one answered before, and a referral that is closed.
    """
    known, _ = await own_referral(transaction, council, referral)
    if known.state not in (ReferralState.OPEN, ReferralState.CHOOSING):
        message = "This referral is closed, so nobody waits for an answer any more."
        raise conflict(message, Reason("referral", "referral_open", message))
    now = clock.now()
    asked = await questions.take_for_answer(transaction, council, referral, question, now)
    if asked is None:
        if question in {one.question for one, _ in await questions.of_council(transaction, council, referral)}:
            message = "This question has been answered, for everybody. Amend the referral if the answer has changed."
            raise conflict(message, Reason("question", "answered_once", message))
        raise not_found("question on this referral")
    return asked, await questions.answer(transaction, asked, answered, words=asked.words if show_words else None, at=now)
