"""Who knows what of a child, in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from referrals.domain.disclosure import CHILD, Stage, fields_shown
from referrals.domain.knowledge import Known, known_by
from referrals.store import knowledge as store
from shared.tenancy import Transaction


async def who_knows(transaction: Transaction, child: UUID) -> Sequence[Known]:
    """Every organisation that was given or shown something of this child: which fields, since when, until when, by which right."""
    return known_by(await store.seen_of(transaction, child), await store.told_of(transaction, child), fields_shown(CHILD, Stage.BROADCAST))
