"""Bids: submitted by an agency as JSON or as a file, sealed until the round is closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from providers.actions import tenders
from providers.actions.written import reasons
from providers.domain.bid import Bid as BidValue
from providers.domain.bid import read_csv
from providers.routes.callers import EvaluatorOrConsortium
from providers.schemas.tenders import Answers, Bid, BidBody, OpenedBids
from shared import plain_routes
from shared.described import schema_of
from shared.idempotency import IdempotencyKey, once
from shared.organisation import CONSORTIUM
from shared.reading import reading
from shared.refusals import Reason, RefusalKind, Refused, invalid
from shared.signin import AgencyCaller, AgencyOfficer, ConsortiumCaller
from shared.versions import etag

router = plain_routes.router(prefix="/tender-rounds/{id}", tags=["tender"])

_BID_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": schema_of(BidBody)},
            "text/csv": {
                "schema": {"type": "string", "example": "band,pounds_per_week\n0-4,812.50\n5-10,830.00\n"},
            },
        },
    }
}


@router.put(
    "/bid",
    response_model=Bid,
    responses={201: {"model": Bid, "description": "Recorded for the first time"}},
    summary="Submit your bid, or replace it, until closing",
    openapi_extra=_BID_BODY,
)
async def put_bid(id: UUID, officer: AgencyOfficer, key: IdempotencyKey, request: Request) -> Response:
    """A price for every band of the lot, in JSON or as a file (text/csv: `band,pounds_per_week`). Sealed: nobody but your own
    agency can read it before the closing time. A later one replaces it whole. A late bid is refused, naming the closing time."""
    bid = await _bid_in(request)
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        sealed = await tenders.submit_bid(attempt.transaction, id, bid)
        return attempt.reply(Bid.of(id, officer.agency, sealed), status=201 if sealed.version == 1 else 200, etag=sealed.version)


async def _bid_in(request: Request) -> BidValue:
    """The bid in the body, whichever of the two forms it has."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = await request.body()
    if media_type == "text/csv":
        try:
            bid, faults = read_csv(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise invalid(Reason("body", "utf_8", "The file is not text in UTF-8. Save it as CSV UTF-8 and send it again.")) from error
        if faults:
            raise invalid(*reasons(faults))
        return bid
    if media_type not in ("", "application/json"):
        raise Refused(RefusalKind.UNSUPPORTED, "Send the bid as application/json or as text/csv.")
    try:
        return BidBody.model_validate_json(content).bid
    except ValidationError as error:
        located = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False, include_input=False)]
        raise RequestValidationError(located) from error


@router.get("/bid", response_model=Bid, summary="Your own bid")
async def get_bid(id: UUID, caller: AgencyCaller, request: Request, response: Response) -> Bid:
    """As you submitted it last."""
    async with reading(request, caller) as transaction:
        sealed = await tenders.own_bid(transaction, id)
    response.headers["ETag"] = etag(sealed.version)
    return Bid.of(id, caller.agency, sealed)


@router.get("/bids", response_model=OpenedBids, summary="Every bid, after closing")
async def get_bids(id: UUID, caller: ConsortiumCaller, request: Request) -> OpenedBids:
    """Refused until the round is closed, whoever asks."""
    async with reading(request, caller) as transaction:
        return OpenedBids.of(await tenders.opened_bids(transaction, id))


@router.get("/answers", response_model=Answers, summary="The answers to score, without prices, after closing")
async def get_answers(id: UUID, caller: EvaluatorOrConsortium, request: Request) -> Answers:
    """Answers of the agencies that passed the gate. Whoever scores quality sees no price."""
    async with reading(request, caller) as transaction:
        # An evaluator works for the consortium, which may read the answers; prices are not among them.
        async with transaction.acting_as(CONSORTIUM):
            found = await tenders.answers(transaction, id)
        return Answers.of(found)
