"""A council uploads how many children it looks after; every council is told the rounded aggregates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from referrals.domain.counts import Written, checked, told
from referrals.store import counts as store
from referrals.store.counts import Upload
from shared import clock, outbox
from shared.contracts.referrals import CouncilCountsRecorded, CountedChildren, CountedTrait
from shared.organisation import CONSORTIUM
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction


async def upload(
    transaction: Transaction, as_of: date, total: str | None, written: Sequence[Written], unread: Sequence[Reason], *, subject: str
) -> Upload:
    """Put a council's counts in force in place of those before.

    Refused with every fault of every row: parts that do not add up, more than the total, values not counted by, rows of a file that could
    not be read (``unread``); and when they are older than the counts in force.
    """
    counts, broken = checked(as_of, total, written, clock.today())
    before = await store.newest_upload(transaction)
    if before is not None and as_of < before.counts.as_of:
        words = "Newer counts are in force already. Give counts of the same day or a later one."
        broken = (*broken, Reason("as_of", "not_older_than_in_force", words))
    if counts is None or broken or unread:
        raise invalid(*unread, *broken)
    uploaded = Upload(before.version + 1 if before else 1, counts, subject, clock.now())
    if not await store.add_upload(transaction, uploaded):
        words = "Counts were uploaded in this very moment by somebody else of your council. Read them, then upload again if need be."
        raise conflict(words, Reason("as_of", "one_upload_at_a_time", words))
    council, others = transaction.organisation.code, told(counts)
    event = CouncilCountsRecorded(
        counted_by=council,
        as_of=others.as_of,
        total=others.total,
        cells=tuple(
            CountedChildren(
                of=tuple(CountedTrait(attribute=name, value=value) for name, value in cell.of),
                children=cell.count.low if cell.count.low == cell.count.high else None,
            )
            for cell in others.cells
        ),
    )
    # Aggregates for every council, also those with databases of their own: news of the consortium, about no one council, goes to each.
    async with transaction.acting_as(CONSORTIUM):
        outbox.record(transaction, event, subject=council, version=uploaded.version, council=None)
    return uploaded


async def in_force(transaction: Transaction) -> Upload | None:
    """The council's own counts as uploaded; None before it uploaded any."""
    return await store.newest_upload(transaction)
