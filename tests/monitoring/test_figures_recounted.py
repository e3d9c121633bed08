"""The figures the service gives are the figures of the raw events, whatever the order and however often they came."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitoring.domain import answering, growth, lasting
from monitoring.domain.from_returns import COUNTED_FROM_RETURNS
from shared import clock
from tests.monitoring.histories import DAYS, LOTS, NOW, Past, pasts
from tests.monitoring.recount import Question, recount
from tests.running.services import RunningService

UNDIVIDED_BY_AGENCY = {"referrals", "demand", "placed_in_house", "stability_1"}
UNDIVIDED_BY_LOT = {"declines", "beds_gone", "beds_approved", "stability_1"}
COUNTED_BY_DUCKDB_ALONE = {kpi.name for kpi in (*answering.KPIS, *lasting.KPIS, *growth.KPIS)} | {"stability_2", "placed_in_area"}
"""As those counted from returns, they are counted a second time elsewhere (test_duckdb_recount)."""
FOR_AGENCIES = {
    "offers_made", "offers_chosen", "declines", "beds_gone", "placements", "placed_within_20_miles", "unplanned_endings", "spend",
    "beds_approved", "beds_vacant", "beds_filled",
}  # fmt: skip


async def upload_baseline(monitoring: RunningService, past: Past) -> None:
    for council in past.councils:
        prices = [
            {"lot": lot, "band": band, "from_date": day.isoformat(), "pounds_per_week": str(pounds)}
            for whose, lot, band, day, pounds in past.baseline
            if whose == council
        ]
        if prices:
            reply = await monitoring.as_(f"council:{council}").put("/baseline-prices", json={"prices": prices})
            assert reply.status_code == 200, reply.text


async def figures(monitoring: RunningService, organisation: str, **question: str | None) -> dict[str, Decimal | None]:
    asked = {name.strip("_"): value for name, value in question.items() if value is not None}
    reply = await monitoring.as_(organisation).get("/kpis", params=asked)
    assert reply.status_code == 200, reply.text
    told = {kpi["name"]: None if kpi["value"] is None else Decimal(kpi["value"]) for kpi in reply.json()["kpis"]}
    return {name: value for name, value in told.items() if name not in {*COUNTED_FROM_RETURNS, *COUNTED_BY_DUCKDB_ALONE}}


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date]:
    first, last = sorted((draw(st.integers(-DAYS, 0)), draw(st.integers(-DAYS, 0))))
    return NOW.date() + timedelta(days=first), NOW.date() + timedelta(days=last)


@pytest.mark.slow
# No shrinking: each example goes through PostgreSQL, and a smaller past would take minutes to find.
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.explicit, Phase.generate])
@given(past=pasts(), period=periods(), order=st.integers(0, 2**32), lot=st.none() | st.sampled_from(LOTS))
async def test_every_figure_is_the_one_counted_by_hand_from_shuffled_and_doubled_events(
    monitoring: RunningService, past: Past, period: tuple[date, date], order: int, lot: str | None
) -> None:
    first, last = period
    chance = Random(order)
    news = list(past.told) + chance.sample(past.told, k=len(past.told) // 3)
    chance.shuffle(news)
    for told in news:
        await told.reach(monitoring)
    await upload_baseline(monitoring, past)
    days = {"from_": first.isoformat(), "to": last.isoformat(), "lot": lot}
    council, agency = past.councils[0], past.agencies[0]

    by_council = recount(past, past.told, Question(first, last, clock.today(), council=council, lot=lot))
    skipped = UNDIVIDED_BY_LOT if lot else set()
    expected = by_council | dict.fromkeys(skipped)
    assert await figures(monitoring, f"council:{council}", **days) == expected
    assert await figures(monitoring, "consortium", council=council, **days) == expected

    both = recount(past, past.told, Question(first, last, clock.today(), council=council, agency=agency, lot=lot))
    expected = both | dict.fromkeys(skipped | UNDIVIDED_BY_AGENCY)
    assert await figures(monitoring, "consortium", council=council, agency=agency, **days) == expected
    # A council's own records hold no other provider's vacancies: of an agency's beds it has none to count.
    no_beds = dict.fromkeys(("beds_approved", "beds_vacant", "beds_filled"))
    assert await figures(monitoring, f"council:{council}", agency=agency, **days) == expected | no_beds

    own = recount(past, past.told, Question(first, last, clock.today(), agency=agency, lot=lot)) | dict.fromkeys(skipped)
    assert await figures(monitoring, f"agency:{agency}", **days) == {name: own[name] for name in FOR_AGENCIES}
