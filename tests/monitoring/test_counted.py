"""Kept counts: a month is a choice of rows, the kept ones tell what the facts tell, and whoever reads them sees its own alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitoring.actions import figures, recounting
from monitoring.domain.answer import Answer, answered
from monitoring.domain.catalogue import CATALOGUE, KPIS, seen_by
from monitoring.domain.counted import EVERY
from monitoring.domain.definition import Dimension, Reader
from monitoring.domain.period import Period, month_of, months, next_month
from monitoring.domain.scope import Scope
from monitoring.store import counts, due, reading
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.monitoring.conftest import OAK, SOUTHAMPTON
from tests.monitoring.histories import DAYS, NOW, Past, pasts
from tests.monitoring.test_figures_recounted import upload_baseline
from tests.monitoring.test_kept_gaps import a_past
from tests.monitoring.told import a_placement
from tests.running.services import RunningService

LAST_MONTHS_END = month_of(NOW.date()) - timedelta(days=1)
WHOLE = Period(month_of(NOW.date() - timedelta(days=DAYS)), LAST_MONTHS_END)
MONTHS = months(WHOLE)


async def happened(monitoring: RunningService, past: Past, chance: Random) -> None:
    """Bring a past to the service shuffled and some of it twice."""
    news = [*past.told, *chance.sample(past.told, k=len(past.told) // 3)]
    chance.shuffle(news)
    for told in news:
        await told.reach(monitoring)
    await upload_baseline(monitoring, past)


@pytest.mark.slow
# No shrinking: each example goes through PostgreSQL, and a smaller past would take minutes to find.
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.explicit, Phase.generate])
@given(
    past=pasts(),
    order=st.integers(0, 2**32),
    begins=st.integers(0, len(MONTHS) - 1),
    lasts=st.integers(0, len(MONTHS) - 1),
    days_since=st.integers(0, 27),
)
async def test_kept_counts_tell_what_the_facts_tell_and_months_add_up_to_the_whole(
    monitoring: RunningService, past: Past, order: int, begins: int, lasts: int, days_since: int
) -> None:
    await happened(monitoring, past, Random(order))
    period = Period(MONTHS[min(begins, lasts)].first, MONTHS[max(begins, lasts)].last)
    today = clock.today()
    cut_short = Period(period.first, min(today, period.last + timedelta(days=1 + days_since)))
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        records = await reading.everything(transaction, WHOLE, today=today)
        for kpi in CATALOGUE:
            if not kpi.summary.latest:
                of_months = Counter(row for month in MONTHS for row in kpi.formula(records, month))
                assert of_months == Counter(kpi.formula(records, WHOLE)), kpi.name
            if kpi.summary.of_each:
                rows = kpi.formula(records, WHOLE)
                days = {row.once: (row.on, row.council) for row in rows}
                assert all(row.once and days[row.once] == (row.on, row.council) for row in rows), f"{kpi.name}: a case is of one day"
        while (await recounting.recount_due(transaction))[1]:
            pass
        assert not (await due.due(transaction)).months
    council, agency = past.councils[0], past.agencies[0]
    for organisation, scope in (
        ("consortium", Scope(period, council=council)),
        ("consortium", Scope(period, agency=agency)),
        ("consortium", Scope(period, council=council, agency=agency, lot="general")),
        (f"council:{council}", Scope(period, council=council)),
        (f"council:{council}", Scope(period, council=council, agency=agency)),
        (f"agency:{agency}", Scope(period, agency=agency)),
        (f"agency:{agency}", Scope(period, agency=agency, council=council)),
    ):
        reader = Organisation.parse(organisation)
        wanted = seen_by(Reader(reader.kind.value))
        async with tenancy.transaction(monitoring.databases, reader) as transaction:
            facts = await reading.records(transaction, scope, today=today)
            from_facts = {each.name: answered(each, each.formula(facts, period), scope) for each in wanted}
            sums = await counts.sums(transaction, wanted, scope)
            kept = {answer.definition.name: answer for answer in await figures.answers(transaction, wanted, scope)}
        for each in wanted:
            assert kept[each.name] == from_facts[each.name], f"{each.name} of {organisation}"
            assert figures.added_up(each, sums[each.name], scope) == from_facts[each.name], f"{each.name} of {organisation}"
        await _the_days_since_are_added(monitoring, reader, replace(scope, period=cut_short))


async def _the_days_since_are_added(monitoring: RunningService, reader: Organisation, scope: Scope) -> None:
    """Over months and the first days of one more, the figures are those of the facts, though only those days' facts are read."""
    wanted = seen_by(Reader(reader.kind.value))
    async with tenancy.transaction(monitoring.databases, reader) as transaction:
        facts = await reading.records(transaction, scope, today=clock.today())
        found = await figures.answers(transaction, wanted, scope)
        if reader == CONSORTIUM and scope.council is None:
            compared = [each for each in CATALOGUE if each.name in figures.COMPARED]
            page = await figures.summary(transaction, scope)
            assert page.councils
            for row in page.councils:
                assert row.answers == await figures.answers(transaction, compared, replace(scope, council=row.council)), row.council
    for answer in found:
        each = answer.definition
        assert answer == answered(each, each.formula(facts, scope.period), scope), f"{each.name} of {reader} to {scope.period.last}"


