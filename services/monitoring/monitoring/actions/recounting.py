"""Count again what changed: the records as each KPI counts them, month by month, for the consortium and for each council and agency.

What a council or an agency may see of a KPI is a choice of the consortium's rows, so each record is counted once and its row copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.counted import EVERY
from monitoring.domain.definition import Definition, Reader
from monitoring.domain.facts import Records
from monitoring.domain.period import Period, month_of, months, next_month
from monitoring.store import counting, due, reading
from monitoring.store.counting import Kept
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Databases, Transaction

KEPT: tuple[Definition, ...] = tuple(each for each in CATALOGUE if not each.counted_as)
"""The KPIs whose records are kept; the others sum the same ones up in another way."""


async def sweep(databases: Databases) -> int:
    """Count again what is due in every database, and the month that is passing; how many months were counted."""
    counted = 0
    for engine in databases.every():
        async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
            counted += await recount_due(transaction)
    return counted


async def recount_due(transaction: Transaction) -> int:
    """Count every month that is due; and as a day passes the month it was in and all since: nights are slept, beds stand another day.

    Two at a time would write a month twice, so the second leaves it to the first.
    """
    if not await counting.alone(transaction):
        return 0
    today = clock.today()
    waiting = await due.due(transaction)
    wanted = {month for month in waiting.months if month <= today}
    through = await due.through(transaction)
    if through is not None and through < today:
        wanted |= {month_of(each.first) for each in months(Period(through, today))}
    if not wanted and not waiting.positions:
        return 0
    await recount(transaction, wanted, today=today)
    await due.done(transaction, waiting.positions, through=today)
    return len(wanted)


async def recount(transaction: Transaction, wanted: Iterable[date], *, today: date) -> None:
    """Count these months from the facts of the organisation whose transaction it is, and write them for whoever may see them."""
    chosen = sorted(wanted)
    if not chosen:
        return
    records = await reading.everything(transaction, _span(chosen), today=today)
    own = transaction.organisation
    written = copies(own, rows_of(records, chosen))
    former = await counting.readers_of(transaction, chosen) if own == CONSORTIUM else ()
    for reader in sorted({*written, *former}):
        rows = written.get(reader, [])
        # By the right of the facts themselves: each row is about what this council or agency did, and of a KPI that it may see.
        async with transaction.acting_as(Organisation.parse(reader)):
            await counting.forget(transaction, chosen)
            await counting.write(transaction, rows)


def rows_of(records: Records, chosen: list[date]) -> list[Kept]:
    """Each KPI's rows in these months: counted in one go where a record has its own day, month by month where a month's end is told."""
    span, only = _span(chosen), frozenset(chosen)
    found: list[Kept] = []
    for definition in KEPT:
        if definition.summary.latest:
            for month in chosen:
                found += [(definition.name, month, row) for row in definition.formula(records, _whole(month))]
        else:
            for row in definition.formula(records, span):
                month = month_of(row.on)
                if month in only:
                    found.append((definition.name, month, row))
    return found


def copies(own: Organisation, rows: list[Kept]) -> Mapping[str, list[Kept]]:
    """Whose rows they are: the counting organisation's own; the consortium's are also each council's and agency's, of KPIs it may see."""
    found: dict[str, list[Kept]] = {str(own): rows}
    if own != CONSORTIUM:
        return found
    for_councils = {each.name for each in KEPT if Reader.COUNCIL in each.seen_by}
    for_agencies = {each.name for each in KEPT if Reader.AGENCY in each.seen_by}
    for kept in rows:
        kpi, _, row = kept
        if row.council is not None and kpi in for_councils:
            found.setdefault(f"council:{row.council}", []).append(kept)
        if row.agency is not None and row.agency != EVERY and kpi in for_agencies:
            found.setdefault(f"agency:{row.agency}", []).append(kept)
    return found


def _span(chosen: list[date]) -> Period:
    return Period(chosen[0], _whole(chosen[-1]).last)


def _whole(month: date) -> Period:
    return Period(month, date.fromordinal(next_month(month).toordinal() - 1))
