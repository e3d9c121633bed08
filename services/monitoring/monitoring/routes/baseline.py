"""Baseline prices: a council hands in its own, the consortium reads them all."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from monitoring.actions import baseline
from monitoring.domain.baseline import Row
from monitoring.routes.reading import reading
from monitoring.routes.savings import Buyer
from monitoring.schemas.baseline import COLUMNS, BaselineHead, NewBaseline, Price, rows_of_csv
from shared import plain_routes
from shared.contracts.words import OnsCode
from shared.cursors import Page, PageRequest, another_lists, page
from shared.described import schema_of
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind
from shared.refusals import RefusalKind, Refused, not_allowed
from shared.signin import CouncilAdministrator
from shared.versions import IfMatch, etag

router = plain_routes.router(tags=["baseline prices"])

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": schema_of(NewBaseline)},
            "text/csv": {"schema": {"type": "string", "description": f"first line: {','.join(COLUMNS)}"}},
        },
    }
}


@router.put("/baseline-prices", response_model=BaselineHead, openapi_extra=_BODY)
async def replace_baseline(
    request: Request, administrator: CouncilAdministrator, if_match: IfMatch, idempotency_key: IdempotencyKey
) -> Response:
    """Replace the council's whole list of prices before the framework, JSON or CSV; one bad row and nothing is taken."""
    rows = await _rows(request)
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        head = await baseline.replace(attempt.transaction, rows, expect=if_match.check)
        return attempt.reply(BaselineHead.of(head), etag=head.version)


@router.get("/baseline-prices")
async def read_baseline(
    request: Request,
    response: Response,
    buyer: Buyer,
    wanted: PageRequest,
    council: Annotated[OnsCode | None, Query(description="ONS code; a council reads only its own")] = None,
) -> Page[Price]:
    """The prices in force, by council, lot, band and date; a council's own, the consortium's all. The ETag is the list's version."""
    if buyer.organisation.kind is Kind.COUNCIL:
        if council not in (None, buyer.council):
            raise not_allowed("These are another council's prices. Ask without the council, and you get your own.")
        council = buyer.council
    async with reading(request, buyer) as transaction:
        head = await baseline.current(transaction, council)
        rows = await baseline.page(transaction, council=council, after=_after(wanted.after), limit=wanted.limit)
    if head is not None:
        response.headers["ETag"] = etag(head.version)
    shown = page(rows, wanted.limit, lambda row: (row.council, row.lot, row.band, row.from_date.isoformat()))
    return Page[Price].model_validate(shown | {"items": [Price.of(row) for row in rows[: wanted.limit]]})


async def _rows(request: Request) -> list[Row]:
    """The body's rows, by its Content-Type."""
    match request.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "text/csv":
            return rows_of_csv(await request.body())
        case "application/json":
            try:
                return NewBaseline.model_validate_json(await request.body()).rows()
            except ValidationError as error:
                faults = error.errors(include_url=False, include_input=False)
                raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from error
        case _:
            raise Refused(RefusalKind.UNSUPPORTED, "Send the prices as application/json or text/csv, and say which in Content-Type.")


def _after(key: tuple[str, ...] | None) -> tuple[str, str, str, date] | None:
    if key is None:
        return None
    try:
        council, lot, band, day = key
        return council, lot, band, date.fromisoformat(day)
    except ValueError as error:
        raise another_lists() from error
