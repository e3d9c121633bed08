"""The national return (SSDA903): a council's files for a year, and earlier returns taken as its history."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response

from referrals.actions import care, returns
from referrals.domain.return_tables import COLUMNS
from referrals.routes.callers import vault_keys
from referrals.schemas.care import FosteringServiceBody, FosteringServiceNumber
from referrals.schemas.returns import HistoryLoaded, WhatIsLacking, unzipped, zipped
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind, Role
from shared.reading import reading
from shared.refusals import not_found
from shared.signin import Caller, CouncilCaller, signed_in

router = plain_routes.router(tags=["national return"])

ReturnOfficer = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.PLACEMENTS_OFFICER, Role.ADMINISTRATOR})}))]
"""Who makes a council's national return: its placements officers and its administrator."""

YearInPath = Annotated[int, Path(description="the year the return ends in: 2026 is 1 April 2025 to 31 March 2026")]
LeaveOut = Annotated[
    bool, Query(description="leave out children whose record lacks something, and name them in left_out.json, instead of refusing")
]
Tables = Annotated[
    tuple[Literal["Header", "Episodes", "Reviews", "OC2", "UASC", "Missing"], ...],
    Query(description="only these tables, else all; OC2 alone needs a year's outcomes"),
]

_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_TAKES_ZIP = {"requestBody": {"required": True, "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get("/returns/ssda903/{year}", response_class=Response, responses=_ZIP)
async def export(
    year: YearInPath,
    request: Request,
    officer: ReturnOfficer,
    tables: Tables = (),
    leave_out: LeaveOut = False,
) -> Response:
    """Your return of a year as a zip of CSV files. Refused, child by child, while a record lacks something the tables asked for need; each
    child shown is written to the disclosure record."""
    async with reading(request, officer) as transaction:
        made = await returns.export(
            transaction, vault_keys(request), year, tables=tables or tuple(COLUMNS), leave_out=leave_out, subject=officer.subject
        )
    name = f"ssda903-{officer.council}-{year}.zip"
    return Response(zipped(made), media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/returns/ssda903/{year}/lacking")
async def lacking(year: YearInPath, request: Request, officer: ReturnOfficer) -> WhatIsLacking:
    """What a year's return still lacks, by the ids of your records."""
    async with reading(request, officer) as transaction:
        found = await returns.lacking(transaction, vault_keys(request), year)
    return WhatIsLacking.of(year, list(found))


@router.get("/returns/ssda903/{year}/{table}.csv", response_class=Response, responses=_CSV)
async def one_table(year: YearInPath, table: str, request: Request, officer: ReturnOfficer, leave_out: LeaveOut = False) -> Response:
    """One table of a return: Header, Episodes, Reviews, OC2, or UASC and Missing, of which only the columns are known here."""
    if table not in COLUMNS:
        raise not_found("table of the return")
    async with reading(request, officer) as transaction:
        made = await returns.export(transaction, vault_keys(request), year, tables=(table,), leave_out=leave_out, subject=officer.subject)
    return Response(made.tables[table].encode(), media_type="text/csv; charset=utf-8")


@router.post("/returns/ssda903/history", response_model=HistoryLoaded, openapi_extra=_TAKES_ZIP)
async def load(
    request: Request,
    officer: ReturnOfficer,
    key: IdempotencyKey,
    year: Annotated[int | None, Query(description="return year of files that are in no folder named for their year")] = None,
) -> Response:
    """Take earlier returns, zipped as the export gives them, as your children's history: all of it, or nothing and every bad row named."""
    files = unzipped(await request.body(), year)
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await returns.load(attempt.transaction, vault_keys(request), files, subject=officer.subject)
        return attempt.reply(HistoryLoaded.of(done))


@router.put("/fostering-service", response_model=FosteringServiceBody)
async def record_fostering_service(
    body: FosteringServiceNumber, request: Request, officer: ReturnOfficer, key: IdempotencyKey
) -> Response:
    """Record the Ofsted number of your own fostering service: the return asks it for children with your own carers."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        await care.record_fostering_service(attempt.transaction, body.urn, subject=officer.subject)
        return attempt.reply(FosteringServiceBody(urn=body.urn))


@router.get("/fostering-service")
async def fostering_service(request: Request, caller: CouncilCaller) -> FosteringServiceBody:
    """The Ofsted number of your own fostering service."""
    async with reading(request, caller) as transaction:
        return FosteringServiceBody(urn=await care.fostering_service(transaction))
