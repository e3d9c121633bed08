"""Gap analysis: needs without, with late or with far offers, against the beds that were free then.

What is told of one broadcast referral is kept, a row for each reader, and made anew with the other counts of its month; needs are put
together from those rows at each look, because which referrals are one need depends on the period asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from monitoring.domain.gaps.analysis import GapBy, Gaps, Looked, gaps, looked_at
from monitoring.domain.gaps.broadcast import Broadcast, broadcasts
from monitoring.domain.gaps.need import needs
from monitoring.domain.gaps.open_beds import OpenBeds
from monitoring.domain.gaps.sought import Answered
from monitoring.domain.period import Period, month_of, span_of, uk_day
from monitoring.domain.scope import Scope
from monitoring.store import due, gap_rows, reference
from monitoring.store import gaps as store
from shared.organisation import CONSORTIUM, Organisation
from shared.postcodes import about_miles
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction

miles = lru_cache(maxsize=200_000)(about_miles)
"""Two districts never move: asked for a need and every bed, again and again."""


async def read(transaction: Transaction, scope: Scope, by: GapBy) -> Gaps:
    """The gaps of a scope by one dimension, over the referrals the reader may see."""
    return gaps(await looked(transaction, scope), by)


async def looked(transaction: Transaction, scope: Scope, *, as_kept: bool = False) -> tuple[Looked, ...]:
    """Every need of the scope, with what was missing and what was free. Refused for one agency: an offer nobody made is nobody's.

    From the kept rows where no month of them waits to be counted again, else from the facts. ``as_kept`` takes them as they were last
    counted: a page does not wait, and is at most a minute behind.
    """
    if scope.agency is not None:
        raise invalid(Reason("agency", "not_divided_by_agency", "Gaps cannot be told for one agency. Ask without the agency."))
    if await _kept(transaction, scope.period, as_kept=as_kept):
        found: Sequence[Broadcast] = await gap_rows.of_scope(transaction, scope)
    else:
        found = await from_facts(transaction, scope)
    return looked_at(needs(found, await store.earlier(transaction, scope.council)), await reference.bands(transaction))


async def from_facts(transaction: Transaction, scope: Scope) -> tuple[Broadcast, ...]:
    """Each referral broadcast in the scope, found again from what is known of it, its offers and all vacancies."""
    sought = await store.sought(transaction, scope)
    offered = await store.offers(transaction, scope)
    # A vacancy without its address is for every signed-in organisation to see; here they are kept as the consortium's rows.
    async with transaction.acting_as(CONSORTIUM):
        places = await store.districts(transaction, {vacancy for _, vacancy in offered if vacancy is not None})
        steps = await store.steps(transaction, scope.period)
    answers = [
        Answered(answer.referral, answer.made_at, _district(places, vacancy, answer.made_at) if vacancy else None)
        for answer, vacancy in offered
    ]
    # Beside the loop: a year of vacancies must not keep another request waiting.
    return await asyncio.to_thread(broadcasts, sought, answers, OpenBeds(steps, miles), miles)


async def count_again(transaction: Transaction, chosen: Iterable[date]) -> None:
    """Keep what the facts say of each referral broadcast in these months, in place of what was kept: for the organisation whose
    transaction it is, and where that is the consortium for each council its own.
    """
    wanted = sorted(chosen)
    if not wanted:
        return
    by_month: dict[date, list[Broadcast]] = {month: [] for month in wanted}
    for each in await from_facts(transaction, Scope(span_of(wanted))):
        if (month := month_of(uk_day(each.sought.broadcast_at))) in by_month:
            by_month[month].append(each)
    former = await gap_rows.councils_of(transaction, wanted)
    await gap_rows.write(transaction, by_month)
    if transaction.organisation != CONSORTIUM:
        return
    for council in sorted(former | {each.sought.council for rows in by_month.values() for each in rows}):
        theirs = {month: [each for each in rows if each.sought.council == council] for month, rows in by_month.items()}
        async with transaction.acting_as(Organisation.council(council)):  # about what it sought itself
            await gap_rows.write(transaction, theirs)


async def _kept(transaction: Transaction, period: Period, *, as_kept: bool) -> bool:
    """Whether the kept rows tell of a period what the facts do; or, ``as_kept``, whether it was ever counted."""
    first, last = month_of(period.first), month_of(period.last)
    if not as_kept and await due.any_due(transaction, first, last):
        return False
    async with transaction.acting_as(CONSORTIUM):  # it counts for all; what is due says nothing of anybody's records
        if await due.through(transaction) is None or await gap_rows.uncounted(transaction, first, last):
            return False
        return as_kept or not await due.any_due(transaction, first, last)


def _district(places: Mapping[UUID, Sequence[tuple[datetime, str]]], vacancy: UUID, at: datetime) -> str | None:
    """Where a vacancy lay at a moment, as was published by then."""
    return next((district for since, district in reversed(places.get(vacancy, ())) if since <= at), None)
