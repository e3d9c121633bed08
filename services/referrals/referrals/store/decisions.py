"""Decisions heard of, and the lines of the disclosure ledger that hold their hashes."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from referrals.domain.decision import HeardDecision, InLedger
from referrals.tables import decisions, disclosures
from shared.one_of import one_of
from shared.tenancy import Transaction


async def keep(transaction: Transaction, heard: HeardDecision) -> bool:
    """Keep what was heard of a decision; False, and nothing done, when it was heard of before."""
    new = insert(decisions).values(
        organisation=str(transaction.organisation),
        decision=heard.decision,
        referral=heard.referral,
        offer=heard.offer,
        hash=heard.hash,
        heard_at=heard.heard_at,
    )
    return (await transaction.execute(new.on_conflict_do_nothing().returning(decisions.c.decision))).first() is not None


async def of_referral(transaction: Transaction, referral: UUID) -> list[HeardDecision]:
    """Every decision heard of on a referral, the last first."""
    table = decisions.c
    rows = await transaction.execute(
        select(decisions)
        .where(table.organisation == str(transaction.organisation), table.referral == referral)
        .order_by(table.heard_at.desc(), table.decision.desc())
    )
    return [HeardDecision(row.decision, row.referral, row.offer, bytes(row.hash), row.heard_at) for row in rows]


async def in_ledger(transaction: Transaction, wanted: Collection[UUID]) -> list[InLedger]:
    """The ledger's lines that hold these decisions' hashes, in their order."""
    table = disclosures.c
    rows = await transaction.execute(
        select(table.child, table.line, table.decision, table.decision_hash, table.hash)
        .where(table.organisation == str(transaction.organisation), one_of(table.decision, wanted))
        .order_by(table.line)
    )
    return [InLedger(row.child, row.line, row.decision, bytes(row.decision_hash or b""), bytes(row.hash)) for row in rows]
