"""What is kept of each broadcast referral tells what the facts tell, to each reader, at any order of the news; pages do not wait for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg

from monitoring.actions import gaps as action
from monitoring.actions import recounting
from monitoring.actions.rebuilding import rebuild
from monitoring.domain.gaps.analysis import Looked, looked_at
from monitoring.domain.gaps.need import needs
from monitoring.domain.period import Period, month_of
from monitoring.domain.scope import Scope
from monitoring.store import gap_rows, reference
from monitoring.store import gaps as store
from shared import ids, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.monitoring.conftest import SLOUGH, SOUTHAMPTON
from tests.monitoring.test_gaps import a_need, a_vacancy, ago, an_offer, gaps
from tests.running.services import RunningService

READERS = (CONSORTIUM, Organisation.council(SOUTHAMPTON), Organisation.council(SLOUGH))


async def counted(service: RunningService) -> None:
    while await recounting.sweep(service.databases):
        pass


async def found(service: RunningService, reader: Organisation, **asked: Any) -> tuple[tuple[Looked, ...], bool]:
    """What gaps tell a reader of the last half year, and whether nothing had to be found from the facts for it."""
    scope = Scope(Period(ago(days=180).date(), ago(days=0).date()), **asked)
    async with tenancy.transaction(service.databases, reader) as transaction:
        looked = await action.looked(transaction, scope)
        kept = await action._kept(transaction, scope.period, as_kept=False)
        return looked, kept


async def from_facts(service: RunningService, reader: Organisation, **asked: Any) -> tuple[Looked, ...]:
    scope = Scope(Period(ago(days=180).date(), ago(days=0).date()), **asked)
    async with tenancy.transaction(service.databases, reader) as transaction:
        told = needs(await action.from_facts(transaction, scope), await store.earlier(transaction, scope.council))
        return looked_at(told, await reference.bands(transaction))


async def a_past(service: RunningService) -> None:
    """Two councils' needs over four months: repeated, unanswered, late, far, nearly suited; beds that come, move and go."""
    far, near = await a_vacancy(service, days=120, district="OX1", beds=2), await a_vacancy(service, days=70, district="SO15")
    for number, council in enumerate((SOUTHAMPTON, SLOUGH, SOUTHAMPTON, SLOUGH, SOUTHAMPTON, SOUTHAMPTON)):
        first = await a_need(service, council, days=110 - 17 * number, age=3 + 2 * number, needs=("autism",) if number % 2 else ())
        again = await a_need(service, council, days=105 - 17 * number, age=3 + 2 * number, again=first, district="SL1")
        if number in (1, 3):
            await an_offer(service, again, far, at=ago(days=104 - 17 * number), council=council)
        if number in (3, 4):
            await an_offer(service, first, near, at=ago(days=110 - 17 * number) + timedelta(hours=number), council=council)


async def test_what_is_kept_is_what_the_facts_say_for_each_reader_and_filter(monitoring: RunningService) -> None:
    await a_past(monitoring)
    for reader in READERS:
        assert not (await found(monitoring, reader))[1], "nothing is counted yet"
    await counted(monitoring)
    for reader in READERS:
        for asked in ({}, {"lot": "general"}, {"lot": "disabled"}):
            looked, kept = await found(monitoring, reader, **asked)
            assert kept, "nothing waits, so nothing is found again"
            assert looked == await from_facts(monitoring, reader, **asked)
    everyones, own = (await found(monitoring, CONSORTIUM))[0], (await found(monitoring, READERS[1]))[0]
    assert len(everyones) == 6
    assert own == tuple(each for each in everyones if each.need.first.council == SOUTHAMPTON)
    assert (await found(monitoring, CONSORTIUM, council=SOUTHAMPTON))[0] == own


async def test_news_is_told_at_once_by_the_interface_and_after_the_next_count_by_the_page(monitoring: RunningService) -> None:
    await a_past(monitoring)
    await counted(monitoring)
    before = (await gaps(monitoring))["total"]
    waiting = await a_need(monitoring, days=40, district="SO14")
    assert (await gaps(monitoring))["total"]["needs"] == before["needs"] + 1
    scope = Scope(Period(ago(days=180).date(), ago(days=0).date()))
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        assert len(await action.looked(transaction, scope, as_kept=True)) == before["needs"]
    await counted(monitoring)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        assert len(await action.looked(transaction, scope, as_kept=True)) == before["needs"] + 1
    late = await a_vacancy(monitoring, days=39, district="SO15")
    await an_offer(monitoring, waiting, late, at=ago(days=38))
    await counted(monitoring)
    looked, kept = await found(monitoring, CONSORTIUM)
    assert kept
    [one] = [each for each in looked if waiting in each.need.referrals]
    assert one.need.offers == 1
    assert looked == await from_facts(monitoring, CONSORTIUM)


async def test_where_a_home_lies_learned_after_its_offer_changes_the_month_of_the_referral(monitoring: RunningService) -> None:
    """The offer's news overtook the vacancy's, and a month ended between the referral and both."""
    days = (ago(days=0).date() - month_of(ago(days=60).date())).days
    vacancy = ids.new_id()
    referral = await a_need(monitoring, days=days + 2)
    await an_offer(monitoring, referral, vacancy, at=ago(days=days - 4))
    await counted(monitoring)
    [one] = (await found(monitoring, CONSORTIUM))[0]
    assert one.need.nearest is None
    await a_vacancy(monitoring, days=days - 2, district="SO15", vacancy=vacancy)
    await counted(monitoring)
    [one] = (await found(monitoring, CONSORTIUM))[0]
    assert one.need.nearest is not None
    assert (one,) == await from_facts(monitoring, CONSORTIUM)


async def test_months_counted_by_an_earlier_release_are_counted_again_and_until_then_found_from_the_facts(
    monitoring: RunningService,
) -> None:
    await a_past(monitoring)
    await counted(monitoring)
    whole = (await found(monitoring, CONSORTIUM))[0]
    owner = await asyncpg.connect(monitoring.owner_urls[None])
    await owner.execute("TRUNCATE gap_referrals, gap_months")
    scope = Scope(Period(ago(days=180).date(), ago(days=0).date()))
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        assert await action.looked(transaction, scope, as_kept=True) == whole
        assert await gap_rows.of_scope(transaction, scope) == []
    await owner.close()
    await counted(monitoring)
    looked, kept = await found(monitoring, CONSORTIUM)
    assert kept
    assert looked == whole


async def test_the_rebuild_names_the_month_of_a_kept_referral_that_is_not_as_the_facts_say(monitoring: RunningService) -> None:
    await a_past(monitoring)
    await counted(monitoring)
    assert (await rebuild(monitoring.databases, write=False)).differences == []
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        month = await transaction.driver.fetchval("SELECT max(month) FROM gap_referrals")
        await transaction.driver.execute("DELETE FROM gap_referrals WHERE month = $1", month)
    [difference] = (await rebuild(monitoring.databases, write=False)).differences
    assert (difference.table, difference.key) == ("gaps", month.isoformat())
    await rebuild(monitoring.databases, write=True)
    assert (await rebuild(monitoring.databases, write=False)).differences == []
