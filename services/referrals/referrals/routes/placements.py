"""Placements, for the council and the one provider. An agency's placements may lie in several databases: councils may have their own."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from referrals.actions import placements as actions
from referrals.actions.placements import Named
from referrals.domain.placement import PlacementState
from referrals.routes.callers import OFFICERS, PlacementParty, PlacementRecorder, vault_keys
from referrals.schemas.placements import Cancellation, End, PlacementBody, PlacementChildren, Start
from shared import cursors, plain_routes, tenancy
from shared.cursors import Page, PageRequest
from shared.idempotency import Attempt, IdempotencyKey, once
from shared.organisation import Kind, Organisation
from shared.reading import reading
from shared.refusals import not_found
from shared.signin import Caller, PlacementsOfficer
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/placements", tags=["placements"])


async def council_of(request: Request, caller: Caller, placement: UUID) -> str:
    """Whose placement it is, and so in which database: the council's own code, or looked for in every database for an agency."""
    if caller.organisation.kind is Kind.COUNCIL:
        return caller.council
    databases: tenancy.Databases = request.app.state.databases
    for engine in databases.every():
        async with tenancy.transaction_on(databases, engine, caller.organisation) as transaction:
            found = await actions.find(transaction, placement)
        if found is not None:
            return Organisation.parse(found.council).code
    raise not_found("placement")


@router.get("")
async def newest(
    request: Request,
    caller: PlacementParty,
    wanted: PageRequest,
    state: Annotated[PlacementState | None, Query(description="only those in this state")] = None,
    referral: Annotated[UUID | None, Query(description="only those of this referral")] = None,
) -> Page[PlacementBody]:
    """Your placements, newest first: a council's own, or those an agency provides."""
    found: list[Named] = []
    if caller.organisation.kind is Kind.COUNCIL:
        async with reading(request, caller) as transaction:
            found += await actions.newest(transaction, wanted, state=state, referral=referral)
    else:
        databases: tenancy.Databases = request.app.state.databases
        for engine in databases.every():
            async with tenancy.transaction_on(databases, engine, caller.organisation) as transaction:
                found += await actions.newest(transaction, wanted, state=state, referral=referral)
        # Each database gave its own newest, one more than a page; the newest of all of them are the page.
        found.sort(key=lambda named: (named.placement.agreed_at, named.placement.id), reverse=True)
        found = found[: wanted.limit + 1]
    kept, next_cursor = cursors.cut(found, wanted.limit, actions.page_key)
    return Page[PlacementBody](items=[PlacementBody.of(named) for named in kept], next_cursor=next_cursor)


@router.get("/{placement}")
async def read(placement: UUID, request: Request, response: Response, caller: PlacementParty) -> PlacementBody:
    """One placement: how far it has come, its price per week and the total to date."""
    council = await council_of(request, caller, placement)
    async with reading(request, caller, council=council) as transaction:
        named = await actions.read(transaction, placement)
    response.headers["ETag"] = etag(named.placement.version)
    return PlacementBody.of(named)


@router.get("/{placement}/child", response_model_exclude_unset=True)
async def child(placement: UUID, request: Request, caller: PlacementRecorder) -> PlacementChildren:
    """Who the children of this placement are: for their council and for the chosen provider, once the placement is agreed, and for nobody
    else. Every reading is written to the disclosure record."""
    council = await council_of(request, caller, placement)
    in_house_only = caller.organisation.kind is Kind.COUNCIL and not caller.roles & OFFICERS
    async with reading(request, caller, council=council) as transaction:
        children = await actions.who(transaction, vault_keys(request), placement, subject=caller.subject, in_house_only=in_house_only)
    return PlacementChildren.of(placement, children)


@router.post("/{placement}/start", response_model=PlacementBody)
async def start(
    placement: UUID, body: Start, request: Request, caller: PlacementRecorder, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Record that the child moved in."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        started = await actions.start(
            attempt.transaction,
            placement,
            body.started_on,
            if_match.check,
            earlier_than_agreed=body.earlier_than_agreed,
            subject=caller.subject,
        )
        return _reply(attempt, started)


@router.post("/{placement}/ending", response_model=PlacementBody)
async def end(
    placement: UUID, body: End, request: Request, caller: PlacementRecorder, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Record that the child moved out: planned or not, with the national return's reason."""
    council = await council_of(request, caller, placement)
    async with once(request, caller, council=council) as attempt:
        if attempt.kept:
            return attempt.kept
        return _reply(attempt, await actions.end(attempt.transaction, placement, body.ending(), if_match.check, subject=caller.subject))


@router.post("/{placement}/cancellation", response_model=PlacementBody)
async def cancel(
    placement: UUID, body: Cancellation, request: Request, officer: PlacementsOfficer, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Record that an agreed placement will not begin; the bed comes free."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        return _reply(attempt, await actions.cancel(attempt.transaction, placement, body.reason, if_match.check, subject=officer.subject))


def _reply(attempt: Attempt, named: Named) -> Response:
    return attempt.reply(PlacementBody.of(named), etag=named.placement.version)
