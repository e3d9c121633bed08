"""Approvals by named officers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from matching.domain import approval as domain
from matching.domain.approval import ApprovalFor, ApprovalReason, Office
from shared.written import Day

Officer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ApprovalOfChoice(BaseModel):
    """What a named officer approved for the offer that is chosen."""

    model_config = ConfigDict(extra="forbid")

    approved_for: ApprovalFor
    officer: Annotated[Officer, Field(description="the officer's name and post; nothing about the child")]
    office: Office
    reason: ApprovalReason
    approved_on: Day

    def approval(self) -> domain.NewApproval:
        """As the domain holds it."""
        return domain.NewApproval(self.approved_for, self.officer, self.office, self.reason, self.approved_on)


class NewApproval(ApprovalOfChoice):
    """What a named officer approved for one offer."""

    offer: UUID


class Approval(BaseModel):
    """An approval as it was recorded."""

    approval: UUID
    referral: UUID
    offer: UUID
    household: UUID
    approved_for: ApprovalFor
    officer: str
    office: Office
    reason: ApprovalReason
    approved_on: date
    recorded_by: str
    recorded_at: AwareDatetime

    @classmethod
    def of(cls, one: domain.Approval) -> Self:
        """As it is shown."""
        given = one.given
        return cls(
            approval=one.approval,
            referral=one.referral,
            offer=one.offer,
            household=one.household,
            approved_for=given.approved_for,
            officer=given.officer,
            office=given.office,
            reason=given.reason,
            approved_on=given.approved_on,
            recorded_by=one.recorded_by,
            recorded_at=one.recorded_at,
        )


class Approvals(BaseModel):
    """Every approval on a referral, the first recorded first."""

    items: list[Approval]
