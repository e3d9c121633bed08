"""What a council asks once offers are there: compare, shortlist, choose, and read what was decided."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from matching import schemas
from matching.actions import choices, home_holds, judging, names
from matching.actions.judging import Judged
from matching.domain.decision_hash import HOW
from shared import plain_routes, versions
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import CouncilCaller, PlacementsOfficer
from shared.tenancy import Transaction
from shared.versions import IfMatch

router = plain_routes.router(tags=["options"])


async def _shown(transaction: Transaction, judged: Judged) -> schemas.Options:
    providers = {option.offer.provider for option in judged.options} | {offer.provider for offer in judged.ended}
    homes = await home_holds.seen(transaction, judged.known.council, judged)
    return schemas.Options.of(judged, await names.of_providers(transaction, providers), homes)


@router.get("/referrals/{referral}/options")
async def options(referral: UUID, request: Request, response: Response, caller: CouncilCaller) -> schemas.Options:
    """All offers in order: suitable before unsuitable, tier one first, then fit, price, distance; each with its reasons."""
    async with reading(request, caller) as transaction:
        judged = await judging.judge(transaction, str(caller.organisation), referral)
        shown = await _shown(transaction, judged)
    response.headers["ETag"] = versions.etag(judged.known.version)
    return shown


@router.put("/referrals/{referral}/shortlist", response_model=schemas.Options)
async def shortlist(
    referral: UUID, body: schemas.NewShortlist, request: Request, officer: PlacementsOfficer, if_match: IfMatch, _: IdempotencyKey
) -> Response:
    """Put two or three offers on the shortlist, in place of the one before."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        judged = await choices.shortlist(attempt.transaction, str(officer.organisation), referral, body.offers, body.reason_code, if_match)
        return attempt.reply(await _shown(attempt.transaction, judged), etag=judged.known.version)


@router.post("/referrals/{referral}/choice", status_code=202, response_model=schemas.ChoiceMade)
async def choose(referral: UUID, body: schemas.NewChoice, request: Request, officer: PlacementsOfficer, _: IdempotencyKey) -> Response:
    """Choose one offer. The bed is asked for at once; read the choice again to learn whether it was held."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        decision = await choices.choose(
            attempt.transaction,
            str(officer.organisation),
            referral,
            body.choice(),
            decided_by=officer.subject,
            roles=officer.roles,
            offer_version=body.offer_version,
            approved=[one.approval() for one in body.approvals],
        )
        return attempt.reply(schemas.ChoiceMade.of(decision), status=202, location=f"/referrals/{referral}/choice")


@router.get("/referrals/{referral}/choice")
async def choice(referral: UUID, request: Request, caller: CouncilCaller) -> schemas.ChoiceMade:
    """The last choice: pending, confirmed, or refused with the reasons."""
    async with reading(request, caller) as transaction:
        decisions = await choices.all_decisions(transaction, str(caller.organisation), referral)
    return schemas.ChoiceMade.of(decisions[0])


@router.get("/referrals/{referral}/decision")
async def decision(referral: UUID, request: Request, caller: CouncilCaller) -> schemas.Decisions:
    """Every decision on the referral, the last first: all offers as they stood, who decided, when and why."""
    async with reading(request, caller) as transaction:
        decisions = await choices.all_decisions(transaction, str(caller.organisation), referral)
    return schemas.Decisions(items=[schemas.DecisionRecord.of(one) for one in decisions], how_hash_is_made=HOW)
