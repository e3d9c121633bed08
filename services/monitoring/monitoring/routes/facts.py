"""The facts behind all figures as files: each reader's own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import StreamingResponse

from monitoring.routes.question import may_see_small
from monitoring.routes.reading import reading
from monitoring.store import taking_facts
from shared import plain_routes
from shared.refusals import not_allowed, not_found
from shared.signin import AnyCaller

router = plain_routes.router(tags=["figures"])


@router.get("/facts")
async def read_fact_tables(caller: AnyCaller) -> list[str]:
    """The names of the tables of facts."""
    return sorted(taking_facts.TAKEN)


@router.get("/facts/{table}", response_class=StreamingResponse)
async def read_facts(request: Request, caller: AnyCaller, table: Annotated[str, Path(max_length=60)]) -> StreamingResponse:
    """One table of facts as CSV: the rows the caller may see, no child among them. Lists are JSON, moments in UTC, codes as they are."""
    if not may_see_small(caller):
        raise not_allowed("Single records are for those whose own they are and for the consortium's project manager.")
    if table not in taking_facts.TAKEN:
        raise not_found("table of facts")

    async def lines() -> AsyncIterator[str]:
        yield _line(taking_facts.columns(table))
        async with reading(request, caller) as transaction:
            async for row in taking_facts.rows(transaction, table):
                yield _line([_cell(value) for value in row])

    return StreamingResponse(
        lines(), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{table}.csv"'}
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
