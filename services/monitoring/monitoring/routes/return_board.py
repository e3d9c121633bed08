"""Where returns stand, who was chased, what differs from the records, and when returns are due."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Request, Response

from monitoring.actions import return_board as actions
from monitoring.actions import returns
from monitoring.domain.returns.states import Key, State
from monitoring.routes.alerts import Seeing
from monitoring.routes.reading import reading
from monitoring.routes.returns import Begins, FormInPath, WhoseReturn
from monitoring.schemas.return_board import BoardRow, Differences, DueBody, DueShown, SentChaser
from shared import plain_routes
from shared.contracts.words import AgencyUrn
from shared.cursors import Page, PageRequest, another_lists, moment_of, page
from shared.idempotency import IdempotencyKey, once
from shared.signin import AnyCaller, ProjectManager
from shared.versions import IfMatch, etag
from shared.written import Day

router = plain_routes.router(tags=["returns"])


@router.get("/returns")
async def read_board(
    request: Request,
    caller: AnyCaller,
    wanted: PageRequest,
    form: Annotated[str | None, Query(pattern=r"^[a-z][a-z_]{1,39}$")] = None,
    begins: Annotated[Day | None, Query(description="only of the period that begins on this day")] = None,
    agency: Annotated[AgencyUrn | None, Query(description="only this agency's")] = None,
    state: Annotated[State | None, Query(description="only those that stand so today")] = None,
) -> Page[BoardRow]:
    """Every return the caller may know of and where it stands, the newest period first: not begun, draft, overdue, on time or late, and
    when it was chased. The consortium sees all, an agency its own, a council those with a part of it."""
    async with reading(request, caller) as transaction:
        lines = await actions.board(transaction, form=form, begins=begins, agency=agency, state=state)
    seen = _after_board(wanted.after)
    rows = [BoardRow.of(line) for line in lines if seen is None or _place(line.head.key) > seen][: wanted.limit + 1]
    shown = page(rows, wanted.limit, lambda row: (row.begins.isoformat(), row.form, row.agency))
    return Page[BoardRow].model_validate(shown)


@router.get("/return-chasers")
async def read_chasers(request: Request, caller: AnyCaller, wanted: PageRequest) -> Page[SentChaser]:
    """Chasers, the newest first: an agency its own, the consortium all; a council has none."""
    async with reading(request, caller) as transaction:
        found = await actions.chasers(transaction, after=_after_chaser(wanted.after), limit=wanted.limit)
    rows = [SentChaser.of(each) for each in found]
    shown = page(rows, wanted.limit, lambda row: (row.chased_at.isoformat(), row.form, row.agency, row.begins.isoformat()))
    return Page[SentChaser].model_validate(shown)


@router.get("/returns/{form}/{begins}/differences")
async def read_differences(request: Request, caller: Seeing, form: FormInPath, begins: Begins, agency: WhoseReturn = None) -> Differences:
    """An accepted return beside the councils' own records, line by line, to the agency, each council concerned and the consortium."""
    async with reading(request, caller) as transaction:
        seen, found = await returns.beside_records(transaction, form, begins, agency)
    return Differences.of(seen, found)


@router.get("/return-settings/{form}")
async def read_due(request: Request, response: Response, caller: AnyCaller, form: FormInPath) -> DueShown:
    """When returns of a form are due, and when who is late is chased."""
    async with reading(request, caller) as transaction:
        found, version = await actions.settings_of(transaction, form)
    response.headers["ETag"] = etag(version)
    return DueShown.showing(found, version)


@router.put("/return-settings/{form}", response_model=DueShown)
async def set_due(
    request: Request, manager: ProjectManager, form: FormInPath, body: DueBody, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Set it, for returns opened from now on; the day an agency was told stays."""
    async with once(request, manager) as attempt:
        if attempt.kept:
            return attempt.kept
        version = await actions.set_due(attempt.transaction, form, body.of(), if_match.check)
        return attempt.reply(DueShown.showing(body.of(), version), etag=version)


def _place(key: Key) -> tuple[int, str, str]:
    """Where a return stands in the board's order."""
    return (-key.begins.toordinal(), key.form, key.agency)


def _after_board(key: tuple[str, ...] | None) -> tuple[int, str, str] | None:
    if key is None:
        return None
    try:
        begins, form, agency = key
        return _place(Key(form, date.fromisoformat(begins), agency))
    except ValueError as error:
        raise another_lists() from error


def _after_chaser(key: tuple[str, ...] | None) -> tuple[datetime, str, str, date] | None:
    if key is None:
        return None
    try:
        at, form, agency, begins = key
        return moment_of(at), form, agency, date.fromisoformat(begins)
    except ValueError as error:
        raise another_lists() from error
