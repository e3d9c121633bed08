"""One figure, and the records behind it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from monitoring.actions import asking, charts, drilling, looking
from monitoring.domain.definition import Definition, Dimension, Reader
from monitoring.domain.monthly import before
from monitoring.domain.scope import Scope
from monitoring.domain.special_cause import Rules
from monitoring.pages import addresses
from monitoring.pages.figure import Drawn, changed, control_chart, plain_line, value_of
from monitoring.pages.filters import OVER_ALL, filters
from monitoring.pages.frame import FIGURES, Crumb
from monitoring.pages.kpi import definition_rows, divided, how_many, parts_table, records_table
from monitoring.routes import places
from monitoring.routes.pages.page import page, pages_router, taken_away
from monitoring.routes.pages.question import PageQuestion, asked
from monitoring.routes.pages.visitors import AnyVisitor
from monitoring.routes.question import may_see_small, reader_of, scope_of
from monitoring.routes.reading import reading
from monitoring.store.counts import Side
from shared import clock
from shared.cursors import cut, decode
from shared.refusals import not_allowed
from shared.tenancy import Transaction

router = pages_router()

_ANOTHER_LISTS = "The address of this list is not one that a page gave. Begin again from the figure."
PER_PAGE = 50
MOST_TAKEN = 5_000
"""Records in one file; more are asked for by a shorter period."""
Name = Annotated[str, Path(max_length=60)]
Cursor = Annotated[str, Query(max_length=500)]
Part = Annotated[str, Query(max_length=200)]
_OWN = {Reader.COUNCIL: Dimension.COUNCIL, Reader.AGENCY: Dimension.AGENCY}


@router.get("/figures/{name}")
async def figure(request: Request, visitor: AnyVisitor, name: Name, question: PageQuestion) -> Response:
    """What it is, how it moved, who has which part of it, what it counts."""
    reader = reader_of(visitor)
    definition, small = asking.definition(name, reader), may_see_small(visitor)
    async with reading(request, visitor) as transaction:
        scope = await scope_of(transaction, visitor, question)
        (found,) = await looking.moved(transaction, [definition], scope, may_see_small=small)
        asked_by = {Dimension.COUNCIL: scope.council, Dimension.AGENCY: scope.agency, Dimension.LOT: scope.lot}
        tellable = not scope.dimensions - definition.divided_by
        dimensions = [
            each for each in Dimension if tellable and each in definition.divided_by and not asked_by[each] and _OWN.get(reader) is not each
        ]
        shares = {each: await drilling.parts(transaction, definition, scope, each, may_see_small=small) for each in dimensions}
        drawn = await _drawn(transaction, definition, scope, small) if tellable else None
        names = await asking.names(transaction)
    address = f"/pages/figures/{name}"
    form = filters(address, scope, reader, names, today=clock.today(), by=definition.divided_by if small else OVER_ALL)
    parts = [each for of in dimensions if (each := divided(definition, of, shares[of], names[of], scope, found.now, leads=small))]
    slices = parts_table(found.now)
    tables = [*([drawn.table] if drawn else []), *(each.chart.table for each in parts), *([slices] if slices else [])]
    if tables and (file := taken_away(request, tables, name)) is not None:
        return file
    return page(
        request,
        "kpi.html",
        title=definition.title,
        section=FIGURES,
        crumbs=[Crumb("Figures", addresses.of("/pages/figures", scope))],
        filters=form,
        definition=definition,
        answer=found.now,
        value=value_of(found.now),
        change=changed(found, before(scope.period)),
        chart=drawn,
        steps="Month by month" if small else "Quarter by quarter",
        parts=parts,
        slices=slices,
        rows=definition_rows(definition),
        address=addresses.of(address, scope),
        records=addresses.of(f"{address}/records", scope) if small and found.now.figure.records else "",
        how_many=how_many(found.now),
        can_take=bool(tables),
    )


@router.get("/figures/{name}/records")
async def records(
    request: Request,
    visitor: AnyVisitor,
    name: Name,
    question: PageQuestion,
    cursor: Cursor = "",
    part: Part = "",
    side: Side | None = None,
) -> Response:
    """The records it was counted from, by day, fifty at a time; a file has up to five thousand."""
    reader = reader_of(visitor)
    definition = asking.definition(name, reader)
    if not may_see_small(visitor):
        raise not_allowed("Single records are for those whose own they are and for the consortium's project manager.")
    limit = MOST_TAKEN if asked(request).format else PER_PAGE
    after = places.after_record(decode(cursor) if cursor else None, _ANOTHER_LISTS)
    async with reading(request, visitor) as transaction:
        scope = await question.scope(transaction)
        found = await drilling.records(transaction, definition, scope, side=side, part=part or None, after=after, limit=limit)
        names = await asking.names(transaction)
    shown, following = cut(found, limit, places.of_record)
    address = f"/pages/figures/{name}"
    hidden = tuple((key, given) for key, given in (("part", part), ("side", side or "")) if given)
    form = filters(f"{address}/records", scope, reader, names, today=clock.today(), by=definition.divided_by, hidden=hidden)
    table = records_table(definition, shown, names, form.said)
    if (file := taken_away(request, [table], f"{name}-records")) is not None:
        return file
    here = addresses.of(f"{address}/records", scope, part=part, side=side)
    return page(
        request,
        "records.html",
        title="Records",
        section=FIGURES,
        crumbs=[Crumb("Figures", addresses.of("/pages/figures", scope)), Crumb(definition.title, addresses.of(address, scope))],
        filters=form,
        definition=definition,
        table=table,
        address=here,
        following=addresses.of(f"{address}/records", scope, part=part, side=side, cursor=following) if following else "",
        beginning=here if cursor else "",
    )


async def _drawn(transaction: Transaction, definition: Definition, scope: Scope, small: bool) -> Drawn | None:
    if not small:
        return plain_line(definition, await drilling.series(transaction, definition, scope, by="quarter", may_see_small=False))
    found = await charts.chart(transaction, definition, council=scope.council, agency=scope.agency, lot=scope.lot, rules=Rules())
    return control_chart(found, "all together" if not scope.dimensions else "of those chosen")
