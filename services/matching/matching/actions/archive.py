"""A council's rows here in one archive, taken out and loaded again where it has none yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from matching.store.archive import KEEPING
from shared import archive_loading, archive_taking, clock
from shared.tenancy import Transaction


def take(transaction: Transaction, *, subject: str) -> AsyncIterator[bytes]:
    """The archive, piece by piece: referrals as providers saw them, offers, weights, panels, decisions. No child is named here."""
    return archive_taking.take(transaction, KEEPING, at=clock.now(), by=subject)


async def load(transaction: Transaction, content: bytes) -> Mapping[str, int]:
    """Load an archive of this council where it has no rows yet: all of it or nothing, and nothing is published."""
    return await archive_loading.load(transaction, KEEPING, content)
