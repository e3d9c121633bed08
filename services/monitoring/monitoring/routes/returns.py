"""Returns: an agency fills in, sends in and corrects its own; councils read their part, the consortium what was accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Query, Request, Response

from monitoring.actions import returns as actions
from monitoring.domain.forms.catalogue import FORMS, form_of
from monitoring.routes.alerts import Seeing
from monitoring.routes.reading import reading
from monitoring.schemas.returns import (
    CorrectionBody,
    DraftBody,
    FormHead,
    Forms,
    Return,
    ReturnVersion,
    ReturnVersions,
    WholeForm,
    lines_of,
)
from shared import plain_routes
from shared.contracts.words import AgencyUrn
from shared.idempotency import IdempotencyKey, once
from shared.refusals import not_found
from shared.signin import AgencyOfficer, AnyCaller
from shared.versions import Expected, IfMatch, etag
from shared.written import Day

router = plain_routes.router(tags=["returns"])

FormInPath = Annotated[str, Path(pattern=r"^[a-z][a-z_]{1,39}$", description="the form's code, as quarterly")]
Begins = Annotated[Day, Path(description="the first day of the period, as 2012-07-01")]
WhoseReturn = Annotated[AgencyUrn | None, Query(description="Ofsted number; an agency reads only its own")]


def expecting(if_match: Expected) -> Callable[[int], None]:
    """What is changed that was changed before needs its version named, so that of two who save at once the second looks again."""

    def check(current: int) -> None:
        if current:
            if_match.require(current)
        else:
            if_match.check(current)

    return check


@router.get("/forms")
async def read_forms(caller: AnyCaller) -> Forms:
    """Every version of every form that agencies return."""
    return Forms(items=[FormHead.of(form) for form in FORMS])


@router.get("/forms/{form}/{version}")
async def read_form(caller: AnyCaller, form: FormInPath, version: Annotated[int, Path(ge=1, le=1000)]) -> WholeForm:
    """One version of a form: each field, what fills it in, and the KPIs that are counted from it."""
    found = form_of(form, version)
    if found is None:
        raise not_found("form")
    return WholeForm.of(found)


@router.get("/returns/{form}/{begins}")
async def read_return(
    request: Request, response: Response, caller: Seeing, form: FormInPath, begins: Begins, agency: WhoseReturn = None
) -> Return:
    """One return. An agency sees what it drafted with every error, else what was accepted, else what Hearth fills in; a council its own
    part of what was accepted; the consortium all of that."""
    async with reading(request, caller) as transaction:
        seen = await actions.see(transaction, form, begins, agency)
    response.headers["ETag"] = etag(seen.head.version)
    return Return.of(seen)


@router.put("/returns/{form}/{begins}", response_model=Return, summary="Save a return as a draft")
async def put_return(
    request: Request, officer: AgencyOfficer, form: FormInPath, begins: Begins, body: DraftBody, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """All lines that the agency fills in, right or wrong; the reply lists every error and warning. Nothing is accepted by this."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        seen = await actions.save(attempt.transaction, form, begins, lines_of(body), expecting(if_match))
        return attempt.reply(Return.of(seen), etag=seen.head.version)


@router.post("/returns/{form}/{begins}/submission", response_model=Return, summary="Send a return in")
async def submit_return(
    request: Request, officer: AgencyOfficer, form: FormInPath, begins: Begins, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """The draft is accepted whole, or refused with every rule it breaks and kept. Sent twice, it is answered as the first time."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        seen = await actions.submit(attempt.transaction, form, begins, expecting(if_match))
        return attempt.reply(Return.of(seen), etag=seen.head.version)


@router.post("/returns/{form}/{begins}/corrections", response_model=Return, summary="Begin the correction of an accepted return")
async def correct_return(
    request: Request, officer: AgencyOfficer, form: FormInPath, begins: Begins, body: CorrectionBody, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """With a reason. What was accepted stays readable; the correction becomes the next version when it is sent in."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        seen = await actions.correct(attempt.transaction, form, begins, body.reason, body.words, expecting(if_match))
        return attempt.reply(Return.of(seen), etag=seen.head.version)


@router.get("/returns/{form}/{begins}/versions")
async def read_versions(request: Request, caller: Seeing, form: FormInPath, begins: Begins, agency: WhoseReturn = None) -> ReturnVersions:
    """Every accepted version of a return, the newest first; a council's own part of each."""
    async with reading(request, caller) as transaction:
        seen, found = await actions.versions(transaction, form, begins, agency)
    return ReturnVersions(items=[ReturnVersion.of(each, seen) for each in found])
