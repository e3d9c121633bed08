"""What a council is shown of one home that it asks about: why not, and the nearest change that would make it possible."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from matching.actions.why_not import SeenWhyNot
from matching.domain import why_not
from matching.domain.change import Change as DomainChange
from matching.domain.change import ChangeKind, Unit, Whose
from matching.domain.referral import ReferralState
from matching.domain.suitability import Barrier
from matching.schemas.judged import Check, code


class Change(BaseModel):
    """One change that would take a reason away."""

    change: ChangeKind
    whose: Annotated[Whose, Field(description="who can make it")]
    words: str
    which: list[str]
    amount: Annotated[int | None, Field(description="by how much, where it is a matter of degree")]
    unit: Unit | None
    outside_hearth: Annotated[bool, Field(description="it is arranged between organisations, not here")]
    note: Annotated[str | None, Field(description="what to know before asking for it")]

    @classmethod
    def of(cls, one: DomainChange) -> Self:
        """As it is shown."""
        return cls(
            change=one.kind,
            whose=one.whose,
            words=one.words,
            which=list(one.which),
            amount=one.amount,
            unit=one.unit,
            outside_hearth=one.outside,
            note=one.note,
        )


class BarrierFound(BaseModel):
    """One reason why not, and each way to take it away, the nearest first."""

    reason: Barrier
    which: str | None
    words: str
    changes: list[Change]

    @classmethod
    def of(cls, one: why_not.BarrierFound) -> Self:
        """As it is shown."""
        reason = one.reason
        return cls(reason=reason.barrier, which=reason.which, words=reason.words, changes=[Change.of(way) for way in one.ways])


class WhyNotHome(BaseModel):
    """Why one home cannot take the children of a referral, and the smallest set of changes that makes it suitable."""

    referral: UUID
    reference: str
    state: ReferralState
    vacancy: UUID
    household: UUID
    provider: str
    provider_name: str | None
    judged_by_offer: Annotated[UUID | None, Field(description="the offer whose own word counted; null: the vacancy as published")]
    suitable: bool
    words: str
    reasons: list[BarrierFound]
    smallest_set: list[Change]
    checks: list[Check]

    @classmethod
    def of(cls, seen: SeenWhyNot) -> Self:
        """As it is shown."""
        home, answer = seen.case.home, seen.answer
        return cls(
            referral=seen.known.referral,
            reference=seen.case.referral.reference,
            state=seen.known.state,
            vacancy=home.vacancy,
            household=home.household,
            provider=code(home.provider),
            provider_name=seen.provider_name,
            judged_by_offer=None if seen.offer is None else seen.offer.offer,
            suitable=answer.suitable,
            words=why_not.summary(answer),
            reasons=[BarrierFound.of(one) for one in answer.barriers],
            smallest_set=[Change.of(one) for one in answer.smallest_set],
            checks=[Check.of(check) for check in seen.checks],
        )
