"""Vacancies, one at a time or up to a thousand at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import ValidationError

from providers.actions import vacancies as actions
from providers.domain.vacancy import VacancyStatus
from providers.routes.callers import OwnRecords, ReferenceInPath
from providers.schemas.vacancies import BulkBody, BulkOutcome, ClosingBody, OwnVacancy, RowOutcome, Vacancy, VacancyBody, VacancyRow
from providers.store import vacancies
from shared import plain_routes
from shared.cursors import Page, PageRequest, after_moment, page
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind
from shared.reading import reading
from shared.reasons import reasons_of_model
from shared.signin import AnyCaller, FosteringService
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/vacancies", tags=["homes"])


@router.put(
    "/{reference}",
    response_model=Vacancy,
    responses={201: {"model": Vacancy, "description": "Recorded for the first time"}},
    summary="Publish a vacancy, change it, or reopen it",
)
async def put_vacancy(
    reference: ReferenceInPath, body: VacancyBody, provider: FosteringService, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """Under your own reference, for one of your own households. Free beds are those you can offer now; with the beds held,
    filled and offered elsewhere they are never more than the household's approved places. Sending the same again changes
    nothing, even when a bed was taken meanwhile."""
    async with once(request, provider) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.publish(attempt.transaction, body.of(reference), if_match.check)
        return attempt.reply(
            Vacancy.of(done.value, seen_by=str(provider.organisation)),
            status=201 if done.created else 200,
            location=f"/vacancies/{reference}" if done.created else None,
            etag=done.version,
        )


@router.post("/bulk", response_model=BulkOutcome, summary="Publish up to 1,000 vacancies at once")
async def post_bulk(body: BulkBody, provider: FosteringService, key: IdempotencyKey, request: Request) -> Response:
    """Each row is judged for itself: the good ones are done, the others refused with every reason. The answer has one line
    for each row, in the order sent."""
    read = [_row(number, row) for number, row in enumerate(body.rows, start=1)]
    async with once(request, provider) as attempt:
        if attempt.kept:
            return attempt.kept
        good = [row for row in read if isinstance(row, VacancyRow)]
        done = iter(await actions.publish_many(attempt.transaction, [row.of(row.reference) for row in good]))
        rows = tuple(
            RowOutcome.done(number, row.reference, next(done)) if isinstance(row, VacancyRow) else row
            for number, row in enumerate(read, start=1)
        )
        return attempt.reply(BulkOutcome.of(rows))


def _row(number: int, row: object) -> VacancyRow | RowOutcome:
    try:
        return VacancyRow.model_validate(row)
    except ValidationError as error:
        return RowOutcome.unreadable(number, reasons_of_model(error, VacancyRow))


@router.post("/{reference}/closing", response_model=Vacancy, summary="Take a vacancy off the list")
async def post_closing(
    reference: ReferenceInPath, body: ClosingBody, provider: FosteringService, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """With the reason. Beds that are held or filled stay so."""
    async with once(request, provider) as attempt:
        if attempt.kept:
            return attempt.kept
        closed = await actions.close(attempt.transaction, reference, body.reason, if_match.check)
        return attempt.reply(Vacancy.of(closed, seen_by=str(provider.organisation)), etag=closed.version)


@router.get("/{reference}", response_model=OwnVacancy, summary="One of your vacancies, with the holds on it")
async def get_vacancy(reference: ReferenceInPath, provider: OwnRecords, request: Request, response: Response) -> OwnVacancy:
    """Another provider's vacancy is as if it were not there; see the list for what is open."""
    async with reading(request, provider) as transaction:
        vacancy, holds = await actions.found(transaction, reference)
    response.headers["ETag"] = etag(vacancy.version)
    return OwnVacancy.with_holds(vacancy, tuple(holds))


@router.get("", response_model=Page[Vacancy], summary="Vacancies: your own, or for a council all that are open")
async def list_vacancies(
    caller: AnyCaller,
    wanted: PageRequest,
    request: Request,
    own: Annotated[bool | None, Query(description="only your own organisation's; an agency never sees another's")] = None,
    status: Annotated[VacancyStatus | None, Query(description="of your own: only the open or only the closed ones")] = None,
) -> dict[str, object]:
    """An agency sees its own. A council or the consortium sees every provider's open ones, as any provider of the lot may,
    with the postcode district in place of an address."""
    kind = caller.organisation.kind
    only_own = kind is Kind.AGENCY or (kind is Kind.COUNCIL and bool(own))
    async with reading(request, caller) as transaction:
        after, limit = after_moment(wanted), wanted.limit + 1
        if only_own:
            found = await vacancies.own(transaction, status=status, after=after, limit=limit)
        else:
            found = await vacancies.all_open(transaction, after=after, limit=limit)
    rows = [Vacancy.of(each, seen_by=str(caller.organisation)) for each in found]
    return page(rows, wanted.limit, key=lambda row: (row.opened_at.isoformat(), str(row.id)))
