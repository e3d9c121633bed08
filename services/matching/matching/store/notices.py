"""Notices: written in the transaction of what they tell of, numbered when their organisation first looks, read in that order.

Numbers given when a row is written commit out of order, so a reader that asks for "greater than the last seen" would miss the
one that commits late. So a row is written without a number. Whoever reads an organisation's feed first numbers what has been
committed since, under a lock on that organisation's line in ``notice_feeds`` which is held until the numbers are committed: a number is
never given below one that was seen (decision 0517).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text

from matching.domain.notice import News, Notice, NoticeType
from matching.tables import notice_feeds, notices
from shared import ids, tracing
from shared.one_of import one_of
from shared.tenancy import Transaction

_TELL = text("""
INSERT INTO notices (organisation, author, notice, type, happened_at, council, referral, reference, offer, subject, traceparent)
SELECT told.to, :author, told.notice, told.type, :at, told.council, told.referral, told.reference, told.offer, told.subject, :traceparent
FROM jsonb_to_recordset(CAST(:told AS jsonb))
    AS told("to" text, notice uuid, type text, council text, referral uuid, reference text, offer uuid, subject uuid)
""")


async def tell(transaction: Transaction, at: datetime, *news: News) -> None:
    """Let these organisations know, if and when the transaction commits; the author is whoever the transaction acts for."""
    if not news:
        return
    told = [
        {
            "to": one.to,
            "notice": str(ids.new_id()),
            "type": one.type,
            "council": one.council,
            "referral": one.referral and str(one.referral),
            "reference": one.reference,
            "offer": one.offer and str(one.offer),
            "subject": one.subject and str(one.subject),
        }
        for one in news
    ]
    about = {"author": str(transaction.organisation), "at": at, "traceparent": tracing.carried().traceparent}
    await transaction.execute(_TELL, {**about, "told": json.dumps(told)})


@dataclass(frozen=True, slots=True)
class Feed:
    """How far an organisation's feed is numbered, and up to which number it has been cleared away."""

    numbered: int
    pruned: int


_UNNUMBERED = text("SELECT EXISTS (SELECT FROM notices WHERE organisation = :organisation AND number IS NULL)")
_LOCK = text("""
INSERT INTO notice_feeds (organisation, numbered) VALUES (:organisation, 0)
ON CONFLICT (organisation) DO UPDATE SET numbered = notice_feeds.numbered RETURNING numbered, pruned
""")
# ``notice`` grows with time within a process, so what one transaction told is numbered in the order in which it told it.
_NUMBER = text("""
WITH given AS (
    UPDATE notices SET number = :numbered + next.place
    FROM (SELECT ctid AS row, row_number() OVER (ORDER BY happened_at, notice) AS place
          FROM notices WHERE organisation = :organisation AND number IS NULL) AS next
    WHERE notices.ctid = next.row AND notices.organisation = :organisation
    RETURNING notices.number)
UPDATE notice_feeds SET numbered = numbered + (SELECT count(*) FROM given) WHERE organisation = :organisation RETURNING numbered
""")


async def number(transaction: Transaction, organisation: str) -> Feed:
    """Give every notice of the organisation that is committed by now its place in the feed."""
    if await transaction.scalar(_UNNUMBERED, {"organisation": organisation}):
        locked = (await transaction.execute(_LOCK, {"organisation": organisation})).one()
        # A statement of its own: it must see what the holder of the lock before us committed.
        numbered = await transaction.scalar(_NUMBER, {"organisation": organisation, "numbered": locked.numbered})
        return Feed(numbered, locked.pruned)
    found = (await transaction.execute(select(notice_feeds).where(notice_feeds.c.organisation == organisation))).first()
    return Feed(0, 0) if found is None else Feed(found.numbered, found.pruned)


async def after(transaction: Transaction, organisation: str, number: int, limit: int) -> Sequence[Notice]:
    """An organisation's notices from the one after this number on, in order."""
    rows = await transaction.execute(
        select(notices).where(notices.c.organisation == organisation, notices.c.number > number).order_by(notices.c.number).limit(limit)
    )
    return [_notice(row) for row in rows]


async def numbered(transaction: Transaction, organisation: str, numbers: Sequence[int]) -> Sequence[Notice]:
    """Notices by their numbers, in order."""
    rows = await transaction.execute(
        select(notices).where(notices.c.organisation == organisation, one_of(notices.c.number, numbers)).order_by(notices.c.number)
    )
    return [_notice(row) for row in rows]


# Cleared away in the order of the feed, up to the first that is still young: what is kept never has a gap.
_PRUNE = text("""
WITH kept AS (SELECT coalesce(min(number) - 1, :numbered) AS up_to FROM notices
              WHERE organisation = :organisation AND number <= :numbered AND happened_at >= :before),
gone AS (DELETE FROM notices USING kept WHERE organisation = :organisation AND number <= kept.up_to RETURNING number)
UPDATE notice_feeds SET pruned = greatest(pruned, (SELECT coalesce(max(number), 0) FROM gone)) WHERE organisation = :organisation
RETURNING pruned
""")


async def prune(transaction: Transaction, organisation: str, before: datetime) -> int:
    """Clear away what happened before this; up to which number, which the feed remembers so that an older cursor is told."""
    feed = await number(transaction, organisation)
    pruned = await transaction.scalar(_PRUNE, {"organisation": organisation, "numbered": feed.numbered, "before": before})
    return pruned or 0


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        number=row.number,
        notice=row.notice,
        type=NoticeType(row.type),
        happened_at=row.happened_at,
        council=row.council,
        referral=row.referral,
        reference=row.reference,
        offer=row.offer,
        subject=row.subject,
        traceparent=row.traceparent,
    )
