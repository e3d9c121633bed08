"""Stability 2 of the council's own children: counted when asked, and told to the consortium."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from referrals.actions import stability_counts as actions
from referrals.routes.callers import vault_keys
from referrals.schemas.stability_counts import CountStability, StabilityCountBody
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind, Role
from shared.reading import reading
from shared.signin import Caller, signed_in
from shared.written import Day

router = plain_routes.router(prefix="/stability-counts", tags=["stability"])

CountsOfficer = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: frozenset({Role.PLACEMENTS_OFFICER, Role.ADMINISTRATOR})}))]
"""Who counts for a council: its placements officers and its administrator."""


@router.get("")
async def count(
    request: Request, officer: CountsOfficer, as_of: Annotated[Day, Query(description="the day counted")]
) -> StabilityCountBody:
    """Stability 2 of your council on a day, told to nobody else."""
    async with reading(request, officer) as transaction:
        return StabilityCountBody.of(await actions.count(transaction, vault_keys(request), as_of))


@router.post("", status_code=201, response_model=StabilityCountBody)
async def tell(body: CountStability, request: Request, officer: CountsOfficer, key: IdempotencyKey) -> Response:
    """Count stability 2 on a day and tell the consortium the two numbers, for its figures."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        found = await actions.tell(attempt.transaction, vault_keys(request), body.as_of)
        return attempt.reply(StabilityCountBody.of(found), status=201)
