"""Tender rounds: beginning, reading, closing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from providers.actions import tenders
from providers.routes.callers import AgencyOrConsortium
from providers.schemas.tenders import GateOutcomes, Round, RoundBody
from providers.store import rounds
from shared import plain_routes
from shared.cursors import Page, PageRequest, after_moment, page
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import AnyCaller, ProcurementLead
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/tender-rounds", tags=["tender"])


@router.post("", response_model=Round, status_code=201, summary="Begin a tender round of a lot")
async def post_round(body: RoundBody, lead: ProcurementLead, key: IdempotencyKey, request: Request) -> Response:
    """The lot's terms as they stand now are this round's to the end. The closing time must still be to come."""
    async with once(request, lead) as attempt:
        if attempt.kept:
            return attempt.kept
        tender = await tenders.begin_round(
            attempt.transaction,
            reference=body.reference,
            framework=body.framework,
            lot=body.lot,
            opens_at=body.opens_at,
            closes_at=body.closes_at,
        )
        return attempt.reply(Round.of(tender), status=201, location=f"/tender-rounds/{tender.id}", etag=tender.version)


@router.get("", response_model=Page[Round], summary="The tender rounds")
async def list_rounds(
    caller: AnyCaller,
    wanted: PageRequest,
    request: Request,
    reference: Annotated[
        str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9._-]+$", description="only the round of this reference")
    ] = None,
) -> dict[str, object]:
    """By closing time, a page at a time."""
    async with reading(request, caller) as transaction:
        found = await rounds.listed(transaction, reference=reference, after=after_moment(wanted), limit=wanted.limit + 1)
    return page([Round.of(each) for each in found], wanted.limit, key=lambda row: (row.closes_at.isoformat(), str(row.id)))


@router.get("/{id}", response_model=Round, summary="One tender round")
async def get_round(id: UUID, caller: AnyCaller, request: Request, response: Response) -> Round:
    """Its opening and closing times in UK time and UTC, how far it has come, and its terms."""
    async with reading(request, caller) as transaction:
        tender = await tenders.found(transaction, id)
    response.headers["ETag"] = etag(tender.version)
    return Round.of(tender)


@router.post("/{id}/closing", response_model=Round, summary="Open the bids, after the closing time")
async def post_closing(id: UUID, lead: ProcurementLead, if_match: IfMatch, key: IdempotencyKey, request: Request) -> Response:
    """Before the closing time this is refused, for the procurement lead as for everybody. Opens every bid once, puts each
    agency through the gate, and draws the seed that breaks ties."""
    async with once(request, lead) as attempt:
        if attempt.kept:
            return attempt.kept
        if_match.check((await tenders.found(attempt.transaction, id)).version)
        tender = await tenders.close_round(attempt.transaction, id)
        return attempt.reply(Round.of(tender), etag=tender.version)


@router.get("/{id}/gate", response_model=GateOutcomes, summary="Who passed stage one, and every reason against who did not")
async def get_gate(id: UUID, caller: AgencyOrConsortium, request: Request) -> GateOutcomes:
    """After closing. The consortium sees every agency, an agency itself alone."""
    async with reading(request, caller) as transaction:
        return GateOutcomes.of(await tenders.opened_bids(transaction, id))
