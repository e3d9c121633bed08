"""A council counts stability 2 of the children it looks after; the consortium is told the two numbers and no more."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from referrals.domain.long_term_stability import LongTerm, StabilityCount, counted, long_term
from referrals.store import care as store
from referrals.store import children
from referrals.store.vault import Keyring
from shared import clock, outbox
from shared.contracts.referrals import CouncilStabilityCounted
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction

EARLIEST = date(2010, 1, 1)
_AT_ONCE = 500


async def count(transaction: Transaction, ring: Keyring, as_of: date) -> StabilityCount:
    """Count the council's children as they lived on a day. Dates of birth are opened to tell who is under 16 and shown to nobody."""
    if not EARLIEST <= as_of <= clock.today():
        raise invalid(Reason("as_of", "a_day_that_was", "Give a day between 1 January 2010 and today."))
    everybody = await store.children_with_care(transaction)
    found: list[LongTerm] = []
    for start in range(0, len(everybody), _AT_ONCE):
        part = everybody[start : start + _AT_ONCE]
        care = await store.care_of(transaction, ring, part)
        for child, record in (await children.opened(transaction, ring, part)).items():
            found.append(long_term(record.identity.date_of_birth, care[child].periods, care[child].stays, as_of))
    return counted(found, as_of)


async def tell(transaction: Transaction, ring: Keyring, as_of: date) -> StabilityCount:
    """Count, and tell the consortium. Counted again for the same day, the later count stands in place of the earlier."""
    found, council = await count(transaction, ring, as_of), transaction.organisation.code
    event = CouncilStabilityCounted(
        council=council, as_of=as_of, looked_after_long=found.looked_after_long, same_placement=found.same_placement
    )
    outbox.record(transaction, event, subject=f"{council}/{as_of.isoformat()}", version=_seconds_since(as_of), council=council)
    return found


def _seconds_since(day: date) -> int:
    """Ascends with every count of a day, and stays within a whole number of four bytes for 68 years."""
    return max(1, int((clock.now() - datetime.combine(day, time(0), UTC)).total_seconds()) + 86_400)
