"""Frameworks and their lots."""

from __future__ import annotations

from datetime import date

from fastapi import Request, Response

from providers.actions import frameworks
from providers.domain.membership import opens_again_on
from providers.routes.callers import CodeInPath, ConsortiumOfficer, after_code
from providers.schemas.consortium import Framework, FrameworkBody, Lot, LotBody
from providers.store import lots
from shared import plain_routes
from shared.cursors import Page, PageRequest, page
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.refusals import not_found
from shared.signin import AnyCaller
from shared.tenancy import Transaction
from shared.versions import IfMatch, etag

router = plain_routes.router(tags=["framework"])


async def _further_councils_from(transaction: Transaction) -> date:
    return opens_again_on(min(await lots.established(transaction)))


@router.put(
    "/frameworks/{code}",
    response_model=Framework,
    responses={201: {"model": Framework, "description": "Recorded for the first time"}},
    summary="Set out a framework, or change its dates",
)
async def put_framework(
    code: CodeInPath, body: FrameworkBody, officer: ConsortiumOfficer, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """Its first day closes the consortium to further councils for three years. Sending the same again changes nothing."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await frameworks.record_framework(attempt.transaction, body.of(code), if_match.check)
        return attempt.reply(
            Framework.of(done.value, done.version, await _further_councils_from(attempt.transaction)),
            status=201 if done.created else 200,
            location=f"/frameworks/{code}" if done.created else None,
            etag=done.version,
        )


@router.get("/frameworks/{code}", response_model=Framework, summary="One framework")
async def get_framework(code: CodeInPath, caller: AnyCaller, request: Request, response: Response) -> Framework:
    """Its dates, and the first day on which a further council may join."""
    async with reading(request, caller) as transaction:
        recorded = await lots.framework(transaction, code)
        if recorded is None:
            raise not_found("framework")
        opens = await _further_councils_from(transaction)
    response.headers["ETag"] = etag(recorded.version)
    return Framework.of(recorded.framework, recorded.version, opens)


@router.get("/frameworks", response_model=Page[Framework], summary="The frameworks")
async def list_frameworks(caller: AnyCaller, wanted: PageRequest, request: Request) -> dict[str, object]:
    """By code, a page at a time."""
    async with reading(request, caller) as transaction:
        found = await lots.listed_frameworks(transaction, after=after_code(wanted), limit=wanted.limit + 1)
        opens = await _further_councils_from(transaction) if found else date.max
    rows = [Framework.of(each.framework, each.version, opens) for each in found]
    return page(rows, wanted.limit, key=lambda row: (row.code,))


@router.put(
    "/frameworks/{code}/lots/{lot}",
    response_model=Lot,
    responses={201: {"model": Lot, "description": "Recorded for the first time"}},
    summary="Set out a lot with the terms it is tendered on",
)
async def put_lot(
    code: CodeInPath, lot: CodeInPath, body: LotBody, officer: ConsortiumOfficer, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """Price bands with expected bed-weeks, weights, price formula, quality questions, gate and tier rule: all data.

    Everything that cannot stand is named at once. A tender round under way keeps the terms it began with.
    """
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await frameworks.record_lot(attempt.transaction, body.of(code, lot), if_match.check)
        return attempt.reply(
            Lot.of(done.value),
            status=201 if done.created else 200,
            location=f"/frameworks/{code}/lots/{lot}" if done.created else None,
            etag=done.version,
        )


@router.get("/frameworks/{code}/lots/{lot}", response_model=Lot, summary="One lot")
async def get_lot(code: CodeInPath, lot: CodeInPath, caller: AnyCaller, request: Request, response: Response) -> Lot:
    """Its kinds of fostering and the terms it is tendered on."""
    async with reading(request, caller) as transaction:
        recorded = await lots.find(transaction, lot)
    if recorded is None or recorded.lot.framework != code:
        raise not_found("lot")
    response.headers["ETag"] = etag(recorded.version)
    return Lot.of(recorded)


@router.get("/lots", response_model=Page[Lot], summary="The lots of every framework")
async def list_lots(caller: AnyCaller, wanted: PageRequest, request: Request) -> dict[str, object]:
    """By code, a page at a time."""
    async with reading(request, caller) as transaction:
        found = await lots.listed(transaction, after=after_code(wanted), limit=wanted.limit + 1)
    return page([Lot.of(each) for each in found], wanted.limit, key=lambda row: (row.code,))
