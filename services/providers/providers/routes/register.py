"""Ofsted's register as the consortium keeps it."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from providers.actions import register as actions
from providers.routes.callers import ConsortiumOfficer, UrnInPath, after_code
from providers.schemas.register import EntryBody, RegisterEntry, workbook
from providers.store import register
from shared import plain_routes
from shared.cursors import Page, PageRequest, page
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import AnyCaller
from shared.versions import IfMatch

router = plain_routes.router(prefix="/register", tags=["consortium"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORKBOOK: dict[int | str, dict[str, Any]] = {200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}}}}


@router.put(
    "/{urn}",
    response_model=RegisterEntry,
    responses={201: {"model": RegisterEntry, "description": "Recorded for the first time"}},
    summary="Record a place of Ofsted's register",
)
async def put_entry(
    urn: UrnInPath, body: EntryBody, officer: ConsortiumOfficer, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """Children's homes, councils' own fostering services, supported accommodation; of an agency, where it is and when it closed."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.record(attempt.transaction, body.of(urn), if_match.check)
        return attempt.reply(RegisterEntry.of(done.value, done.version), status=201 if done.created else 200, etag=done.version)


@router.get("", response_model=Page[RegisterEntry], summary="The recorded places, agencies' own records apart")
async def list_entries(caller: AnyCaller, wanted: PageRequest, request: Request) -> dict[str, object]:
    """By Ofsted number, a page at a time."""
    async with reading(request, caller) as transaction:
        found = await register.listed(transaction, after=after_code(wanted), limit=wanted.limit + 1)
    return page([RegisterEntry.of(each.entry, each.version) for each in found], wanted.limit, key=lambda row: (row.urn,))


@router.get("/ofsted-list.xlsx", response_class=Response, responses=_WORKBOOK, summary="The register in the shape of Ofsted's list")
async def ofsted_list(caller: AnyCaller, request: Request) -> Response:
    """Agencies and other places as a workbook, as the sector's validator of the national return takes it."""
    async with reading(request, caller) as transaction:
        entries = await actions.everything(transaction)
    return Response(workbook(entries), media_type=_XLSX, headers={"Content-Disposition": 'attachment; filename="ofsted-list.xlsx"'})
