"""Weights by their versions, and decisions replayed under the weights of their day."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from matching.domain import fit
from matching.domain.decision import Decision
from matching.domain.replay import Replayed


class Weights(BaseModel):
    """One version of a council's weights of fit."""

    version: Annotated[int, Field(description="the version of your settings; 0: the defaults, until you set your own")]
    effective_from: AwareDatetime | None
    weights: dict[fit.Part, Decimal]

    @classmethod
    def of(cls, weights: fit.Weights) -> Self:
        """As it is shown."""
        return cls(version=weights.version, effective_from=weights.effective_from, weights=dict(weights.of))


class WeightsByVersion(BaseModel):
    """What counts now, and all there was, the newest first."""

    current: Weights
    history: list[Weights]


class DecisionReplay(BaseModel):
    """One decision worked out again from its record."""

    decision: UUID
    decided_at: AwareDatetime
    weights_version: int | None
    same: bool
    words: str
    differences: list[str]

    @classmethod
    def of(cls, decision: Decision, again: Replayed) -> Self:
        """As it is shown."""
        if again.same:
            words = "The same offers come out in the same order, for the same reasons, by the weights of that day."
        elif again.replayable:
            words = "It comes out otherwise than it was recorded: the record was altered, or the software has come to judge otherwise."
        else:
            words = "This decision cannot be replayed by this release. The record itself still says what was shown and why."
        return cls(
            decision=decision.decision,
            decided_at=decision.decided_at,
            weights_version=decision.record.get("weights_version"),
            same=again.same,
            words=words,
            differences=list(again.differences),
        )


class DecisionReplays(BaseModel):
    """Every decision on a referral, the last first."""

    items: list[DecisionReplay]
