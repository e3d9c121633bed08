"""What people hand in for the savings ledger: a price index, the nights of a baseline period, what moves and double-paid nights cost."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from monitoring.actions import ledger_lists
from monitoring.routes.reading import reading
from monitoring.routes.savings import Buyer
from monitoring.schemas.csv_rows import rows_of_csv
from monitoring.schemas.ledger_lists import (
    COSTS_COLUMNS,
    INDEX_COLUMNS,
    NIGHTS_COLUMNS,
    DeclaredCosts,
    Head,
    Index,
    NewIndex,
    NewNights,
    NewUnitCosts,
    Nights,
)
from shared import plain_routes
from shared.described import schema_of
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind, Role
from shared.refusals import RefusalKind, Refused
from shared.signin import Caller, CouncilAdministrator, ProjectManager, signed_in
from shared.versions import IfMatch, etag

Model = TypeVar("Model", bound=BaseModel)

router = plain_routes.router(tags=["savings ledger"])

Declarer = Annotated[
    Caller,
    Depends(signed_in({Kind.COUNCIL: frozenset({Role.ADMINISTRATOR}), Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})})),
]
"""Who declares what an avoided event costs: a council's administrator for it, the project manager for all."""


def _takes(model: type[BaseModel], columns: tuple[str, ...]) -> dict[str, Any]:
    schema = schema_of(model)
    csv = {"schema": {"type": "string", "description": f"first line: {','.join(columns)}"}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}, "text/csv": csv}}}


@router.put("/price-index", response_model=Head, openapi_extra=_takes(NewIndex, INDEX_COLUMNS))
async def replace_index(
    request: Request,
    manager: ProjectManager,
    if_match: IfMatch,
    idempotency_key: IdempotencyKey,
    source: Annotated[str, Query(max_length=400, description="with CSV: which index, and where it is published")] = "",
) -> Response:
    """Replace the price index by which savings are told in real terms: month and value; one bad row and nothing is taken."""
    sent = await _sent(request, NewIndex)
    rows = rows_of_csv(await request.body(), INDEX_COLUMNS) if sent is None else sent.rows()
    async with once(request, manager) as attempt:
        if attempt.kept:
            return attempt.kept
        stated = source if sent is None else sent.source
        head = await ledger_lists.replace_index(attempt.transaction, stated, rows, expect=if_match.check)
        return attempt.reply(Head.of(head), etag=head.version)


@router.get("/price-index")
async def read_index(request: Request, response: Response, buyer: Buyer) -> Index:
    """The price index in force. The ETag is its version."""
    async with reading(request, buyer) as transaction:
        found = await ledger_lists.index(transaction)
    if found is not None:
        response.headers["ETag"] = etag(found[0].version)
    return Index.of(found)


@router.put("/baseline-nights", response_model=Head, openapi_extra=_takes(NewNights, NIGHTS_COLUMNS))
async def replace_nights(
    request: Request,
    administrator: CouncilAdministrator,
    if_match: IfMatch,
    idempotency_key: IdempotencyKey,
    first: Annotated[str, Query(max_length=40, description="with CSV: the baseline period's first day")] = "",
    last: Annotated[str, Query(max_length=40, description="with CSV: its last day")] = "",
) -> Response:
    """Replace the nights of your council's baseline period by lot and age band: what volume and mix are measured against."""
    sent = await _sent(request, NewNights)
    rows = rows_of_csv(await request.body(), NIGHTS_COLUMNS) if sent is None else sent.rows()
    days = (first, last) if sent is None else (sent.first, sent.last)
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        head = await ledger_lists.replace_nights(attempt.transaction, rows, first=days[0], last=days[1], expect=if_match.check)
        return attempt.reply(Head.of(head), etag=head.version)


@router.get("/baseline-nights")
async def read_nights(request: Request, buyer: Buyer) -> Nights:
    """The baseline periods in force; a council's own, the consortium's all."""
    async with reading(request, buyer) as transaction:
        return Nights.of(*await ledger_lists.nights(transaction))


@router.put("/unit-costs", response_model=Head, openapi_extra=_takes(NewUnitCosts, COSTS_COLUMNS))
async def replace_costs(request: Request, declarer: Declarer, if_match: IfMatch, idempotency_key: IdempotencyKey) -> Response:
    """Declare what a move and a double-paid night cost and how often they happened before, each with its source."""
    sent = await _sent(request, NewUnitCosts)
    rows = rows_of_csv(await request.body(), COSTS_COLUMNS) if sent is None else sent.rows()
    async with once(request, declarer) as attempt:
        if attempt.kept:
            return attempt.kept
        head = await ledger_lists.replace_costs(attempt.transaction, rows, expect=if_match.check)
        return attempt.reply(Head.of(head), etag=head.version)


@router.get("/unit-costs")
async def read_costs(request: Request, buyer: Buyer) -> DeclaredCosts:
    """The unit costs in force: a council's own and the project manager's; the consortium's reader sees all."""
    async with reading(request, buyer) as transaction:
        return DeclaredCosts.of(await ledger_lists.costs(transaction))


async def _sent(request: Request, model: type[Model]) -> Model | None:
    """The body as JSON, or None where it is CSV; refused where it is neither."""
    match request.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "text/csv":
            return None
        case "application/json":
            try:
                return model.model_validate_json(await request.body())
            except ValidationError as error:
                faults = error.errors(include_url=False, include_input=False)
                raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from error
        case _:
            raise Refused(RefusalKind.UNSUPPORTED, "Send the list as application/json or text/csv, and say which in Content-Type.")
