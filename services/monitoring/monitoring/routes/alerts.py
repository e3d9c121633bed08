"""Alerts: what changed, and what is done about it. A council and an agency see those about themselves, the consortium all."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from monitoring.actions import alerts as actions
from monitoring.domain.alert import State, Step
from monitoring.routes.reading import reading
from monitoring.schemas.alerts import AlertLine, AlertPage, AlertShown, LookedShown, NewAcknowledgement, NewAction, NewClosing
from shared import plain_routes
from shared.contracts.words import AgencyUrn, OnsCode
from shared.cursors import PageRequest, after_moment, page
from shared.idempotency import IdempotencyKey, once
from shared.organisation import ROLES, Kind, Role
from shared.signin import COUNCIL_STAFF, Caller, ProjectManager, roles_except_reader, signed_in

router = plain_routes.router(tags=["alerts"])

Concerned = Annotated[
    Caller,
    Depends(
        signed_in(
            {
                Kind.COUNCIL: COUNCIL_STAFF - {Role.READER},
                Kind.AGENCY: roles_except_reader(Kind.AGENCY),
                Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER}),
            }
        )
    ),
]
"""Whom an alert may concern, in a role that changes things."""

Seeing = Annotated[
    Caller,
    Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF, Kind.AGENCY: ROLES[Kind.AGENCY], Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})})),
]
"""Who sees alerts and charts, which tell of single records: a council and an agency of their own, of the consortium the project manager."""


@router.get("/alerts")
async def read_alerts(
    request: Request,
    caller: Seeing,
    wanted: PageRequest,
    state: Annotated[list[State] | None, Query(description="only those in these states")] = None,
    kpi: Annotated[str | None, Query(max_length=60, pattern="^[a-z0-9_]*$", description="only those of one figure")] = None,
    council: Annotated[OnsCode | None, Query(description="only those about one council")] = None,
    agency: Annotated[AgencyUrn | None, Query(description="only those about one agency")] = None,
) -> AlertPage:
    """The alerts you may see, the last raised first, and how far alerts have looked."""
    scope = f"agency:{agency}" if agency else f"council:{council}" if council else None
    async with reading(request, caller) as transaction:
        found = await actions.page(transaction, states=state or (), kpi=kpi, scope=scope, after=after_moment(wanted), limit=wanted.limit)
        far = await actions.how_far(transaction)
    shown = page(found, wanted.limit, lambda each: (each.raised_at.isoformat(), str(each.id)))
    items = [AlertLine.of(each) for each in found[: wanted.limit]]
    return AlertPage.model_validate(shown | {"items": items, "looked": LookedShown.of(far)})


@router.get("/alerts/{alert}")
async def read_alert(alert: UUID, request: Request, caller: Seeing) -> AlertShown:
    """One alert: what changed, since when, how unlikely that is, where its records are, and what people did."""
    async with reading(request, caller) as transaction:
        return AlertShown.of(await actions.one(transaction, alert))


@router.post("/alerts/{alert}/acknowledgement", response_model=AlertShown)
async def acknowledge(alert: UUID, body: NewAcknowledgement, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Take an open alert on, by office or name, so that others see somebody has."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.take(
            attempt.transaction,
            alert,
            Step.ACKNOWLEDGED,
            by=caller.subject,
            reason="",
            words=body.words,
            words_needed=False,
            person=body.person,
        )
        return attempt.reply(AlertShown.of(found))


@router.post("/alerts/{alert}/actions", status_code=201, response_model=AlertShown)
async def act(alert: UUID, body: NewAction, request: Request, caller: Concerned, _: IdempotencyKey) -> Response:
    """Say what was done about an acknowledged alert; as often as something is."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.take(
            attempt.transaction, alert, Step.ACTED, by=caller.subject, reason=body.kind, words=body.words, words_needed=True
        )
        return attempt.reply(AlertShown.of(found), status=201, location=f"/alerts/{alert}")


@router.post("/alerts/{alert}/closing", response_model=AlertShown)
async def close(alert: UUID, body: NewClosing, request: Request, manager: ProjectManager, _: IdempotencyKey) -> Response:
    """Close an alert, with the reason. If the signal comes again it is a new alert that names this one."""
    async with once(request, manager) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.take(
            attempt.transaction, alert, Step.CLOSED, by=manager.subject, reason=body.reason, words=body.words, words_needed=False
        )
        return attempt.reply(AlertShown.of(found))
