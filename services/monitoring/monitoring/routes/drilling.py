"""What lies behind a figure: the records that the caller may see, the figure over time, and by council, agency, lot or part."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Request

from monitoring.actions import asking, drilling
from monitoring.domain.definition import Dimension
from monitoring.routes import places
from monitoring.routes.question import Question, may_see_small, reader_of, scope_of
from monitoring.routes.reading import reading
from monitoring.schemas.drilling import Divided, RecordBehind, Series
from monitoring.store.counts import Side
from shared import plain_routes
from shared.cursors import Page, PageRequest, page
from shared.refusals import not_allowed
from shared.signin import AnyCaller

router = plain_routes.router(tags=["figures"])

Name = Annotated[str, Path(max_length=60)]


@router.get("/kpis/{name}/records")
async def read_records(
    request: Request,
    caller: AnyCaller,
    name: Name,
    question: Question,
    wanted: PageRequest,
    side: Annotated[Side | None, Query(description="only those in the numerator, in the denominator, or left out")] = None,
    part: Annotated[str | None, Query(max_length=120, description="only those of one part of the figure, as ``parts`` names it")] = None,
) -> Page[RecordBehind]:
    """The records behind a figure, each with its part of it. Never a child: ids of referrals, offers, placements, vacancies."""
    definition = asking.definition(name, reader_of(caller))
    if not may_see_small(caller):
        raise not_allowed("Single records are for those whose own they are and for the consortium's project manager.")
    after = places.after_record(wanted.after)
    async with reading(request, caller) as transaction:
        scope = await question.scope(transaction)
        rows = await drilling.records(transaction, definition, scope, side=side, part=part, after=after, limit=wanted.limit)
    shown = page(rows, wanted.limit, places.of_record)
    return Page[RecordBehind].model_validate(shown | {"items": [RecordBehind.of(row) for row in rows[: wanted.limit]]})


@router.get("/kpis/{name}/series")
async def read_series(
    request: Request, caller: AnyCaller, name: Name, question: Question, by: Annotated[Literal["month", "quarter"], Query()] = "month"
) -> Series:
    """A figure month by month or quarter by quarter, over the whole months that the days asked for touch; at most a minute old.

    By quarter alone, and over all, to whoever may not see small numbers."""
    definition = asking.definition(name, reader_of(caller))
    async with reading(request, caller) as transaction:
        scope = await scope_of(transaction, caller, question)
        points = await drilling.series(transaction, definition, scope, by=by, may_see_small=may_see_small(caller))
    return Series.of(definition, scope, points)


@router.get("/kpis/{name}/by/{dimension}")
async def read_by(
    request: Request, caller: AnyCaller, name: Name, question: Question, dimension: Literal["council", "agency", "lot", "part"]
) -> Divided:
    """A figure by council, agency, lot or part, over the whole months that the days asked for touch; at most a minute old."""
    definition = asking.definition(name, reader_of(caller))
    async with reading(request, caller) as transaction:
        scope = await scope_of(transaction, caller, question)
        divided: Dimension | Literal["part"] = "part" if dimension == "part" else Dimension(dimension)
        found = await drilling.parts(transaction, definition, scope, divided, may_see_small=may_see_small(caller))
    return Divided.of(definition, scope, found)
