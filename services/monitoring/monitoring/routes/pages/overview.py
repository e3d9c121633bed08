"""The first page, and the list of every figure."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from monitoring.actions import alerts, asking, looking
from monitoring.domain.alert import State
from monitoring.domain.catalogue import seen_by
from monitoring.domain.definition import ANY_WAY
from monitoring.pages import addresses
from monitoring.pages.alerts import how_far
from monitoring.pages.filters import OVER_ALL, filters
from monitoring.pages.frame import FIGURES, OVERVIEW
from monitoring.pages.overview import all_figures, cards, headline_table, headlines, standing_out, whose
from monitoring.routes.pages.page import page, pages_router, taken_away
from monitoring.routes.pages.question import PageQuestion
from monitoring.routes.pages.visitors import AnyVisitor
from monitoring.routes.question import may_see_small, reader_of, scope_of
from monitoring.routes.reading import reading
from shared import clock

router = pages_router()

IN_HAND = (State.OPEN, State.ACKNOWLEDGED, State.ACTED_ON)
MOST_ALERTS = 8
"""On the overview; all of them have a page of their own."""
MOST = 500
"""Alerts in hand that these are chosen from, the last raised."""


@router.get("")
async def overview(request: Request, visitor: AnyVisitor, question: PageQuestion) -> Response:
    """What changed: the figures people steer by, each beside its former self."""
    reader, small = reader_of(visitor), may_see_small(visitor)
    async with reading(request, visitor) as transaction:
        scope = await scope_of(transaction, visitor, question)
        found = await looking.moved(transaction, headlines(seen_by(reader)), scope, may_see_small=small, months=24)
        names = await asking.names(transaction)
        raised = await alerts.page(transaction, states=IN_HAND, kpi=None, scope=None, after=None, limit=MOST) if small else []
        looked = await alerts.how_far(transaction) if small else None
    form = filters("/pages", scope, reader, names, today=clock.today(), by=ANY_WAY if small else OVER_ALL)
    if (file := taken_away(request, [headline_table(found, scope, form.said)], "overview")) is not None:
        return file
    return page(
        request,
        "overview.html",
        title="Overview",
        section=OVERVIEW,
        filters=form,
        cards=cards(found, scope),
        raised=standing_out(raised)[:MOST_ALERTS],
        whose={each.found.scope: whose(each.found.scope, names) for each in raised},
        still_looking=how_far(looked) if looked and (looked.to_look or looked.through is None) else "",
        more=len(raised) > MOST_ALERTS,
        small=small,
        address=addresses.of("/pages", scope),
    )


@router.get("/figures")
async def figures(request: Request, visitor: AnyVisitor, question: PageQuestion) -> Response:
    """Every figure the reader may see, with what it was counted from."""
    reader, small = reader_of(visitor), may_see_small(visitor)
    async with reading(request, visitor) as transaction:
        scope = await scope_of(transaction, visitor, question)
        found = await looking.stands(transaction, seen_by(reader), scope, may_see_small=small, as_kept=True)
        names = await asking.names(transaction)
    form = filters("/pages/figures", scope, reader, names, today=clock.today(), by=ANY_WAY if small else OVER_ALL)
    view = all_figures(found, scope, form.said)
    if (file := taken_away(request, [view.table], "figures")) is not None:
        return file
    return page(request, "figures.html", title="Figures", section=FIGURES, filters=form, view=view)