async def test_news_marks_its_months_and_a_recount_is_then_as_if_all_had_been_counted_anew(monitoring: RunningService) -> None:
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=100)
    assert await recounting.sweep(monitoring.databases) >= 4, "the month it began in and all since"
    assert await recounting.sweep(monitoring.databases) == 0
    today = clock.today()
    first, last = month_of(today - timedelta(days=100)), today
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        points = await counts.series(transaction, "spend", first=first, last=last)
        assert sum(point.numerator for point in points) == 10_000, "a hundred nights at £700 a week"
        assert {point.records for point in points} == {1}
        (slice,) = await counts.by(transaction, "spend", Dimension.AGENCY, first=first, last=last)
        assert (slice.code, slice.numerator, slice.records) == (OAK, 10_000, 1)
        rows = await counts.behind(transaction, "placements", first=first, last=last, limit=10)
        assert [(row.kind, row.agency, row.council) for row in rows] == [("placement", OAK, SOUTHAMPTON)]
    for reader, sees in (
        (f"agency:{OAK}", True),
        ("agency:SC054321", False),
        (f"council:{SOUTHAMPTON}", True),
        ("council:E06000039", False),
    ):
        async with tenancy.transaction(monitoring.databases, Organisation.parse(reader)) as transaction:
            assert bool(await counts.series(transaction, "spend", first=first, last=last)) is sees, reader


async def test_pages_tell_the_running_month_as_last_counted_and_then_as_the_facts_do(monitoring: RunningService) -> None:
    today = clock.today()
    ends = next_month(month_of(today)) - timedelta(days=1)
    period = Period(month_of(today - timedelta(days=100)), ends)
    readers = ("consortium", f"council:{SOUTHAMPTON}", f"agency:{OAK}")

    async def told(organisation: str, *, as_kept: bool) -> dict[str, Answer]:
        reader = Organisation.parse(organisation)
        scope = Scope(period, council=reader.code if "council" in organisation else None, agency=OAK if "agency" in organisation else None)
        wanted = seen_by(Reader(reader.kind.value))
        async with tenancy.transaction(monitoring.databases, reader) as transaction:
            if as_kept:
                found = await figures.answers(transaction, wanted, scope, as_kept=True)
                return {each.definition.name: each for each in found}
            facts = await reading.records(transaction, scope, today=today)
            return {each.name: answered(each, each.formula(facts, period), scope) for each in wanted}

    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=100)
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=0)
    await recounting.sweep(monitoring.databases)
    before = {reader: await told(reader, as_kept=True) for reader in readers}
    assert before == {reader: await told(reader, as_kept=False) for reader in readers}
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=1)
    for reader in readers:
        assert await told(reader, as_kept=True) == before[reader] != await told(reader, as_kept=False)
    await recounting.sweep(monitoring.databases)
    for reader in readers:
        assert await told(reader, as_kept=True) == await told(reader, as_kept=False)


async def test_sums_kept_without_cases_by_an_earlier_release_are_read_from_records_and_counted_again(monitoring: RunningService) -> None:
    await a_past(monitoring)
    await recounting.sweep(monitoring.databases)
    last = month_of(clock.today()) - timedelta(days=1)
    scope = Scope(Period(month_of(last - timedelta(days=130)), last))

    async def waits() -> tuple[Answer, list[tuple[date, tuple[Decimal, ...]]]]:
        kpi = KPIS["time_to_first_offer_median"]
        async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
            (answer,) = await figures.from_kept(transaction, [kpi], scope)
            points = await counts.series(transaction, kpi.name, first=scope.period.first, last=last)
        return answer, [(point.begins, point.values) for point in points]

    whole = await waits()
    assert whole[0].figure.records >= 2
    assert whole[0].figure.left_out
    owner = await asyncpg.connect(monitoring.owner_urls[None])
    await owner.execute("ALTER TABLE counted_sums NO FORCE ROW LEVEL SECURITY; UPDATE counted_sums SET cases = NULL")
    assert await waits() == whole
    await recounting.sweep(monitoring.databases)
    wanting = await owner.fetchval("SELECT count(*) FROM counted_sums WHERE cases IS NULL AND kpi = 'time_to_first_offer_median'")
    await owner.execute("ALTER TABLE counted_sums FORCE ROW LEVEL SECURITY")
    await owner.close()
    assert wanting == 0
    assert await waits() == whole


async def test_as_a_day_passes_the_month_it_was_in_is_counted_again(monitoring: RunningService) -> None:
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=3)
    await recounting.sweep(monitoring.databases)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await due.done(transaction, (), through=clock.today() - timedelta(days=40))
    assert await recounting.sweep(monitoring.databases) in (2, 3)


def test_no_row_that_stands_in_every_agencys_figure_is_of_a_kpi_that_agencies_see() -> None:
    """Such a row is a referral that others answered: an agency's reader would learn of it."""
    from monitoring.domain import demand

    assert demand.EVERY == EVERY
    everybodys = {"offers_per_referral", "time_to_first_offer_median", "time_to_first_offer_p90", "first_reply_median", "first_reply_p90"}
    assert not everybodys & {kpi.name for kpi in seen_by(Reader.AGENCY)}
    assert date(2012, 1, 1) == month_of(date(2012, 1, 31))
