"""Exact miles to the households offered on a referral."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import distances as actions
from referrals.routes.callers import vault_keys
from referrals.schemas.distances import DistanceBody, Distances, MeasureDistances
from shared import plain_routes
from shared.handed_over import HandOver
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.settings import Settings
from shared.signin import CouncilCaller, PlacementsOfficer

router = plain_routes.router(prefix="/referrals", tags=["referrals"])


@router.post("/{referral}/distances", response_model=Distances)
async def measure(
    referral: UUID, body: MeasureDistances, request: Request, officer: PlacementsOfficer, key: IdempotencyKey
) -> Response:
    """Measure from the child's home to these households; only the miles are kept."""
    settings: Settings = request.app.state.settings
    async with reading(request, officer) as transaction:
        homes = await actions.homes(transaction, vault_keys(request), referral)
    # Between the two transactions, so that no connection is held while another service is waited for.
    hand_over = HandOver(settings.locations_key_file, development=settings.development)
    households = await actions.ask_providers(
        settings.providers_url, request.headers["authorization"], officer.organisation, body.ids(), hand_over
    )
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        measured = await actions.keep(attempt.transaction, referral, homes, households)
        return attempt.reply(Distances(items=[DistanceBody.of(each) for each in measured]))


@router.get("/{referral}/distances")
async def read(referral: UUID, request: Request, caller: CouncilCaller) -> Distances:
    """All distances measured for a referral, nearest first."""
    async with reading(request, caller) as transaction:
        measured = await actions.measured(transaction, referral)
    return Distances(items=[DistanceBody.of(each) for each in measured])
