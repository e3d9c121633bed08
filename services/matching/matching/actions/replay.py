"""Decisions replayed by the weights of their day, and those weights."""

from __future__ import annotations

from uuid import UUID

from matching.actions.choices import all_decisions
from matching.domain.decision import Decision
from matching.domain.fit import Weights
from matching.domain.replay import Replayed, replayed
from matching.store import weights
from shared.tenancy import Transaction


async def decisions_replayed(transaction: Transaction, council: str, referral: UUID) -> list[tuple[Decision, Replayed]]:
    """Every decision on a referral, the last first, each judged again from its record alone; refused when none has been made."""
    return [(decision, replayed(decision.record)) for decision in await all_decisions(transaction, council, referral)]


async def weights_so_far(transaction: Transaction, council: str) -> tuple[Weights, list[Weights]]:
    """The weights that count now, and every version the council has set, the newest first."""
    return await weights.current(transaction, council), await weights.history(transaction, council)
