"""Scores, the ranked list, each line's derivation, and publication."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from providers.actions import evaluation
from providers.routes.callers import AgencyOrConsortium, EvaluatorOrConsortium, UrnInPath
from providers.schemas.evaluation import Derivation, FirstScores, RankedListReply, ScoresBody, ScoresKept
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import AnyCaller, Evaluator, ProcurementLead

router = plain_routes.router(prefix="/tender-rounds/{id}", tags=["tender"])


@router.put("/quality-scores", response_model=ScoresKept, summary="Give your council's first scores")
async def put_scores(id: UUID, body: ScoresBody, evaluator: Evaluator, key: IdempotencyKey, request: Request) -> Response:
    """After closing and before publication. Each replaces the one your council gave before; all are kept or none."""
    async with once(request, evaluator) as attempt:
        if attempt.kept:
            return attempt.kept
        kept = await evaluation.give_first_scores(attempt.transaction, id, body.given, by=evaluator.subject)
        return attempt.reply(ScoresKept(recorded=kept))


@router.get("/quality-scores", response_model=FirstScores, summary="First scores, before moderation")
async def get_scores(id: UUID, caller: EvaluatorOrConsortium, request: Request) -> FirstScores:
    """A council sees its own, so that evaluators score apart; the consortium sees all of them."""
    async with reading(request, caller) as transaction:
        return FirstScores.of(await evaluation.first_scores(transaction, id))


@router.put("/moderated-scores", response_model=ScoresKept, summary="Give the moderated scores, which count")
async def put_moderated(id: UUID, body: ScoresBody, lead: ProcurementLead, key: IdempotencyKey, request: Request) -> Response:
    """Each with the reason the evaluators agreed on. First scores are kept apart and stay as they were given."""
    async with once(request, lead) as attempt:
        if attempt.kept:
            return attempt.kept
        kept = await evaluation.give_moderated_scores(attempt.transaction, id, body.given, by=lead.subject)
        return attempt.reply(ScoresKept(recorded=kept))


@router.post("/evaluation", response_model=RankedListReply, summary="Rank the agencies and cut the tiers")
async def post_evaluation(id: UUID, lead: ProcurementLead, key: IdempotencyKey, request: Request) -> Response:
    """Refused while a score is missing, naming all that are. Running it again on the same scores gives the same list."""
    async with once(request, lead) as attempt:
        if attempt.kept:
            return attempt.kept
        tender, lines = await evaluation.evaluate(attempt.transaction, id)
        return attempt.reply(RankedListReply.of(tender, lines), etag=tender.version)


@router.get("/ranked-list", response_model=RankedListReply, summary="The ranked list with its tiers")
async def get_ranked(id: UUID, caller: AnyCaller, request: Request) -> RankedListReply:
    """With points for the consortium, once evaluated. For everybody, once published, ranks and tiers."""
    async with reading(request, caller) as transaction:
        tender, lines = await evaluation.ranked(transaction, id)
    return RankedListReply.of(tender, lines)


@router.get("/ranked-list/{urn}", response_model=Derivation, summary="How one line was reached, with every number")
async def get_derivation(id: UUID, urn: UrnInPath, caller: AgencyOrConsortium, request: Request) -> Derivation:
    """For the consortium; for the agency itself once the list is published. Another agency's line is as if it were not there."""
    async with reading(request, caller) as transaction:
        tender, line = await evaluation.derivation(transaction, id, urn)
    return Derivation.of(tender, line)


@router.post("/publication", response_model=RankedListReply, summary="Publish the tiers")
async def post_publication(id: UUID, lead: ProcurementLead, key: IdempotencyKey, request: Request) -> Response:
    """Replaces the lot's tiers for everybody. From then on scores and list are final."""
    async with once(request, lead) as attempt:
        if attempt.kept:
            return attempt.kept
        tender, lines = await evaluation.publish(attempt.transaction, id)
        return attempt.reply(RankedListReply.of(tender, lines), etag=tender.version)
