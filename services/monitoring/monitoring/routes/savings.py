"""Savings: what the framework's prices saved against each council's own prices before it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from monitoring.actions import figures
from monitoring.routes.question import Question
from monitoring.routes.reading import reading
from monitoring.schemas.figures import SavingsReply
from shared import plain_routes
from shared.organisation import ROLES, Kind, Role
from shared.signin import COUNCIL_STAFF, Caller, signed_in

router = plain_routes.router(tags=["figures"])

Buyer = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF, Kind.CONSORTIUM: ROLES[Kind.CONSORTIUM]}))]
"""Those who pay: a council for its own, the consortium for all. Agencies do not see what others paid."""
Comparing = Annotated[Caller, Depends(signed_in({Kind.COUNCIL: COUNCIL_STAFF, Kind.CONSORTIUM: frozenset({Role.PROJECT_MANAGER})}))]
"""Who compares over records that may be few: a council over its own, of the consortium the project manager."""


@router.get("/savings")
async def read_savings(request: Request, buyer: Comparing, question: Question) -> SavingsReply:
    """Savings by lot and quarter in pounds and per cent, each with the placements counted, beside the expected average."""
    async with reading(request, buyer) as transaction:
        scope = await question.scope(transaction)
        return SavingsReply.of(scope, await figures.savings(transaction, scope))
