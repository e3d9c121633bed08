"""Count again what changed: the records as each KPI counts them, month by month, for the consortium and for each council and agency.

What a council or an agency may see of a KPI is a choice of the consortium's rows, so each record is counted once and its row copied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta

from monitoring.actions import gaps
from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.definition import Definition, Reader
from monitoring.domain.facts import Records
from monitoring.domain.period import Period, month_of, months, span_of
from monitoring.store import counting, due, gap_rows, past, reading, reference
from monitoring.store.counting import Kept
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Databases, Transaction

AT_ONCE = 12
"""Months counted in one transaction: what a connection holds and a process remembers stays the same however long the past is."""
KEPT: tuple[Definition, ...] = tuple(each for each in CATALOGUE if not each.counted_as)
"""The KPIs whose records are kept; the others sum the same ones up in another way."""


STILL_COMING = timedelta(seconds=15)
"""A past whose last part came so lately has perhaps more parts."""


async def sweep(databases: Databases) -> int:
    """Count again what is due in every database, and the month that is passing; how many months were counted."""
    counted = 0
    for place, engine in enumerate(databases.every()):
        while True:
            async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
                some, more = await recount_due(transaction)
            counted += some
            if not more:
                break
        counted += await _loaded(databases, place)
    return counted


async def _loaded(databases: Databases, place: int) -> int:
    """Months of a council whose facts were loaded from an archive: the consortium has no copy of them here, so its own are counted."""
    engine = databases.every()[place]
    async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
        councils = await reference.councils(transaction)
    counted = 0
    for code in councils:
        async with tenancy.transaction_on(databases, engine, Organisation.council(code)) as transaction:
            waiting = await due.due(transaction)
            if waiting.positions and await counting.alone(transaction):
                today = clock.today()
                months_of_it = {month for month in waiting.months if month <= today}
                await recount(transaction, months_of_it, today=today)
                await due.done(transaction, waiting.positions, through=today)
                counted += len(months_of_it)
    return counted


async def recount_due(transaction: Transaction) -> tuple[int, bool]:
    """Count months that are due, the latest first, and say how many and whether there are more; and as a day passes the month it was in
    and all since: nights are slept, beds stand another day.

    Two at a time would write a month twice, so the second leaves it to the first. While a past is brought in part after part, every part
    changes all months since: they are counted once it has stopped coming. Figures asked for meanwhile are counted from the facts.
    """
    if not await counting.alone(transaction) or await past.came_in_since(transaction, clock.now() - STILL_COMING):
        return 0, False
    today = clock.today()
    waiting = await due.due(transaction)
    wanted = {month for month in waiting.months if month <= today}
    wanted |= await gap_rows.uncounted(transaction) | await counting.without_cases(transaction)
    through = await due.through(transaction)
    if through is not None and through < today:
        wanted |= {month_of(each.first) for each in months(Period(through, today))}
    if not wanted and not waiting.positions:
        return 0, False
    latest_first = sorted(wanted, reverse=True)
    now, later = latest_first[:AT_ONCE], latest_first[AT_ONCE:]
    await recount(transaction, now, today=today)
    await due.done(transaction, waiting.positions, through=today)
    for month in later:
        await due.mark(transaction, month, month)
    return len(now), bool(later)


async def recount(transaction: Transaction, wanted: Iterable[date], *, today: date) -> None:
    """Count these months from the facts of the organisation whose transaction it is, and write them for whoever may see them: each KPI's
    records, and the referrals that gaps are found by.
    """
    chosen = sorted(wanted)
    if not chosen:
        return
    records = await reading.everything(transaction, span_of(chosen), today=today)
    # Beside the loop: seconds of counting must not keep news or a request waiting.
    rows = await asyncio.to_thread(rows_of, records, chosen)
    for_councils = {each.name for each in KEPT if Reader.COUNCIL in each.seen_by}
    for_agencies = {each.name for each in KEPT if Reader.AGENCY in each.seen_by}
    former = await counting.readers_of(transaction, chosen)
    await counting.write(transaction, chosen, rows)
    await gaps.count_again(transaction, chosen)
    if transaction.organisation != CONSORTIUM:
        return
    for reader in sorted(former):
        async with transaction.acting_as(Organisation.parse(reader)):  # as it is about to be given its rows anew
            await counting.forget(transaction, chosen)
    await counting.copy(transaction, chosen, for_councils=for_councils, for_agencies=for_agencies)


def rows_of(records: Records, chosen: list[date]) -> list[Kept]:
    """Each KPI's rows in these months: counted in one go where a record has its own day, month by month where a month's end is told."""
    span = span_of(chosen)
    by_day = {day: month for month in chosen for day in _days(span_of([month]))}
    found: list[Kept] = []
    for definition in KEPT:
        if definition.summary.latest:
            for month in chosen:
                found += [(definition.name, month, row) for row in definition.formula(records, span_of([month]))]
        else:
            for row in definition.formula(records, span):
                if (of_day := by_day.get(row.on)) is not None:
                    found.append((definition.name, of_day, row))
    return found


def _days(period: Period) -> list[date]:
    return [date.fromordinal(number) for number in range(period.first.toordinal(), period.last.toordinal() + 1)]
