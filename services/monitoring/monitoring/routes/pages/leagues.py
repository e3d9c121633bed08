"""League tables by lot, with a funnel: agencies compared no more firmly than their records allow."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from monitoring.actions import charts
from monitoring.actions.chart_sentences import league_sentence
from monitoring.domain.definition import Dimension
from monitoring.pages import addresses, leagues
from monitoring.pages.frame import LEAGUES, Crumb
from monitoring.routes.pages.page import page, pages_router, taken_away
from monitoring.routes.pages.question import PageQuestion
from monitoring.routes.pages.visitors import ComparingVisitor
from monitoring.routes.reading import reading
from shared.contracts.words import LotCode

router = pages_router()


@router.get("/leagues")
async def lots(request: Request, visitor: ComparingVisitor) -> Response:
    """The lots, each with its table."""
    async with reading(request, visitor) as transaction:
        found = await charts.lots(transaction)
    return page(request, "leagues.html", title="League tables", section=LEAGUES, lots=found)


@router.get("/leagues/{code}")
async def league(request: Request, visitor: ComparingVisitor, code: LotCode, question: PageQuestion) -> Response:
    """One lot: tier, score with its derivation, from whom each cannot be told apart; and the funnel of unplanned endings."""
    async with reading(request, visitor) as transaction:
        scope = await question.of_lot(code).scope(transaction)
        found = await charts.league_of(transaction, scope)
        compared = await charts.compared(transaction, charts.STABILITY, scope, Dimension.AGENCY)
        titles = await charts.lots(transaction)
    table, funnel = leagues.table(found, compared.names), leagues.funnel(compared)
    if (file := taken_away(request, [table, *([funnel[2]] if funnel else [])], f"league-{code}")) is not None:
        return file
    title = f"League table: {titles.get(code, code)}"
    here = addresses.of(f"/pages/leagues/{code}", scope)
    crumbs = [Crumb("League tables", "/pages/leagues")]
    return page(
        request,
        "league.html",
        title=title,
        section=LEAGUES,
        crumbs=crumbs,
        scope=scope,
        table=table,
        sentence=league_sentence(found),
        funnel=funnel,
        address=here,
        lot=code,
    )
