"""How many children a council looks after: uploaded by itself, told to the others as rounded aggregates."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from referrals.actions import counts as actions
from referrals.domain.counts import from_csv
from referrals.schemas.small_cells import CountsBody, DefaultShares, NewCounts
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind, Role
from shared.reading import reading
from shared.refusals import Reason, invalid, not_found
from shared.signin import Caller, CouncilCaller, signed_in
from shared.written import Day

router = plain_routes.router(prefix="/looked-after-counts", tags=["small cells"])

CountsOfficer = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.PLACEMENTS_OFFICER, Role.ADMINISTRATOR})}))]
"""Who uploads a council's counts: its placements officers and its administrator."""

_TAKES_CSV: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.post("", status_code=201, response_model=CountsBody)
async def upload(body: NewCounts, request: Request, officer: CountsOfficer, key: IdempotencyKey) -> Response:
    """Upload how many children your council looks after, in total, by attribute and jointly, in place of the counts before."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        uploaded = await actions.upload(attempt.transaction, body.as_of, str(body.total), body.written(), (), subject=officer.subject)
        return attempt.reply(CountsBody.of(uploaded), status=201, location="/looked-after-counts", etag=uploaded.version)


@router.post("/csv", status_code=201, response_model=CountsBody, openapi_extra=_TAKES_CSV)
async def upload_csv(
    request: Request,
    officer: CountsOfficer,
    key: IdempotencyKey,
    as_of: Annotated[Day, Query(description="the day the children were counted")],
) -> Response:
    """The same as a file with the columns attribute, value and children.

    The total is the row ``total,,480``; a joint cell joins its names by ``+``, as ``age+sex,8+F,12``.
    """
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid(Reason("body", "utf_8", "Save this file as UTF-8.")) from error
    total, written, unread = from_csv(text)
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        uploaded = await actions.upload(attempt.transaction, as_of, total, written, unread, subject=officer.subject)
        return attempt.reply(CountsBody.of(uploaded), status=201, location="/looked-after-counts", etag=uploaded.version)


@router.get("")
async def in_force(request: Request, caller: CouncilCaller) -> CountsBody:
    """Your council's counts in force, and what the other councils are told of them."""
    async with reading(request, caller) as transaction:
        found = await actions.in_force(transaction)
    if found is None:
        raise not_found("count of your council's; the defaults are used until you upload one")
    return CountsBody.of(found)


@router.get("/defaults")
async def defaults(caller: CouncilCaller) -> DefaultShares:
    """What is assumed where a council has uploaded no count: every share with its date, its source and on what it rests."""
    return DefaultShares.all()
