"""Councils of the consortium."""

from __future__ import annotations

from fastapi import Request, Response

from providers.actions import consortium
from providers.routes.callers import ConsortiumOfficer, OnsCodeInPath, after_code
from providers.schemas.consortium import Council, CouncilBody
from providers.store import councils
from shared import plain_routes
from shared.cursors import Page, PageRequest, page
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.refusals import not_found
from shared.signin import AnyCaller
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/councils", tags=["consortium"])


@router.put(
    "/{ons_code}",
    response_model=Council,
    responses={201: {"model": Council, "description": "Recorded for the first time"}},
    summary="Record a council of the consortium, or put its record right",
)
async def put_council(
    ons_code: OnsCodeInPath, body: CouncilBody, officer: ConsortiumOfficer, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """A further council cannot be recorded until the consortium has run three years: the refusal names the day.

    Each lead role is held by one council. Sending the same again changes nothing.
    """
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await consortium.record_council(attempt.transaction, body.of(ons_code), if_match.check)
        return attempt.reply(
            Council.of(done.value, done.version),
            status=201 if done.created else 200,
            location=f"/councils/{ons_code}" if done.created else None,
            etag=done.version,
        )


@router.get("/{ons_code}", response_model=Council, summary="One council of the consortium")
async def get_council(ons_code: OnsCodeInPath, caller: AnyCaller, request: Request, response: Response) -> Council:
    """Its joining date and the work streams it leads."""
    async with reading(request, caller) as transaction:
        recorded = await councils.find(transaction, ons_code)
    if recorded is None:
        raise not_found("council")
    response.headers["ETag"] = etag(recorded.version)
    return Council.of(recorded.council, recorded.version)


@router.get("", response_model=Page[Council], summary="The councils of the consortium")
async def list_councils(caller: AnyCaller, wanted: PageRequest, request: Request) -> dict[str, object]:
    """By ONS code, a page at a time."""
    async with reading(request, caller) as transaction:
        found = await councils.listed(transaction, after=after_code(wanted), limit=wanted.limit + 1)
    rows = [Council.of(each.council, each.version) for each in found]
    return page(rows, wanted.limit, key=lambda row: (row.ons_code,))
