"""Agencies, by their Ofsted URN."""

from __future__ import annotations

from fastapi import Request, Response

from providers.actions import consortium
from providers.routes.callers import ConsortiumOfficer, UrnInPath, after_code
from providers.schemas.consortium import Agency, AgencyBody
from providers.store import agencies
from shared import plain_routes
from shared.cursors import Page, PageRequest, page
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.refusals import not_found
from shared.signin import AnyCaller
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/agencies", tags=["consortium"])


@router.put(
    "/{urn}",
    response_model=Agency,
    responses={201: {"model": Agency, "description": "Recorded for the first time"}},
    summary="Register an agency, or put its record right",
)
async def put_agency(
    urn: UrnInPath, body: AgencyBody, officer: ConsortiumOfficer, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """An agency is known by its Ofsted URN. A judgement comes with its inspection date. Sending the same again changes nothing."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await consortium.record_agency(attempt.transaction, body.of(urn), if_match.check)
        return attempt.reply(
            Agency.of(done.value, done.version),
            status=201 if done.created else 200,
            location=f"/agencies/{urn}" if done.created else None,
            etag=done.version,
        )


@router.get("/{urn}", response_model=Agency, summary="One agency")
async def get_agency(urn: UrnInPath, caller: AnyCaller, request: Request, response: Response) -> Agency:
    """Its Ofsted judgement, inspection date and sector."""
    async with reading(request, caller) as transaction:
        recorded = await agencies.find(transaction, urn)
    if recorded is None:
        raise not_found("agency")
    response.headers["ETag"] = etag(recorded.version)
    return Agency.of(recorded.agency, recorded.version)


@router.get("", response_model=Page[Agency], summary="The registered agencies")
async def list_agencies(caller: AnyCaller, wanted: PageRequest, request: Request) -> dict[str, object]:
    """By Ofsted URN, a page at a time."""
    async with reading(request, caller) as transaction:
        found = await agencies.listed(transaction, after=after_code(wanted), limit=wanted.limit + 1)
    rows = [Agency.of(each.agency, each.version) for each in found]
    return page(rows, wanted.limit, key=lambda row: (row.urn,))
