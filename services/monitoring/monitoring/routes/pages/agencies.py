"""The agencies, and each one's scorecard; an agency has its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from monitoring.actions import asking, drilling, looking
from monitoring.domain.catalogue import KPIS, seen_by
from monitoring.domain.definition import Dimension
from monitoring.domain.scope import Scope
from monitoring.pages import addresses
from monitoring.pages.agency import agencies_table, on_a_scorecard, scorecard
from monitoring.pages.figure import shown_value
from monitoring.pages.filters import OVER_ALL, filters
from monitoring.pages.frame import AGENCIES, SCORECARD, Crumb
from monitoring.routes.pages.page import page, pages_router, taken_away
from monitoring.routes.pages.question import PageQuestion
from monitoring.routes.pages.visitors import AgencyVisitor, BuyingVisitor, SeeingVisitor
from monitoring.routes.question import Filters, may_see_small, reader_of, scope_of
from monitoring.routes.reading import reading
from shared import clock
from shared.contracts.words import AgencyUrn
from shared.organisation import Kind
from shared.signin import Caller

router = pages_router()

SHOWN = ("offers_made", "placements", "unplanned_endings")
"""Figures of the list of agencies."""
BY = frozenset({Dimension.COUNCIL, Dimension.LOT})


@router.get("/agencies")
async def agencies(request: Request, visitor: BuyingVisitor, question: PageQuestion) -> Response:
    """Every agency of the framework, with a few figures of each."""
    reader, small = reader_of(visitor), may_see_small(visitor)
    async with reading(request, visitor) as transaction:
        scope = replace(await scope_of(transaction, visitor, question), agency=None)
        names = await asking.names(transaction)
        figures = []
        for definition in (KPIS[name] for name in SHOWN if name in KPIS and reader in KPIS[name].seen_by):
            found = await drilling.parts(transaction, definition, scope, Dimension.AGENCY, may_see_small=small)
            figures.append((definition, {str(each.name): shown_value(definition, each) for each in found}))
    table = agencies_table(names[Dimension.AGENCY], figures, scope, leads=small)
    if (file := taken_away(request, [table], "agencies")) is not None:
        return file
    form = filters("/pages/agencies", scope, reader, names, today=clock.today(), by=BY if small else OVER_ALL)
    address = addresses.of("/pages/agencies", scope)
    return page(request, "agencies.html", title="Agencies", section=AGENCIES, filters=form, table=table, address=address, leads=small)


@router.get("/scorecard")
async def own(request: Request, visitor: AgencyVisitor, question: PageQuestion) -> Response:
    """An agency's own scorecard."""
    return await _scorecard(request, visitor, visitor.agency, question, "/pages/scorecard")


@router.get("/agencies/{urn}")
async def one(request: Request, visitor: SeeingVisitor, urn: Annotated[AgencyUrn, Path()], question: PageQuestion) -> Response:
    """One agency's scorecard, for those who buy of it; refused to every other agency."""
    return await _scorecard(request, visitor, urn, question, f"/pages/agencies/{urn}")


async def _scorecard(request: Request, visitor: Caller, urn: str, question: Filters, address: str) -> Response:
    reader = reader_of(visitor)
    definitions = on_a_scorecard(seen_by(reader))
    async with reading(request, visitor) as transaction:
        scope: Scope = await replace(question, agency=urn).scope(transaction)
        found = await looking.moved(transaction, definitions, scope, may_see_small=True, months=12)
        of_all = await looking.of_all_agencies(transaction, definitions, scope)
        names = await asking.names(transaction)
    name = names[Dimension.AGENCY].get(urn, urn)
    view = scorecard(found, of_all, scope, address, name)
    if (file := taken_away(request, [view.table], f"scorecard-{urn}")) is not None:
        return file
    is_own = visitor.organisation.kind is Kind.AGENCY
    return page(
        request,
        "scorecard.html",
        title=f"Scorecard: {name}",
        section=SCORECARD if is_own else AGENCIES,
        crumbs=[] if is_own else [Crumb("Agencies", addresses.of("/pages/agencies", replace(scope, agency=None)))],
        filters=filters(address, scope, reader, names, today=clock.today(), by=BY),
        view=view,
        every=addresses.of("/pages/figures", scope),
        name=name,
    )
