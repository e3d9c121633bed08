"""Clarification questions: an agency asks, the council answers once for all."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from matching import schemas
from matching.actions import questions
from shared import clock, plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import AgencyCaller, AgencyOfficer, CouncilCaller, PlacementsOfficer

router = plain_routes.router(tags=["questions"])


@router.post("/opportunities/{referral}/questions", status_code=201, response_model=schemas.WaitingQuestion)
async def ask(referral: UUID, body: schemas.NewQuestion, request: Request, caller: AgencyOfficer, _: IdempotencyKey) -> Response:
    """Ask the council about a referral, before it closes. All its agencies read the answer at the same moment; none reads who asked."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        asked = await questions.ask(attempt.transaction, str(caller.organisation), referral, body.topic, body.words or None)
        return attempt.reply(schemas.WaitingQuestion.of(asked, clock.now()), status=201, location=f"/opportunities/{referral}/questions")


@router.get("/opportunities/{referral}/questions")
async def see(referral: UUID, request: Request, caller: AgencyCaller) -> schemas.ProvidersQuestions:
    """Your questions that wait, and everything that was answered, whoever asked."""
    async with reading(request, caller) as transaction:
        waiting, answered = await questions.for_provider(transaction, str(caller.organisation), referral)
    return schemas.ProvidersQuestions.of(referral, waiting, answered, clock.now())


@router.get("/referrals/{referral}/questions")
async def asked(referral: UUID, request: Request, caller: CouncilCaller) -> schemas.CouncilsQuestions:
    """Every question on your referral, those that wait first, with how long they have waited."""
    async with reading(request, caller) as transaction:
        found = await questions.for_council(transaction, str(caller.organisation), referral)
    return schemas.CouncilsQuestions.of(referral, found, clock.now())


@router.post("/referrals/{referral}/questions/{question}/answer", response_model=schemas.AnswerGiven)
async def answer(
    referral: UUID, question: UUID, body: schemas.NewAnswer, request: Request, officer: PlacementsOfficer, _: IdempotencyKey
) -> Response:
    """Answer once: the question and your answer go to every agency of the referral at the same moment."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        told, count = await questions.answer(
            attempt.transaction, str(officer.organisation), referral, question, body.answer, show_words=body.show_words
        )
        return attempt.reply(schemas.AnswerGiven(question=told.question, answer=body.answer, agencies_told=count))
