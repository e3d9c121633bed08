"""Who is signed in to the pages; each row is seen under its own organisation's row security alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update

from monitoring import tables
from monitoring.domain.page_session import Lasting, PageSession
from shared.tenancy import Transaction

SESSIONS = tables.page_sessions


async def add(transaction: Transaction, digest: bytes, session: PageSession) -> None:
    """Keep a new session."""
    await transaction.execute(
        insert(SESSIONS).values(
            organisation=str(transaction.organisation),
            digest=digest,
            subject=session.subject,
            roles=sorted(session.roles),
            began_at=session.began_at,
            seen_at=session.seen_at,
        )
    )


async def find(transaction: Transaction, digest: bytes) -> PageSession | None:
    """The session of that hash, past or not."""
    row = (await transaction.execute(select(SESSIONS).where(SESSIONS.c.digest == digest))).one_or_none()
    return PageSession(row.subject, frozenset(row.roles), row.began_at, row.seen_at) if row else None


async def seen(transaction: Transaction, digest: bytes, now: datetime) -> None:
    """It was used."""
    await transaction.execute(update(SESSIONS).where(SESSIONS.c.digest == digest).values(seen_at=now))


async def remove(transaction: Transaction, digest: bytes) -> None:
    """It is good no longer."""
    await transaction.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest))


async def remove_past(transaction: Transaction, now: datetime, lasting: Lasting) -> None:
    """The organisation's own sessions that are past."""
    past = or_(SESSIONS.c.seen_at <= now - lasting.idle, SESSIONS.c.began_at <= now - lasting.longest)
    await transaction.execute(delete(SESSIONS).where(past))
