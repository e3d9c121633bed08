"""Which agencies may read the words of a referral: those on the lot's published list when it was broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select

from referrals.tables import councils, tier_lines, word_readers
from shared.contracts.providers import TiersPublished
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Transaction

_GIVE = """
INSERT INTO word_readers (council, referral, provider, tier, given_at)
SELECT $1, $2, 'agency:' || agency, tier, $4 FROM tier_lines WHERE lot = $3
ON CONFLICT DO NOTHING
"""
_CATCH_UP = """
INSERT INTO word_readers (council, referral, provider, tier, given_at)
SELECT r.organisation, r.id, 'agency:' || t.agency, t.tier, r.broadcast_at
FROM referrals r JOIN tier_lines t ON t.lot = r.lot
WHERE r.organisation = $1 AND r.lot = $2 AND r.state = 'broadcast' AND r.broadcast_at >= $3
ON CONFLICT DO NOTHING
"""


async def give(transaction: Transaction, referral: UUID, lot: str, at: datetime) -> None:
    """Let every agency of the lot read the words: one statement, one row an agency."""
    # Takes turns with a list being heard, so that either this statement sees the list or the list sees this referral.
    await transaction.driver.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", f"tiers/{lot}")
    await transaction.driver.execute(_GIVE, str(transaction.organisation), referral, lot, at)


async def council_of(transaction: Transaction, referral: UUID) -> Organisation | None:
    """Whose referral it is, for an agency it was broadcast to; None for every other."""
    table = word_readers.c
    query = select(table.council).where(table.provider == str(transaction.organisation), table.referral == referral)
    found = await transaction.scalar(query)
    return Organisation.parse(found) if found else None


async def keep_list(transaction: Transaction, heard: TiersPublished, version: int) -> None:
    """Keep a lot's published list in place of the one before, unless something newer is known.

    A list published before a broadcast and heard after it is caught up: the agencies on it may read that referral too, as
    ``matching`` shows it to them (decision 0501).
    """
    async with transaction.acting_as(CONSORTIUM):
        await transaction.driver.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"tiers/{heard.lot}")
        known = await transaction.scalar(select(tier_lines.c.version).where(tier_lines.c.lot == heard.lot).limit(1))
        if known is not None and known >= version:
            return
        await transaction.execute(delete(tier_lines).where(tier_lines.c.lot == heard.lot))
        rows = [
            {"organisation": str(CONSORTIUM), "lot": heard.lot, "agency": line.agency, "tier": line.tier, "version": version}
            for line in heard.lines
        ]
        if rows:
            await transaction.execute(insert(tier_lines), rows)
        codes: Sequence[str] = (await transaction.execute(select(councils.c.code).order_by(councils.c.code))).scalars().all()
    for code in codes:
        async with transaction.acting_as(Organisation.council(code)):  # each council's referrals are its own to share
            await transaction.driver.execute(_CATCH_UP, f"council:{code}", heard.lot, heard.published_at)
