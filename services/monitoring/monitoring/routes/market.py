"""Market use: who is commissioned, at which tier, and how concentrated it is."""

from __future__ import annotations

from fastapi import Request

from monitoring.actions import market
from monitoring.routes.question import Question
from monitoring.routes.reading import reading
from monitoring.routes.savings import Comparing
from monitoring.schemas.market import MarketReply
from shared import plain_routes

router = plain_routes.router(tags=["market"])


@router.get("/market")
async def read_market(request: Request, buyer: Comparing, question: Question) -> MarketReply:
    """Agencies by placements, nights and spending; shares by tier and in-house; concentration; agencies and tiers nobody used."""
    async with reading(request, buyer) as transaction:
        scope = await question.scope(transaction)
        return MarketReply.of(scope, await market.read(transaction, scope))
