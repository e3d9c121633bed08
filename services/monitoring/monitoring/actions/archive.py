"""A council's rows here in one archive, taken out and loaded again where it has none yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from monitoring.store import due
from monitoring.store.archive import KEEPING
from shared import archive_loading, archive_taking, clock
from shared.tenancy import Transaction


def take(transaction: Transaction, *, subject: str) -> AsyncIterator[bytes]:
    """The archive, piece by piece: the facts its figures are counted from, and its baseline prices. No child is named here."""
    return archive_taking.take(transaction, KEEPING, at=clock.now(), by=subject)


async def load(transaction: Transaction, content: bytes) -> Mapping[str, int]:
    """Load an archive of this council where it has no rows yet: all of it or nothing, and nothing is published."""
    loaded = await archive_loading.load(transaction, KEEPING, content)
    if (first := await due.first_day(transaction)) is not None:
        await due.mark(transaction, first, max(first, clock.today()))
    return loaded
