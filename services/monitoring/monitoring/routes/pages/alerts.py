"""Alerts: what changed, and what is done about it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Request
from starlette.responses import Response

from monitoring.actions import alerts as actions
from monitoring.actions import calendar_feeds
from monitoring.domain.alert import ActionKind, ClosingReason, Step
from monitoring.pages import alerts as view
from monitoring.pages.frame import ALERTS, Crumb
from monitoring.routes.pages.page import go, page, pages_router, taken_away
from monitoring.routes.pages.visitors import AlertVisitor, ManagingVisitor, SeeingVisitor
from monitoring.routes.reading import reading
from shared import tenancy
from shared.organisation import Kind, Role
from shared.signin import Caller
from shared.written import KEPT

router = pages_router()
MOST = 500

Words = Annotated[str, Form(max_length=2000), KEPT]


@router.get("/alerts")
async def alerts(request: Request, visitor: SeeingVisitor, state: Annotated[str, Query(pattern="^(|all)$")] = "") -> Response:
    """Those open or in hand; with ``?state=all`` the closed ones too."""
    every = state == "all"
    async with reading(request, visitor) as transaction:
        found = await actions.page(transaction, states=() if every else view.IN_HAND, kpi=None, scope=None, after=None, limit=MOST)
        names = await calendar_feeds.names(transaction)
        far = view.how_far(await actions.how_far(transaction))
    table = view.listed(found, names)
    if (file := taken_away(request, [table], "alerts")) is not None:
        return file
    sentence = view.sentence(found, all_states=every)
    address = "/pages/alerts?state=all" if every else "/pages/alerts"
    return page(
        request, "alerts.html", title="Alerts", section=ALERTS, table=table, sentence=sentence, how_far=far, every=every, address=address
    )


@router.get("/alerts/{alert}")
async def alert(request: Request, visitor: SeeingVisitor, alert: UUID) -> Response:
    """What changed, since when, how unlikely, which records, who owns it, what was done, and forms to go on."""
    async with reading(request, visitor) as transaction:
        found = await actions.one(transaction, alert)
        names = await calendar_feeds.names(transaction)
    shown = view.shown(found, names, acts=_acts(visitor), closes=_closes(visitor))
    if (file := taken_away(request, [shown.history, shown.numbers], "alert")) is not None:
        return file
    title = f"{shown.heading}: {shown.about}"
    crumbs = [Crumb("Alerts", "/pages/alerts")]
    return page(
        request, "alert.html", title=title, section=ALERTS, crumbs=crumbs, alert=found, shown=shown, address=f"/pages/alerts/{alert}"
    )


@router.post("/alerts/{alert}/acknowledgement")
async def acknowledge(
    request: Request,
    visitor: AlertVisitor,
    alert: UUID,
    person: Annotated[str, Form(min_length=1, max_length=100), KEPT],
    words: Words = "",
) -> Response:
    """Take an open alert on."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.take(
            transaction, alert, Step.ACKNOWLEDGED, by=visitor.subject, reason="", words=words, words_needed=False, person=person
        )
    return go(f"/pages/alerts/{alert}")


@router.post("/alerts/{alert}/actions")
async def act(request: Request, visitor: AlertVisitor, alert: UUID, kind: Annotated[ActionKind, Form()], words: Words = "") -> Response:
    """Say what was done."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.take(transaction, alert, Step.ACTED, by=visitor.subject, reason=kind, words=words, words_needed=True)
    return go(f"/pages/alerts/{alert}")


@router.post("/alerts/{alert}/closing")
async def close(
    request: Request, visitor: ManagingVisitor, alert: UUID, reason: Annotated[ClosingReason, Form()], words: Words = ""
) -> Response:
    """Close it with a reason."""
    async with tenancy.transaction(request.app.state.databases, visitor.organisation) as transaction:
        await actions.take(transaction, alert, Step.CLOSED, by=visitor.subject, reason=reason, words=words, words_needed=False)
    return go(f"/pages/alerts/{alert}")


def _acts(visitor: Caller) -> bool:
    if visitor.organisation.kind is Kind.CONSORTIUM:
        return _closes(visitor)
    return bool(visitor.roles - {Role.READER, Role.PANEL_MEMBER})


def _closes(visitor: Caller) -> bool:
    return Role.PROJECT_MANAGER in visitor.roles
