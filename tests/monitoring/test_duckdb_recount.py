"""Every figure counted from events, counted a second time by DuckDB from the facts as they are exported; other code, other words."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import ARRAY, Boolean, Date, DateTime, Integer, Numeric

from monitoring.domain.catalogue import CATALOGUE, KPIS
from monitoring.domain.definition import Unit
from monitoring.domain.from_returns import COUNTED_FROM_RETURNS
from monitoring.domain.lessons import taught
from monitoring.store.learning import learn
from monitoring.store.taking_facts import TAKEN
from shared import clock, ids, tenancy
from shared.contracts import Envelope
from shared.contracts.providers import HoldFor, VacancyHeld
from shared.contracts.referrals import (
    CouncilStabilityCounted,
    PlacementAgreed,
    PlacementNoticeGiven,
    PlacementNoticeWithdrawn,
    PlacementStarted,
    Side,
)
from shared.organisation import CONSORTIUM
from tests.monitoring.histories import DAYS, NOW, Past, Told, pasts
from tests.monitoring.test_figures_recounted import upload_baseline
from tests.running.services import RunningService

HERE = Path(__file__).parent / "duckdb_recount"
QUERIES = {name.strip(): sql for name, _, sql in (part.partition("\n") for part in (HERE / "figures.sql").read_text().split("-- kpi ")[1:])}
STEPS = {Unit.PER_CENT: 0.1, Unit.HOURS: 0.01, Unit.DAYS: 0.01}


def test_every_kpi_of_the_catalogue_is_counted_a_second_time() -> None:
    """Whoever adds a KPI writes its second count: here, or for returns in returns/test_kpis_recounted.py."""
    assert {kpi.name for kpi in CATALOGUE} == set(QUERIES) | set(COUNTED_FROM_RETURNS)


def told_besides(past: Past, chance: Random) -> list[Told]:
    """Notice in some placements, some of it taken back, and councils' counts of stability 2."""
    found = []
    for told in past.told:
        event = told.event
        if isinstance(event, PlacementAgreed) and chance.random() < 0.5:
            # A second home for the same need, some days later: for a child of like age, or of quite another.
            begins = told.time.date() + timedelta(days=chance.randint(0, 20))
            ages = tuple(min(17, age + chance.choice([0, 1, 5])) for age in event.ages)
            home = {"placement": ids.new_id(), "hold": ids.new_id()}
            second = event.model_copy(update={**home, "starts_on": begins, "ages": ages})
            common_of_it = {name: getattr(second, name) for name in ("placement", "referral", "council", "provider", "vacancy", "hold")}
            moved = PlacementStarted(**common_of_it, started_on=begins, numbers_in_year=tuple(2 for _ in ages))
            subject, author = str(second.placement), f"council:{event.council}"
            found.append(Told(second, subject, author, 1, told.time, ids.new_id(), event.council))
            found.append(Told(moved, subject, author, 2, told.time, ids.new_id(), event.council))
        if isinstance(event, PlacementAgreed) and chance.random() < 0.7:
            area = chance.choice([event.council, "E07000001", None])
            held = VacancyHeld(
                vacancy=event.vacancy,
                provider=event.provider,
                council=event.council,
                household=ids.new_id(),
                hold=event.hold,
                held_for=HoldFor.OFFER,
                asked_by=ids.new_id(),
                referral=event.referral,
                beds=1,
                free_beds=0,
                lives_in=area,
            )
            found.append(Told(held, str(event.vacancy), f"council:{event.council}", 2, told.time, ids.new_id(), event.council))
            day = told.time.date() + timedelta(days=chance.randint(0, 60))
            common: dict[str, Any] = {
                "notice": ids.new_id(),
                "placement": event.placement,
                "council": event.council,
                "provider": event.provider,
            }
            given_notice = PlacementNoticeGiven(
                **common,
                referral=event.referral,
                by=chance.choice(list(Side)),
                notice_on=day,
                ends_on=day + timedelta(days=chance.randint(0, 40)),
            )
            author = f"council:{event.council}"
            found.append(Told(given_notice, str(common["notice"]), author, 1, told.time, ids.new_id(), event.council))
            if chance.random() < 0.2:
                back = PlacementNoticeWithdrawn(**common)
                found.append(Told(back, str(common["notice"]), author, 2, told.time + timedelta(days=1), ids.new_id(), event.council))
    for council in past.councils:
        for _ in range(2):
            day = NOW.date() - timedelta(days=chance.randint(0, DAYS))
            long = chance.randint(0, 40)
            counted = CouncilStabilityCounted(council=council, as_of=day, looked_after_long=long, same_placement=chance.randint(0, long))
            found.append(Told(counted, f"{council}/{day}", f"council:{council}", 1, NOW, ids.new_id(), council))
    return found


