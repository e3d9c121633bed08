"""Market use as it is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field

from monitoring.actions.market import NamedMarket
from monitoring.domain import market as found
from monitoring.domain.ledger.pence import pounds
from monitoring.domain.scope import Scope
from monitoring.schemas.figures import Asked


class Share(BaseModel):
    """One agency or tier. Shares are in per cent; null where there was nothing to share."""

    code: Annotated[str, Field(description="an agency's Ofsted number, or a tier")]
    name: str | None = None
    placements: Annotated[int, Field(description="agreed in the period and not cancelled")]
    nights: Annotated[int, Field(description="slept in the period")]
    spend: Annotated[Decimal, Field(description="pounds charged for those nights")]
    share_of_placements: Decimal | None
    share_of_spend: Decimal | None

    @classmethod
    def of(cls, given: found.Share, name: str | None = None) -> Self:
        """In pounds."""
        return cls(
            code=given.code,
            name=name,
            placements=given.placements,
            nights=given.nights,
            spend=pounds(given.pence),
            share_of_placements=given.of_placements,
            share_of_spend=given.of_spend,
        )


class Concentration(BaseModel):
    """The Herfindahl–Hirschman index (10,000: one agency alone) and the share of the three largest; null where nothing was bought."""

    agencies: int
    index: Decimal | None
    top_three_per_cent: Decimal | None
    words: str

    @classmethod
    def of(cls, given: found.Concentration) -> Self:
        """With what it says."""
        return cls(agencies=given.agencies, index=given.index, top_three_per_cent=given.top, words=given.words)


class Agency(BaseModel):
    """An agency by number and name."""

    code: str
    name: str | None


class TierOfLot(BaseModel):
    """A tier of a lot's published list; one that nobody uses has no placements."""

    lot: str
    tier: int
    agencies: int
    agencies_used: int
    placements: int


class MarketReply(BaseModel):
    """Who is commissioned, over one scope. Own carers are a tier of their own and no part of the agencies' shares."""

    asked: Asked
    agencies: list[Share]
    tiers: list[Share]
    concentration_of_placements: Concentration
    concentration_of_spend: Concentration
    never_used: list[Agency]
    tiers_of_lots: list[TierOfLot]

    @classmethod
    def of(cls, scope: Scope, given: NamedMarket) -> Self:
        """Named."""
        market, names = given.market, given.names
        return cls(
            asked=Asked.of(scope),
            agencies=[Share.of(share, names.get(share.code)) for share in market.agencies],
            tiers=[Share.of(share) for share in market.tiers],
            concentration_of_placements=Concentration.of(market.by_placements),
            concentration_of_spend=Concentration.of(market.by_spend),
            never_used=[Agency(code=code, name=names.get(code)) for code in market.never_used],
            tiers_of_lots=[
                TierOfLot(lot=t.lot, tier=t.tier, agencies=t.agencies, agencies_used=t.used, placements=t.placements)
                for t in market.tiers_of_lots
            ],
        )
