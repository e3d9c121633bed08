"""The log of events: each as it was heard, written once and never changed; read only to build everything again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from monitoring.domain.heard import kept
from shared import clock
from shared.contracts import Envelope
from shared.organisation import Organisation
from shared.tenancy import Transaction

# Bare: naming the column that conflicts would ask for the right to read the log, which nobody's news has.
_ADD = """
INSERT INTO heard (organisation, id, type, happened_at, heard_at, envelope)
SELECT $1, given.* FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::jsonb[]) AS given ON CONFLICT DO NOTHING
"""


async def keep(transaction: Transaction, envelopes: Sequence[Envelope]) -> None:
    """Write events into the log, each under the rights of whose news it is; one that is there stays as it is."""
    heard_at = clock.now()
    by_author: dict[str, list[Envelope]] = {}
    for envelope in envelopes:
        by_author.setdefault(envelope.organisation, []).append(envelope)
    for author, theirs in sorted(by_author.items()):
        async with transaction.acting_as(Organisation.parse(author)):
            await transaction.driver.execute(
                _ADD,
                author,
                [each.id for each in theirs],
                [each.type for each in theirs],
                [each.time for each in theirs],
                [heard_at] * len(theirs),
                [json.dumps(kept(each)) for each in theirs],
            )
