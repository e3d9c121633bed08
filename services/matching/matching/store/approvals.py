"""Approvals by named officers: added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from matching.domain.approval import Approval, ApprovalFor, ApprovalReason, NewApproval, Office
from matching.tables import approvals
from shared.tenancy import Transaction


async def keep(transaction: Transaction, council: str, given: Sequence[Approval]) -> None:
    """Write these down."""
    if given:
        await transaction.execute(
            insert(approvals),
            [
                {
                    "council": council,
                    "approval": one.approval,
                    "referral": one.referral,
                    "offer": one.offer,
                    "household": one.household,
                    "approved_for": one.given.approved_for,
                    "officer": one.given.officer,
                    "office": one.given.office,
                    "reason": one.given.reason,
                    "approved_on": one.given.approved_on,
                    "recorded_by": one.recorded_by,
                    "recorded_at": one.recorded_at,
                }
                for one in given
            ],
        )


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> tuple[Approval, ...]:
    """Every approval on a council's referral, the first recorded first."""
    rows = await transaction.execute(
        select(approvals)
        .where(approvals.c.council == council, approvals.c.referral == referral)
        .order_by(approvals.c.recorded_at, approvals.c.approval)
    )
    return tuple(
        Approval(
            approval=row.approval,
            referral=row.referral,
            offer=row.offer,
            household=row.household,
            given=NewApproval(ApprovalFor(row.approved_for), row.officer, Office(row.office), ApprovalReason(row.reason), row.approved_on),
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )
