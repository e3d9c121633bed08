"""Signing in to the pages, staying signed in, signing out. No token is kept: a session says who, and for how long."""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.domain.page_session import SEEN_EVERY, Held, Lasting, PageSession
from monitoring.store import page_sessions, reference
from shared import clock, ids
from shared.tenancy import Transaction


async def begin(transaction: Transaction, *, subject: str, roles: Iterable[str], lasting: Lasting) -> Held:
    """A new session for a person of the transaction's organisation, under a secret made for it; past ones are cleared away."""
    now = clock.now()
    held = Held(transaction.organisation, ids.unguessable())
    await page_sessions.remove_past(transaction, now, lasting)
    await page_sessions.add(transaction, held.digest, PageSession(subject, frozenset(roles), now, now))
    return held


async def current(transaction: Transaction, held: Held, lasting: Lasting) -> tuple[PageSession, str] | None:
    """Who the browser is signed in as, and what the organisation is called; None when it is not, or no longer."""
    now = clock.now()
    found = await page_sessions.find(transaction, held.digest)
    if found is None or found.over(now, lasting):
        return None
    if now >= found.seen_at + SEEN_EVERY:
        await page_sessions.seen(transaction, held.digest, now)
    return found, await reference.name_of(transaction, transaction.organisation)


async def end(transaction: Transaction, held: Held) -> None:
    """Sign out: the secret is worth nothing from now on."""
    await page_sessions.remove(transaction, held.digest)
