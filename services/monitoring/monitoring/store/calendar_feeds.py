"""The secret addresses by which calendars read meetings: only the hash of each secret is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from monitoring.tables import calendar_feeds
from shared.tenancy import Transaction

F = calendar_feeds.c


@dataclass(frozen=True, slots=True)
class Feed:
    """One person's address."""

    id: UUID
    subject: str
    made_at: datetime
    revoked_at: datetime | None


async def add(transaction: Transaction, feed: Feed, secret_hash: bytes) -> None:
    """Keep a new address by the hash of its secret."""
    values = {"id": feed.id, "secret_hash": secret_hash, "subject": feed.subject, "made_at": feed.made_at}
    await transaction.execute(insert(calendar_feeds).values(organisation=str(transaction.organisation), **values))


async def known(transaction: Transaction, secret_hash: bytes) -> bool:
    """Whether an address with this secret stands and is not revoked."""
    query = select(F.id).where(F.secret_hash == secret_hash, F.revoked_at.is_(None))
    return await transaction.scalar(query) is not None


async def of_person(transaction: Transaction, subject: str) -> list[Feed]:
    """One person's addresses that stand."""
    rows = await transaction.execute(select(calendar_feeds).where(F.subject == subject, F.revoked_at.is_(None)).order_by(F.made_at))
    return [Feed(row.id, row.subject, row.made_at, row.revoked_at) for row in rows]


async def revoke(transaction: Transaction, feed: UUID, subject: str, at: datetime) -> bool:
    """Make one of a person's addresses worthless; False when there is none."""
    mine = (F.id == feed, F.subject == subject, F.revoked_at.is_(None))
    return (await transaction.execute(update(calendar_feeds).where(*mine).values(revoked_at=at).returning(F.id))).first() is not None
