"""An event is claimed by its id in the transaction that does its work, so that hearing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from shared.tenancy import Transaction

# Sorted: two consumers that hold the same events in another order would otherwise wait for each other's claims for ever.
_CLAIM = """
INSERT INTO inbox (event_id) SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
ON CONFLICT (event_id) DO NOTHING RETURNING event_id
"""


async def claim(transaction: Transaction, ids: Collection[UUID]) -> set[UUID]:
    """Which of these events nobody has worked on; they are this transaction's if it commits.

    Waits while another transaction holds one of them, and claims it only if that one rolls back.
    """
    rows = await transaction.driver.fetch(_CLAIM, list(ids))
    return {row["event_id"] for row in rows}
