"""Returns: the chasing board, an agency's list, the form, what differs from the records, and every version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from monitoring.actions import return_board, returns
from monitoring.actions.returns import Seen
from monitoring.domain.forms.catalogue import QUARTERLY, newest
from monitoring.domain.returns.lines import Line, LineReason, cell_named
from monitoring.domain.returns.states import CorrectionReason, State
from monitoring.pages import addresses
from monitoring.pages.frame import RETURNS, Crumb
from monitoring.pages.return_form import form_view
from monitoring.pages.returns import (
    STATES,
    address,
    board_counts,
    board_filters,
    board_table,
    differences_table,
    last_period,
    lines_table,
    period_of,
    reason_choices,
    why,
)
from monitoring.routes.pages.page import go, page, pages_router, taken_away
from monitoring.routes.pages.visitors import ActingAgency, AnyVisitor, SeeingVisitor
from monitoring.routes.question import may_see_small, reader_of
from monitoring.routes.reading import reading
from monitoring.routes.return_files import lines_of_file
from monitoring.routes.returns import FormInPath, expecting
from monitoring.schemas.return_files import CSV, XLSX, csv_of, workbook_of
from monitoring.schemas.returns import rows_of
from shared import clock, tenancy
from shared.contracts.words import AgencyUrn
from shared.organisation import Kind
from shared.refusals import Reason, RefusalKind, Refused, invalid
from shared.signin import Caller
from shared.versions import Expected, etag
from shared.written import Day

router = pages_router()

Begins = Annotated[Day, Path()]
Whose = Annotated[AgencyUrn | None, Query()]
MOST_SHOWN = 200
"""Rows of the board on one page; a file has all."""
FileKind = Annotated[str, Query(alias="as", max_length=4)]
ABOUT_WORDS = ("no_", "short")
"""Rules by which what was typed into a line is not even kept."""


@router.get("/returns")
async def board(request: Request, visitor: AnyVisitor, form: str = "", begins: str = "", state: str = "") -> Response:
    """Where every return stands: all for the project manager, an agency's own, those with a part of a council. Whoever reads of many
    agencies and asks nothing sees the quarter that ended last."""
    own, today = visitor.organisation.kind is Kind.AGENCY, clock.today()
    known = newest(form)
    day = _day(begins)
    if not own and not request.query_params.keys() & {"form", "begins", "state"}:
        known = newest(QUARTERLY)
        day = last_period(known, today).first if known else None
    wanted = State(state) if state in set(State) else None
    async with reading(request, visitor) as transaction:
        lines = await return_board.board(transaction, form=known.code if known else None, begins=day, state=wanted)
    table = board_table(lines, reader_of(visitor), leads=may_see_small(visitor))
    if (file := taken_away(request, [table], "returns")) is not None:
        return file
    return page(
        request,
        "returns.html",
        title="Returns",
        section=RETURNS,
        filters=board_filters(known, day, wanted, today),
        table=replace(table, rows=table.rows[:MOST_SHOWN]),
        left_out=max(0, len(table.rows) - MOST_SHOWN),
        counts=board_counts(lines),
        address=addresses.of("/pages/returns", form=known.code if known else "all", begins=str(day or ""), state=wanted),
        own=own,
    )


@router.get("/returns/{form}/{begins}")
async def one(
    request: Request, visitor: SeeingVisitor, form: FormInPath, begins: Begins, agency: Whose = None, checked: str = ""
) -> Response:
    """A return: its own agency fills it in; what was accepted is read by all it is for."""
    async with reading(request, visitor) as transaction:
        seen = await returns.see(transaction, form, begins, agency)
    if visitor.organisation.kind is Kind.AGENCY and (seen.draft is not None or seen.latest is None):
        return _form(request, seen, {}, checked=bool(checked) or seen.draft is not None)
    return _accepted(request, visitor, seen)


@router.post("/returns/{form}/{begins}")
async def save(request: Request, visitor: ActingAgency, form: FormInPath, begins: Begins) -> Response:
    """Save what was typed, and with ``send`` send it in. What is wrong stays a draft, said field by field; what may not be kept is left."""
    given = await request.form()
    lines = _typed({name: text for name, text in given.items() if isinstance(text, str)})
    sending, refused = "send" in given, dict[str, str]()
    expect = expecting(Expected(_etag(given.get("version"))))
    try:
        seen = await _save(request, visitor, form, begins, lines, expect)
    except Refused as no:
        refused = _not_kept(no)
        if not refused:
            raise
        seen = await _save(request, visitor, form, begins, _without(lines, refused), expect)
    if refused:
        return _form(request, seen, refused, checked=True, status=422)
    here = f"/pages/returns/{form}/{begins}"
    if sending and not seen.findings:
        async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
            await returns.submit(transaction, form, begins, expecting(Expected(etag(seen.head.version))))
        return go(here)
    return go(f"{here}?checked=yes")


@router.post("/returns/{form}/{begins}/correction")
async def correct(request: Request, visitor: ActingAgency, form: FormInPath, begins: Begins) -> Response:
    """Begin the correction of an accepted return, with a reason."""
    given = await request.form()
    reason = str(given.get("reason", ""))
    if reason not in set(CorrectionReason):
        raise invalid(Reason("reason", "reason_chosen", "Choose why the return is corrected."))
    words = str(given.get("words", "")).strip()
    expect = expecting(Expected(_etag(given.get("version"))))
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await returns.correct(transaction, form, begins, CorrectionReason(reason), words, expect)
    return go(f"/pages/returns/{form}/{begins}")


@router.post("/returns/{form}/{begins}/upload")
async def upload(request: Request, visitor: ActingAgency, form: FormInPath, begins: Begins) -> Response:
    """A file in place of typing: it becomes the draft, and is looked through like one."""
    given = await request.form()
    file = given.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid(Reason("file", "file_chosen", "Choose a file: the template, filled in, as CSV or XLSX."))
    lines = await lines_of_file(XLSX if file.filename.lower().endswith(".xlsx") else CSV, await file.read())
    await _save(request, visitor, form, begins, lines, expecting(Expected(_etag(given.get("version")))))
    return go(f"/pages/returns/{form}/{begins}?checked=yes")


@router.get("/returns/{form}/{begins}/template")
async def template(
    request: Request, visitor: SeeingVisitor, form: FormInPath, begins: Begins, agency: Whose = None, kind: FileKind = ""
) -> Response:
    """The form as a file, filled in as far as it is."""
    async with reading(request, visitor) as transaction:
        seen = await returns.see(transaction, form, begins, agency)
    as_workbook = kind == "xlsx"
    content = await run_in_threadpool(workbook_of if as_workbook else csv_of, rows_of(seen))
    name = f"{form}-{begins}-{seen.head.key.agency}.{'xlsx' if as_workbook else 'csv'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=XLSX if as_workbook else CSV, headers=headers)


@router.get("/returns/{form}/{begins}/differences")
async def differences(request: Request, visitor: SeeingVisitor, form: FormInPath, begins: Begins, agency: Whose = None) -> Response:
    """An accepted return beside the records that the reader may see, line by line."""
    async with reading(request, visitor) as transaction:
        seen, found = await returns.beside_records(transaction, form, begins, agency)
    table = differences_table(seen, found)
    if (file := taken_away(request, [table], f"differences-{seen.head.key.agency}-{begins}")) is not None:
        return file
    own = address(form, begins, seen.head.key.agency, reader_of(visitor))
    return page(
        request,
        "return_differences.html",
        title="Beside the records",
        section=RETURNS,
        crumbs=[Crumb("Returns", "/pages/returns"), Crumb(_period(seen), own)],
        seen=seen,
        period=_period(seen),
        table=table,
        differing=sum(each.differs for each in found),
        address=address(form, begins, seen.head.key.agency, reader_of(visitor), "/differences"),
    )


@router.get("/returns/{form}/{begins}/versions")
async def versions(request: Request, visitor: SeeingVisitor, form: FormInPath, begins: Begins, agency: Whose = None) -> Response:
    """Every accepted version, the newest first."""
    async with reading(request, visitor) as transaction:
        seen, found = await returns.versions(transaction, form, begins, agency)
    tables = [lines_table(seen, each.lines, f"version-{each.version}") for each in found]
    if tables and (file := taken_away(request, tables, f"versions-{seen.head.key.agency}-{begins}")) is not None:
        return file
    own = address(form, begins, seen.head.key.agency, reader_of(visitor))
    return page(
        request,
        "return_versions.html",
        title="Versions",
        section=RETURNS,
        crumbs=[Crumb("Returns", "/pages/returns"), Crumb(_period(seen), own)],
        seen=seen,
        period=_period(seen),
        versions=[(each, why(each), table) for each, table in zip(found, tables, strict=True)],
        address=address(form, begins, seen.head.key.agency, reader_of(visitor), "/versions"),
    )


async def _save(request: Request, visitor: Caller, form: str, begins: date, lines: Sequence[Line], expect: returns.Expect) -> Seen:
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        return await returns.save(transaction, form, begins, lines, expect)


def _form(request: Request, seen: Seen, refused: dict[str, str], *, checked: bool, status: int = 200) -> Response:
    return page(
        request,
        "return_form.html",
        title=f"{seen.form.title}: {_period(seen)}",
        section=RETURNS,
        crumbs=[Crumb("Returns", "/pages/returns")],
        status=status,
        seen=seen,
        view=form_view(seen, refused, checked=checked),
        address=f"/pages/returns/{seen.head.key.form}/{seen.head.key.begins}",
        state=STATES[seen.head.state(seen.today)],
        form_token=request.state.visit.form_token,
    )


def _accepted(request: Request, visitor: Caller, seen: Seen) -> Response:
    key, reader = seen.head.key, reader_of(visitor)
    table = lines_table(seen, seen.latest.lines if seen.latest else ())
    if (file := taken_away(request, [table], f"{key.form}-{key.begins}-{key.agency}")) is not None:
        return file
    return page(
        request,
        "return_accepted.html",
        title=f"{seen.form.title}: {_period(seen)}",
        section=RETURNS,
        crumbs=[Crumb("Returns", "/pages/returns")],
        seen=seen,
        table=table,
        state=STATES[seen.head.state(seen.today)],
        why=why(seen.latest) if seen.latest else "",
        address=address(key.form, key.begins, key.agency, reader),
        differences=address(key.form, key.begins, key.agency, reader, "/differences"),
        versions=address(key.form, key.begins, key.agency, reader, "/versions"),
        reasons=reason_choices() if visitor.organisation.kind is Kind.AGENCY and seen.latest else [],
        form_token=request.state.visit.form_token,
    )


def _period(seen: Seen) -> str:
    return period_of(seen.form, seen.period.first, seen.period.last)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _etag(version: object) -> str | None:
    """What the form was shown as; a form that does not say is told to be opened again."""
    return etag(int(version)) if isinstance(version, str) and version.isascii() and version.isdigit() and len(version) < 9 else None


def _typed(given: dict[str, str]) -> list[Line]:
    """The lines a form sends: a field left empty is left out, and with it what Hearth fills in stands."""
    lines = []
    for field, text in given.items():
        kind, _, name = field.partition(":")
        if kind != "value" or not (text.strip() or given.get(f"reason:{name}")):
            continue
        said, words = given.get(f"reason:{name}", ""), given.get(f"words:{name}", "").strip()
        lines.append(Line(cell_named(name), text.strip(), LineReason(said) if said in set(LineReason) else None, words))
    return lines


def _not_kept(no: Refused) -> dict[str, str]:
    """Line → why what was typed into it cannot be kept, where that is all that is wrong; nothing where the whole is refused."""
    about = {each.field.removeprefix("lines."): each.message for each in no.reasons if each.rule.startswith(ABOUT_WORDS)}
    return about if no.kind is RefusalKind.INVALID and len(about) == len({each.field for each in no.reasons}) else {}


def _without(lines: Sequence[Line], refused: dict[str, str]) -> list[Line]:
    """The lines without what may not be kept: the words, and a figure that is far too long."""
    return [Line(line.cell, line.typed[:40], line.reason) if line.cell.name in refused else line for line in lines]
