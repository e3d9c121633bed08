"""Gaps, and the needs behind them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from monitoring.actions import asking, gaps
from monitoring.domain.definition import BY_COUNCIL_AND_LOT
from monitoring.domain.gaps.analysis import GapBy, keys
from monitoring.domain.gaps.analysis import gaps as divided
from monitoring.pages import addresses, words
from monitoring.pages import gaps as view
from monitoring.pages.filters import filters
from monitoring.pages.frame import GAPS, Crumb
from monitoring.routes.pages.page import page, pages_router, taken_away
from monitoring.routes.pages.question import PageQuestion, asked
from monitoring.routes.pages.visitors import ComparingVisitor
from monitoring.routes.question import reader_of
from monitoring.routes.reading import reading
from shared import clock

router = pages_router()

ADDRESS, NEEDS = "/pages/gaps", "/pages/gaps/needs"
PER_PAGE = 50


@router.get("/gaps")
async def gap_analysis(request: Request, visitor: ComparingVisitor, question: PageQuestion, by: GapBy = GapBy.NEED) -> Response:
    """Where carers must be recruited, and what was missing by one dimension."""
    async with reading(request, visitor) as transaction:
        scope = await question.scope(transaction)
        found = divided(await gaps.looked(transaction, scope, as_kept=True), by)
        names = await asking.names(transaction)
    form = filters(ADDRESS, scope, reader_of(visitor), names, today=clock.today(), by=BY_COUNCIL_AND_LOT, hidden=(("by", by),))
    by_table, recruit = view.by_table(found, by, scope, names), view.recruit_table(found, scope, names)
    if (file := taken_away(request, [by_table, recruit], "gaps")) is not None:
        return file
    return page(
        request,
        "gaps.html",
        title="Gaps",
        section=GAPS,
        filters=form,
        sentence=view.sentence(found),
        distance_unknown=found.distance_unknown,
        heat=view.heat_chart(found),
        recruit=recruit,
        by_heading=f"By {view.BY[by]}",
        choices=[
            {"text": text, "here": each is by, "address": f"{addresses.of(ADDRESS, scope, by=each)}#by"} for each, text in view.BY.items()
        ],
        by_chart=view.by_chart(found, by, names),
        by_table=by_table,
        address=addresses.of(ADDRESS, scope, by=by),
    )


@router.get("/gaps/needs")
async def needs(
    request: Request,
    visitor: ComparingVisitor,
    question: PageQuestion,
    by: GapBy | None = None,
    key: Annotated[str, Query(max_length=60)] = "",
    recruit: bool = False,
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """The needs behind a row, fifty at a time; a file has them all."""
    async with reading(request, visitor) as transaction:
        scope = await question.scope(transaction)
        found = await gaps.looked(transaction, scope, as_kept=True)
        names = await asking.names(transaction)
    chosen = [each for each in found if (by is None or not key or key in keys(each, by)) and (each.recruit or not recruit)]
    more = {"by": by if key else None, "key": key, "recruit": "true" if recruit else ""}
    form = filters(
        NEEDS,
        scope,
        reader_of(visitor),
        names,
        today=clock.today(),
        by=BY_COUNCIL_AND_LOT,
        hidden=tuple((name, str(value)) for name, value in more.items() if value),
    )
    taken = asked(request).format is not None
    table = view.needs_table(chosen if taken else chosen[start : start + PER_PAGE], names)
    if (file := taken_away(request, [table], "gaps-needs")) is not None:
        return file
    row = f"{view.BY[by]} {view.called(by, key, names)}" if by is not None and key else form.said
    return page(
        request,
        "gap_needs.html",
        title="Needs",
        section=GAPS,
        crumbs=[Crumb("Gaps", addresses.of(ADDRESS, scope))],
        filters=form,
        about=f"{row[:1].upper()}{row[1:]}{', without a carer near home' if recruit else ''}",
        how_many=words.plural(len(chosen), "need"),
        table=table,
        address=addresses.of(NEEDS, scope, **more),
        following=addresses.of(NEEDS, scope, **more, start=str(start + PER_PAGE)) if len(chosen) > start + PER_PAGE else "",
        beginning=addresses.of(NEEDS, scope, **more) if start else "",
    )
