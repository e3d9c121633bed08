"""A return as a file: a template to fill in, and the file sent in as a draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from monitoring.actions import returns as actions
from monitoring.domain.returns.lines import Line
from monitoring.routes.alerts import Seeing
from monitoring.routes.reading import reading
from monitoring.routes.returns import Begins, FormInPath, WhoseReturn, expecting
from monitoring.schemas.return_files import CSV, XLSX, csv_of, lines_in_csv, lines_in_workbook, workbook_of
from monitoring.schemas.returns import Return, rows_of
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.refusals import RefusalKind, Refused
from shared.signin import AgencyOfficer
from shared.versions import IfMatch

router = plain_routes.router(tags=["returns"])

_FILE = {"schema": {"type": "string", "format": "binary"}}
_TAKES = {"requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}, XLSX: _FILE}}}
_READERS: dict[str, Callable[[bytes], list[Line]]] = {CSV: lines_in_csv, XLSX: lines_in_workbook}


async def lines_of_file(kind: str, content: bytes) -> list[Line]:
    """The lines of a file, by what it is said to be; read beside the event loop, since a workbook takes a while."""
    reader = _READERS.get(kind.partition(";")[0].strip().lower())
    if reader is None:
        raise Refused(RefusalKind.UNSUPPORTED, f"Send the return as {CSV} or {XLSX}, and say which in Content-Type.")
    return await run_in_threadpool(reader, content)


@router.post("/returns/{form}/{begins}/upload", response_model=Return, openapi_extra=_TAKES, summary="Save a file as a return's draft")
async def upload_return(
    request: Request, officer: AgencyOfficer, form: FormInPath, begins: Begins, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """CSV or XLSX as the template has it, one row a line. It becomes the draft as if it was typed; the reply lists every error and warning.
    A formula is refused with its cell named, and never worked out."""
    lines = await lines_of_file(request.headers.get("content-type", ""), await request.body())
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        seen = await actions.save(attempt.transaction, form, begins, lines, expecting(if_match))
        return attempt.reply(Return.of(seen), etag=seen.head.version)


@router.get("/returns/{form}/{begins}/template", response_class=Response, responses={200: {"content": {CSV: {}, XLSX: _FILE}}})
async def read_template(
    request: Request,
    caller: Seeing,
    form: FormInPath,
    begins: Begins,
    agency: WhoseReturn = None,
    kind: Annotated[str, Query(alias="as", pattern="^(csv|xlsx)$", description="csv or xlsx")] = "csv",
) -> Response:
    """A file of every line of the form, filled in as far as the return is; to fill in the rest and send it in, or to keep."""
    async with reading(request, caller) as transaction:
        seen = await actions.see(transaction, form, begins, agency)
    rows = rows_of(seen)
    content = await run_in_threadpool(workbook_of if kind == "xlsx" else csv_of, rows)
    name = f"{seen.head.key.form}-{seen.head.key.begins}-{seen.head.key.agency}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=XLSX if kind == "xlsx" else CSV, headers=headers)
