"""Decisions and what came of them: written once, never changed (the application's role holds no right to)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert

from matching.domain.decision import Decision, Outcome
from matching.tables import decision_outcomes, decisions
from shared.tenancy import Transaction


async def keep(transaction: Transaction, decision: Decision) -> None:
    """Write a decision down."""
    await transaction.execute(
        insert(decisions).values(
            council=decision.council,
            decision=decision.decision,
            referral=decision.referral,
            offer=decision.offer,
            decided_at=decision.decided_at,
            decided_by=decision.decided_by,
            reason=decision.reason,
            record=decision.record,
            hash=decision.hash,
        )
    )


async def keep_outcome(
    transaction: Transaction, council: str, decision: UUID, outcome: Outcome, reasons: Sequence[str], now: datetime
) -> None:
    """Write down what came of it; the first word stands."""
    new = insert(decision_outcomes).values(council=council, decision=decision, outcome=outcome, reasons=list(reasons), told_at=now)
    await transaction.execute(new.on_conflict_do_nothing())


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> list[Decision]:
    """Every decision on a council's referral, the last first."""
    joined = and_(decision_outcomes.c.council == decisions.c.council, decision_outcomes.c.decision == decisions.c.decision)
    rows = await transaction.execute(
        select(decisions, decision_outcomes.c.outcome, decision_outcomes.c.reasons, decision_outcomes.c.told_at)
        .join_from(decisions, decision_outcomes, joined, isouter=True)
        .where(decisions.c.council == council, decisions.c.referral == referral)
        .order_by(decisions.c.decided_at.desc(), decisions.c.decision.desc())
    )
    return [
        Decision(
            council=row.council,
            decision=row.decision,
            referral=row.referral,
            offer=row.offer,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            reason=row.reason,
            record=row.record,
            hash=None if row.hash is None else bytes(row.hash),
            outcome=Outcome(row.outcome or Outcome.PENDING),
            reasons=tuple(row.reasons or ()),
            told_at=row.told_at,
        )
        for row in rows
    ]


async def told_if_not_chosen(transaction: Transaction, council: str, decision: UUID) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    """What each other offer's provider is to be told: coded reason and words, as settled when the decision was made."""
    offers = await transaction.scalar(
        select(decisions.c.record["offers"]).where(decisions.c.council == council, decisions.c.decision == decision)
    )
    return {
        UUID(one["offer"]["offer"]): (one["told_if_not_chosen"]["reason"], tuple(one["told_if_not_chosen"]["words"]))
        for one in offers or ()
        if one["told_if_not_chosen"]
    }


async def hash_of(transaction: Transaction, council: str, decision: UUID) -> bytes | None:
    """The hash of a decision's record as it was made; None for one older than hashes."""
    kept = await transaction.scalar(select(decisions.c.hash).where(decisions.c.council == council, decisions.c.decision == decision))
    return None if kept is None else bytes(kept)
