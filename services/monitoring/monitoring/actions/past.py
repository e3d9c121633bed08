"""Bring in facts from before Hearth: all of a request or none of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from monitoring.domain.past import BroughtIn, Known, PastEvent, PastFault, faults_of
from monitoring.domain.period import UK
from monitoring.store import learning, past, reference
from shared import clock, inbox
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction

_AT_ONCE = 250
"""Events looked at before others get their turn."""


async def bring_in(
    transaction: Transaction, events: Sequence[PastEvent], faults: Sequence[PastFault], *, content: bytes, subject: str
) -> BroughtIn:
    """Learn these events as if the bus had brought them, or refuse all with every fault of every line.

    ``faults`` are those found on reading. An event whose id is known, from the bus or from an earlier past, changes nothing. What was
    brought in is written down with who did it and the digest of what was sent, unless nothing of it was new.
    """
    known = await _known(transaction)
    known, now = known.with_those_of(events), clock.now()
    found = list(faults)
    for done, event in enumerate(events):
        if done % _AT_ONCE == 0:
            await asyncio.sleep(0)
        found += faults_of(event, known, now=now)
    if found:
        found.sort(key=lambda fault: (fault.line, fault.field))
        raise invalid(*(Reason(fault.place, fault.rule, fault.message) for fault in found))
    claimed = await inbox.claim(transaction, {event.envelope.id for event in events})
    new = {event.envelope.id: event for event in reversed(events) if event.envelope.id in claimed}
    await learning.learn(transaction, [(event.envelope, event.lessons) for event in reversed(new.values())])
    days = [event.envelope.time.astimezone(UK).date() for event in events]
    brought = BroughtIn(subject, now, len(new), len(events), min(days), max(days), hashlib.sha256(content).hexdigest())
    if new:
        await past.add(transaction, brought)
    return brought


async def pasts(transaction: Transaction, *, limit: int) -> list[BroughtIn]:
    """What was brought in, the latest first."""
    return await past.latest(transaction, limit=limit)


async def _known(transaction: Transaction) -> Known:
    councils = await reference.councils(transaction)
    lots = await reference.bands(transaction)
    return Known(frozenset(councils), await reference.agencies(transaction), frozenset(lots))
