"""A council's rows here in one archive, taken out and loaded again where it has none yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from referrals.actions import ledger
from referrals.domain.disclosure import CHILD, Right, Stage, fields_shown
from referrals.store import archive as store
from referrals.store import disclosures, erasing
from referrals.store.disclosures import Act
from referrals.store.vault import Keyring
from shared import archive_loading, archive_taking, clock
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction

SHOWS = (*fields_shown(CHILD, Stage.COUNCIL_ONLY), "time_in_care")
"""What an archive holds of each child."""


async def write_down(transaction: Transaction, ring: Keyring, *, subject: str) -> None:
    """Write down, for each child, that its record is taken in an archive; before the first byte of it is sent."""
    ring.newest(transaction.organisation)  # refused in words while the council has no key, and not halfway through the zip
    await disclosures.record(
        transaction,
        await erasing.not_erased(transaction),
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.READ,
        right=Right.ARCHIVE,
        fields=SHOWS,
        at=clock.now(),
    )


def take(transaction: Transaction, ring: Keyring, *, subject: str) -> AsyncIterator[bytes]:
    """The archive, piece by piece: every row that is the council's, who its children are included."""
    return archive_taking.take(transaction, store.keeping(ring), at=clock.now(), by=subject)


async def load(transaction: Transaction, ring: Keyring, content: bytes) -> Mapping[str, int]:
    """Load an archive of this council where it has no rows yet: all of it or nothing. Identities are sealed under this deployment's key.

    The ledger goes on where it ended; refused when its chain is not whole. Nothing is published: placements and referrals that others heard
    of once must not be heard of again.
    """
    rows = await archive_loading.load(transaction, store.keeping(ring), content)
    await store.make_findable(transaction, ring)
    found = await ledger.verify(transaction, None)
    if found.broken is not None:
        words = f"The ledger in this archive is not as it was written: its chain breaks at line {found.broken.line}. Nothing was loaded."
        raise invalid(Reason("disclosures", found.broken.rule, words))
    return rows
