"""What gap analysis keeps of each broadcast referral: written a month at a time, read by the moment of the broadcast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import delete, insert, select

from monitoring import tables
from monitoring.domain.gaps.broadcast import Broadcast
from monitoring.domain.gaps.sought import Free, Offers, Sought
from monitoring.domain.scope import Scope
from shared.tenancy import Transaction

KEPT, MONTHS, SUMS = tables.gap_referrals, tables.gap_months, tables.counted_sums

# On the driver's own connection, as the other counts are: a page reads some thousands of rows.
_READ = """
SELECT referral, council, lot, urgency, broadcast_at, closes_at, home_district, ages, needs,
    offers, offers_placed, first_offer_at, nearest_miles, free_anywhere, free_near
FROM gap_referrals
WHERE broadcast_at >= $1 AND broadcast_at < $2 AND ($3::text IS NULL OR council = $3) AND ($4::text IS NULL OR lot = $4)
ORDER BY broadcast_at, referral
"""
_COLUMNS = (
    *("organisation", "month", "referral", "council", "lot", "urgency", "broadcast_at", "closes_at", "home_district", "ages", "needs"),
    *("offers", "offers_placed", "first_offer_at", "nearest_miles", "free_anywhere", "free_near"),
)
_WRITE = (
    f"INSERT INTO gap_referrals ({', '.join(_COLUMNS)}) "  # noqa: S608 (names of columns, no value)
    f"VALUES ({', '.join(f'${number}' for number, _ in enumerate(_COLUMNS, 1))})"
)


async def of_scope(transaction: Transaction, scope: Scope) -> list[Broadcast]:
    """The kept referrals of a scope that the reader may see, by the moment of their broadcast."""
    rows = await transaction.driver.fetch(_READ, scope.period.opens, scope.period.closes, scope.council, scope.lot)
    return [
        Broadcast(
            Sought(id, council, lot, urgency, broadcast_at, closes_at, district, tuple(ages), tuple(needs)),
            Offers(offers, placed, first_at, nearest),
            Free(anywhere, near),
        )
        for (
            id, council, lot, urgency, broadcast_at, closes_at, district, ages, needs, offers, placed, first_at, nearest, anywhere, near,
        ) in rows
    ]  # fmt: skip


async def councils_of(transaction: Transaction, months: Sequence[date]) -> set[str]:
    """Every council that a kept row of these months is about."""
    rows = await transaction.execute(select(KEPT.c.council).where(KEPT.c.month.in_(months)).distinct())
    return {row.council for row in rows}


async def uncounted(transaction: Transaction, first: date | None = None, last: date | None = None) -> set[date]:
    """Months, between two or all, whose KPIs are counted and whose referrals are not: an earlier release counted them."""
    c = SUMS.c
    query = select(c.month).where(c.month.not_in(select(MONTHS.c.month))).distinct()
    if first is not None:
        query = query.where(c.month >= first)
    if last is not None:
        query = query.where(c.month <= last)
    return {row.month for row in await transaction.execute(query)}


async def write(transaction: Transaction, by_month: Mapping[date, Iterable[Broadcast]]) -> None:
    """In place of these months' rows write these, for the organisation whose transaction it is."""
    for table in (KEPT, MONTHS):
        await transaction.execute(delete(table).where(table.c.month.in_(list(by_month))))
    own = str(transaction.organisation)
    await transaction.execute(insert(MONTHS), [{"organisation": own, "month": month} for month in by_month])
    rows = [(own, month, *_values(each)) for month, found in by_month.items() for each in found]
    await transaction.driver.executemany(_WRITE, rows)


def _values(each: Broadcast) -> tuple[object, ...]:
    sought, offers, free = each.sought, each.offers, each.free
    return (
        *(sought.id, sought.council, sought.lot, sought.urgency, sought.broadcast_at, sought.closes_at, sought.district),
        *(list(sought.ages), list(sought.needs), offers.many, offers.placed, offers.first_at, offers.nearest, free.anywhere, free.near),
    )

