"""How a home was judged, as councils and the home's own provider are shown it. Organisations are shown by code."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field

from matching.domain import guard, suitability
from matching.domain.approval import OFFICES, ApprovalFor, Office
from matching.domain.fit import Fit as DomainFit
from matching.domain.fit import Part
from matching.domain.guard import Outcome, Question


def code(organisation: str) -> str:
    """``E06000045`` of ``council:E06000045``."""
    return organisation.partition(":")[2]


class ReasonAgainst(BaseModel):
    """Why a home cannot take the children, from a closed list, and in words."""

    reason: suitability.Barrier
    which: str | None
    words: str

    @classmethod
    def of(cls, reason: suitability.Reason) -> Self:
        """As it is shown."""
        return cls(reason=reason.barrier, which=reason.which, words=reason.words)


class Check(BaseModel):
    """One check of the law or the framework: clear, for a named officer to decide, or blocked."""

    question: Question
    outcome: Outcome
    words: str
    source: str
    clears: Annotated[str | None, Field(description="what would clear it")]
    approval: Annotated[ApprovalFor | None, Field(description="what a named officer must approve before this home is chosen")]
    offices: Annotated[list[Office], Field(description="who may approve it")]

    @classmethod
    def of(cls, check: guard.Check) -> Self:
        """As it is shown."""
        return cls(
            question=check.question,
            outcome=check.outcome,
            words=check.words,
            source=check.source,
            clears=check.clears,
            approval=check.approval,
            offices=list(OFFICES[check.approval]) if check.approval else [],
        )


class FitPart(BaseModel):
    """What one part of fit gave."""

    part: Part
    points: Decimal
    most: Decimal
    words: str


class Fit(BaseModel):
    """How well a home suits, 0 to 100, and how that came about."""

    score: Decimal
    parts: list[FitPart]

    @classmethod
    def of(cls, fit: DomainFit) -> Self:
        """As it is shown."""
        return cls(score=fit.score, parts=[FitPart(part=one.part, points=one.points, most=one.most, words=one.words) for one in fit.parts])
