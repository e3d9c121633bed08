"""The complex needs panel: convened by an officer, voted in by its members, settled by its chair where they do not agree."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from matching.actions import convening, names
from matching.actions import panels as actions
from matching.actions.panels import Seen
from matching.schemas import panels as asked
from matching.schemas.panel_lists import MyPanels, PanelLine, Panels
from matching.schemas.panels_shown import PanelShown
from shared import plain_routes, versions
from shared.idempotency import IdempotencyKey, once
from shared.organisation import ROLES, Kind, Role
from shared.reading import reading
from shared.signin import Caller, CouncilAdministrator, CouncilCaller, PlacementsOfficer, roles_except_reader, signed_in
from shared.tenancy import Transaction
from shared.versions import IfMatch

router = plain_routes.router(tags=["panels"])

MOST_OF_MINE = 200

PanelMember = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: roles_except_reader(Kind.COUNCIL)}))]
"""Anybody a council named to a panel, who may change something there; which panel is decided by the seat."""

PanelReader = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: ROLES[Kind.COUNCIL]}))]
"""Anybody of a council; who is nothing but a panel member sees the panels they sit on and no others."""


def _sees_any(caller: Caller) -> bool:
    return bool(caller.roles - {Role.PANEL_MEMBER})


async def _shown(transaction: Transaction, seen: Seen) -> PanelShown:
    return PanelShown.of(seen, await names.of_providers(transaction, {one.provider for one in seen.panel.asked}))


@router.post("/referrals/{referral}/panels", status_code=201, response_model=PanelShown)
async def convene(referral: UUID, body: asked.NewPanel, request: Request, officer: PlacementsOfficer, _: IdempotencyKey) -> Response:
    """Put one to three offers to a panel. Until it has decided nothing is chosen on the referral."""
    council = str(officer.organisation)
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        made = await convening.convene(attempt.transaction, council, referral, body.convening(), opened_by=officer.subject)
        seen = await actions.see(attempt.transaction, council, made.panel, officer.subject, any_panel=True)
        shown = await _shown(attempt.transaction, seen)
        return attempt.reply(shown, status=201, location=f"/panels/{made.panel}")


@router.get("/referrals/{referral}/panels")
async def of_referral(referral: UUID, request: Request, caller: CouncilCaller) -> Panels:
    """Every panel on one of your referrals, the last first."""
    async with reading(request, caller) as transaction:
        found = await actions.of_referral(transaction, str(caller.organisation), referral)
        return Panels(items=[await _shown(transaction, seen) for seen in found])


@router.get("/panels")
async def mine(request: Request, caller: PanelReader) -> MyPanels:
    """The panels you sit on that are not decided yet, and what each asks of you."""
    async with reading(request, caller) as transaction:
        found = await actions.mine(transaction, str(caller.organisation), caller.subject, MOST_OF_MINE)
    return MyPanels(items=[PanelLine.of(panel, stands, caller.subject) for panel, stands in found])


@router.get("/panels/{panel}")
async def see(panel: UUID, request: Request, caller: PanelReader) -> PanelShown:
    """One panel: what it is asked, how each voted and why, who is late, and what was decided."""
    async with reading(request, caller) as transaction:
        seen = await actions.see(transaction, str(caller.organisation), panel, caller.subject, any_panel=_sees_any(caller))
        return await _shown(transaction, seen)


@router.put("/panels/{panel}/vote", response_model=PanelShown)
async def vote(panel: UUID, body: asked.NewVote, request: Request, member: PanelMember, if_match: IfMatch, _: IdempotencyKey) -> Response:
    """Vote, or change your vote until the panel closes (If-Match: the version of the vote you change). Your reason goes with it."""
    async with once(request, member) as attempt:
        if attempt.kept:
            return attempt.kept
        seen = await actions.vote(attempt.transaction, str(member.organisation), panel, member.subject, body.said(), if_match)
        return attempt.reply(await _shown(attempt.transaction, seen))


@router.post("/panels/{panel}/chair-decision", response_model=PanelShown)
async def decide(panel: UUID, body: asked.NewChairDecision, request: Request, member: PanelMember, _: IdempotencyKey) -> Response:
    """Decide as the chair what the members did not agree on."""
    async with once(request, member) as attempt:
        if attempt.kept:
            return attempt.kept
        seen = await actions.decide(attempt.transaction, str(member.organisation), panel, member.subject, body.decision())
        return attempt.reply(await _shown(attempt.transaction, seen))


@router.post("/panels/{panel}/extension", response_model=PanelShown)
async def extend(panel: UUID, body: asked.NewExtension, request: Request, member: PanelMember, _: IdempotencyKey) -> Response:
    """As the chair, give a panel that closed without its quorum more time."""
    async with once(request, member) as attempt:
        if attempt.kept:
            return attempt.kept
        council = str(member.organisation)
        seen = await actions.extend(attempt.transaction, council, panel, member.subject, body.closes_at, body.reason)
        return attempt.reply(await _shown(attempt.transaction, seen))


@router.post("/panels/{panel}/dissolution", response_model=PanelShown)
async def dissolve(panel: UUID, body: asked.NewDissolution, request: Request, officer: PlacementsOfficer, _: IdempotencyKey) -> Response:
    """End a panel that has not decided; the reason is kept in the decision record."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        seen = await actions.dissolve(attempt.transaction, str(officer.organisation), panel, body.reason, by=officer.subject)
        return attempt.reply(await _shown(attempt.transaction, seen))


@router.get("/panel-settings")
async def settings(request: Request, response: Response, caller: CouncilCaller) -> asked.PanelHours:
    """How long your panels sit by urgency, in hours, unless an officer says otherwise when convening one."""
    async with reading(request, caller) as transaction:
        hours, version = await convening.hours(transaction, str(caller.organisation))
    response.headers["ETag"] = versions.etag(version)
    return asked.PanelHours.of(dict(hours))


@router.put("/panel-settings", response_model=asked.PanelHours)
async def set_hours(
    body: asked.PanelHours, request: Request, administrator: CouncilAdministrator, if_match: IfMatch, _: IdempotencyKey
) -> Response:
    """Set how long your panels sit; those under way keep their closing time."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        council = str(administrator.organisation)
        hours, version = await convening.set_hours(
            attempt.transaction, council, body.by_urgency(), if_match.require, changed_by=administrator.subject
        )
        return attempt.reply(asked.PanelHours.of(dict(hours)), etag=version)