async def hear(monitoring: RunningService, news: list[Told]) -> None:
    """All at once, as a past is brought in."""
    envelopes = [
        Envelope.of(
            told.event,
            id=told.id,
            source="/test",
            time=told.time,
            subject=told.subject,
            version=told.version,
            organisation=told.organisation,
            council=told.council,
            requestid=None,
        )
        for told in news
    ]
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await learn(transaction, [(envelope, taught(envelope.event(), envelope)) for envelope in envelopes])


async def exported(monitoring: RunningService, organisation: str, folder: Path) -> None:
    for name in (await monitoring.as_(organisation).get("/facts")).json():
        reply = await monitoring.as_(organisation).get(f"/facts/{name}")
        assert reply.status_code == 200, reply.text
        (folder / f"{name}.csv").write_text(reply.text)


def recounted(folder: Path, first: date, last: date, today: date, council: str | None) -> dict[str, float | None]:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        for name, table in TAKEN.items():
            header = next(csv.reader(io.StringIO((folder / f"{name}.csv").read_text())))
            types = {column: _type(table.c[column].type) for column in header}
            database.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_csv('{folder}/{name}.csv', header = true, columns = {types}, nullstr = '')"
            )
            whose = "council" if "council" in header else "provider" if "provider" in header else None
            if council is not None and whose is not None:
                database.execute(f"DELETE FROM {name} WHERE {whose} <> '{council if whose == 'council' else f'council:{council}'}'")
        database.execute("CREATE TABLE p AS SELECT ?::DATE AS f, ?::DATE AS l, ?::DATE AS t", [first, last, today])
        database.execute((HERE / "setting_up.sql").read_text())
        return {name: (database.execute(sql).fetchone() or (None,))[0] for name, sql in QUERIES.items()}


def _type(column: Any) -> str:
    if isinstance(column, ARRAY):
        return "VARCHAR"
    kinds = ((DateTime, "TIMESTAMPTZ"), (Date, "DATE"), (Boolean, "BOOLEAN"), (Integer, "INTEGER"), (Numeric, "DECIMAL(12,2)"))
    return next((name for kind, name in kinds if isinstance(column, kind)), "VARCHAR")


def agrees(name: str, value: str | None, again: float | None) -> bool:
    """To half of the step that the figure is rounded to."""
    if value is None or again is None:
        return value is None and again is None
    kpi = KPIS[name]
    step = STEPS.get(kpi.unit, 0.01 if kpi.summary.divides else 0.0)
    return abs(float(Decimal(value)) - float(again)) <= step / 2 + 1e-6


@pytest.mark.slow
# No shrinking: each example goes through PostgreSQL and DuckDB.
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.explicit, Phase.generate])
@given(several=st.lists(pasts(), min_size=6, max_size=6), order=st.integers(0, 2**32))
async def test_every_figure_is_the_one_that_duckdb_counts_from_the_exported_facts(
    monitoring: RunningService, tmp_path_factory: pytest.TempPathFactory, several: list[Past], order: int
) -> None:
    chance = Random(order)
    news = [told for past in several for told in (*past.told, *told_besides(past, chance))]
    chance.shuffle(news)
    await hear(monitoring, news)
    for past in several:
        await upload_baseline(monitoring, past)
    folder = tmp_path_factory.mktemp("facts")
    await exported(monitoring, "consortium", folder)
    begin = NOW.date() - timedelta(days=DAYS)
    for council in (None, several[0].councils[0]):
        first, last = sorted(begin + timedelta(days=chance.randint(0, DAYS)) for _ in range(2))
        asked = {"from": first.isoformat(), "to": last.isoformat()} | ({"council": council} if council else {})
        reply = await monitoring.as_("consortium").get("/kpis", params=asked)
        figures = {kpi["name"]: kpi["value"] for kpi in reply.json()["kpis"]}
        again = recounted(folder, first, last, clock.today(), council)
        wrong = {name: (figures[name], value) for name, value in again.items() if not agrees(name, figures[name], value)}
        assert not wrong, f"WRONG {wrong} {asked}"
