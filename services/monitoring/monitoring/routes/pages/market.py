"""Market use."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from monitoring.actions import asking, market
from monitoring.pages import addresses
from monitoring.pages import market as view
from monitoring.pages.filters import filters
from monitoring.pages.frame import MARKET
from monitoring.routes.pages.page import page, pages_router, taken_away
from monitoring.routes.pages.question import PageQuestion
from monitoring.routes.pages.visitors import ComparingVisitor
from monitoring.routes.question import reader_of
from monitoring.routes.reading import reading
from shared import clock

router = pages_router()

ADDRESS = "/pages/market"


@router.get("/market")
async def use(request: Request, visitor: ComparingVisitor, question: PageQuestion) -> Response:
    """Who is commissioned, how concentrated that is, each tier, and what nobody uses."""
    async with reading(request, visitor) as transaction:
        scope = await question.scope(transaction)
        found = (await market.read(transaction, scope)).market
        names = await asking.names(transaction)
    form = filters(ADDRESS, scope, reader_of(visitor), names, today=clock.today())
    agencies, tiers = view.agencies_table(found, scope, names), view.tiers_table(found)
    concentration, lists = view.concentration_table(found), view.lists_table(found, names)
    if (file := taken_away(request, [agencies, tiers, concentration, lists], "market")) is not None:
        return file
    return page(
        request,
        "market.html",
        title="Market use",
        section=MARKET,
        filters=form,
        sentence=view.sentence(found),
        agencies_chart=view.agencies_chart(found, names),
        agencies=agencies,
        concentration=concentration,
        tiers_chart=view.tiers_chart(found),
        tiers=tiers,
        lists=lists,
        address=addresses.of(ADDRESS, scope),
    )
