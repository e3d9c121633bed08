"""Secret addresses by which a person's calendar reads their organisation's meetings: made, listed, revoked, opened."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from monitoring.domain.meeting import Meeting
from monitoring.store import calendar_feeds, meetings, reference
from monitoring.store.calendar_feeds import Feed
from shared import clock, ids
from shared.organisation import Organisation
from shared.refusals import not_found
from shared.tenancy import Transaction

YEARS_BACK = timedelta(days=2 * 366)


async def make(transaction: Transaction, *, subject: str) -> tuple[Feed, str]:
    """A new address for a person, and its secret: shown this once, kept only as its hash.

    The secret begins with whose meetings it opens, so that they are looked for under that organisation's row security and no other.
    """
    secret = f"{str(transaction.organisation).replace(':', '-')}.{ids.unguessable()}"
    feed = Feed(ids.new_id(), subject, clock.now(), None)
    await calendar_feeds.add(transaction, feed, _hash(secret))
    return feed, secret


async def mine(transaction: Transaction, *, subject: str) -> list[Feed]:
    """A person's addresses that stand; never their secrets."""
    return await calendar_feeds.of_person(transaction, subject)


async def revoke(transaction: Transaction, feed: UUID, *, subject: str) -> None:
    """Make an address worthless at once."""
    if not await calendar_feeds.revoke(transaction, feed, subject, clock.now()):
        raise not_found("calendar address")


def whose(secret: str) -> Organisation:
    """The organisation that a secret says it opens; whether it does is decided by :func:`opened`. Refused as unknown if it says none."""
    name, _, rest = secret.partition(".")
    try:
        if rest:
            return Organisation.parse(name.replace("-", ":", 1))
    except ValueError:
        pass
    raise not_found("calendar address")


async def opened(transaction: Transaction, secret: str) -> list[Meeting]:
    """The meetings behind a secret address; refused when it is unknown or revoked, and the two are told apart by nobody."""
    if not await calendar_feeds.known(transaction, _hash(secret)):
        raise not_found("calendar address")
    return await in_calendar(transaction)


async def in_calendar(transaction: Transaction) -> list[Meeting]:
    """What a calendar shows: the meetings of the last two years and all to come, cancelled ones among them."""
    return await meetings.between(transaction, first=clock.now() - YEARS_BACK)


async def names(transaction: Transaction) -> dict[str, str]:
    """What organisations are called, by their code."""
    return await reference.councils(transaction) | await reference.agency_names(transaction)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
