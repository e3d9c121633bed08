"""Build every fact again from the log of events, and every count from the facts, and say what is not as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from monitoring.actions import gaps, recounting
from monitoring.domain.lessons import taught
from monitoring.domain.period import Period, month_of, months, span_of, uk_day
from monitoring.domain.rebuilt import Difference, Kind
from monitoring.domain.scope import Scope
from monitoring.store import counting, due, gap_rows, reading, rebuilding, reference
from monitoring.store.rebuilding import Facts
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Databases, Transaction

GAPS = "gaps"
"""What a difference in the referrals that gaps are found by is named."""


@dataclass(slots=True)
class Rebuilt:
    """How much was looked at, what differs, and how much of that was written anew."""

    events: int = 0
    facts: int = 0
    counted: int = 0
    differences: list[Difference] = field(default_factory=list)
    put_right: int = 0


async def rebuild(databases: Databases, *, write: bool) -> Rebuilt:
    """Compare the facts with what the log leaves and the kept counts with what the facts give, in every database.

    With ``write`` missing and altered facts are written as the log leaves them, and every month is counted again. What is kept but
    not in the log is only named: the application may delete no fact. Months that wait to be counted anyway are not compared.
    """
    found = Rebuilt()
    for council in (None, *databases.own):
        async with _reading(databases, council, write=write) as transaction:
            facts = await _from_the_log(transaction, found)
            readers = {*facts, str(CONSORTIUM)} | {f"council:{code}" for code in await reference.councils(transaction)}
            readers |= {f"agency:{urn}" for urn in await reference.agencies(transaction)}
            first = len(found.differences)
            for reader in sorted(readers):
                number, wrong = await rebuilding.compare(transaction, reader, facts.get(reader, {}))
                found.facts += number
                found.differences += wrong
            if write:
                for difference in found.differences[first:]:
                    found.put_right += await rebuilding.put_right(transaction, difference, facts.get(difference.reader, {}))
            span = await counting.span(transaction)
            if span is not None:
                await _compare_counts(transaction, span, found)
                if write and len(found.differences) > first:
                    await due.mark(transaction, span.first, max(span.last, clock.today()))
    if write:
        await recounting.sweep(databases)
    return found


async def _from_the_log(transaction: Transaction, found: Rebuilt) -> Facts:
    facts: Facts = {}
    async for envelope in rebuilding.log(transaction):
        found.events += 1
        for lesson in taught(envelope.event(), envelope):
            rebuilding.add(facts, lesson)
    return facts


async def _compare_counts(transaction: Transaction, span: Period, found: Rebuilt) -> None:
    waiting = (await due.due(transaction)).months
    every = [month_of(each.first) for each in months(span) if month_of(each.first) not in waiting]
    for begin in range(0, len(every), recounting.AT_ONCE):
        some = every[begin : begin + recounting.AT_ONCE]
        records = await reading.everything(transaction, span_of(some), today=clock.today())
        should = Counter(recounting.rows_of(records, some))
        kept = Counter(await counting.rows(transaction, some))
        found.counted += kept.total()
        wrong: set[tuple[str, date]] = {(kpi, month) for kpi, month, _ in (should - kept) + (kept - should)}
        sought = set(await gaps.from_facts(transaction, Scope(span_of(some))))
        kept_sought = set(await gap_rows.of_scope(transaction, Scope(span_of(some))))
        wrong |= {(GAPS, month) for each in sought ^ kept_sought if (month := month_of(uk_day(each.sought.broadcast_at))) in some}
        found.differences += [Difference(Kind.COUNTED_OTHERWISE, str(CONSORTIUM), kpi, month.isoformat()) for kpi, month in sorted(wrong)]


@asynccontextmanager
async def _reading(databases: Databases, council: str | None, *, write: bool) -> AsyncIterator[Transaction]:
    """All of it as it stood at one moment; when it is to be written, in a transaction that can write."""
    whose = Organisation.council(council) if council is not None else CONSORTIUM
    opened = tenancy.transaction(databases, whose) if write else tenancy.snapshot(databases, whose)
    async with opened as transaction:
        await transaction.become(CONSORTIUM)
        yield transaction
