"""The sweep looks month by month, finds what changed and tells it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from monitoring.domain.catalogue import KPIS
from monitoring.domain.counted import Counted
from monitoring.domain.definition import Dimension
from monitoring.domain.past import BroughtIn
from monitoring.domain.watch import WATCHED, How
from monitoring.handlers import watching
from monitoring.store import counts, due, past
from monitoring.store import watching as reading
from shared import clock, tenancy
from shared.organisation import CONSORTIUM
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.counted_rows import kept
from tests.running.services import RunningService

MONTHS = 24


def month(ago: int) -> date:
    """The month so many before the present one."""
    today = clock.today()
    year, place = divmod(today.year * 12 + today.month - 1 - ago, 12)
    return date(year, place + 1, 1)


def endings(agency: str, ago: int, unplanned: int, ended: int, council: str = SOUTHAMPTON) -> list[tuple[str, date, Counted]]:
    """Placements of one agency that ended in one month, so many of them unplanned."""
    return [
        (
            "unplanned_endings",
            month(ago),
            Counted(
                "placement",
                f"{agency}-{ago}-{n}",
                month(ago).replace(day=9),
                Decimal(n < unplanned),
                Decimal(1),
                council,
                agency,
                "general",
            ),
        )
        for n in range(ended)
    ]


async def slipping(service: RunningService) -> None:
    """Oak slips in the last four ended months; Ash does not."""
    rows = []
    for ago in range(1, MONTHS + 1):
        rows += endings(OAK, ago, 7 if ago <= 4 else 2, 8)
        rows += endings(ASH, ago, 2 - ago % 2, 8, SLOUGH)
    await kept(service, rows)


async def alerts(service: RunningService, organisation: str = "consortium", **asked: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await service.as_(organisation).get("/alerts", params=asked)).json()["items"]
    return items


async def test_an_agency_that_slips_is_told_once_with_since_when_and_its_records(monitoring: RunningService) -> None:
    await slipping(monitoring)
    await watching.catch_up(monitoring.databases)
    (found,) = await alerts(monitoring, agency=OAK)
    assert (found["cause"], found["way"], found["reading"], found["since"]) == ("changed_share", "up", "concern", month(4).isoformat())
    assert "Oak Fostering (fictional): rose to 87.5 per cent" in found["words"]
    assert await alerts(monitoring, agency=ASH) == []
    assert [each["id"] for each in await alerts(monitoring, f"agency:{OAK}")] == [found["id"]]
    before = await alerts(monitoring)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        assert await watching.look(transaction, month(1), now=clock.now()) == 0
    assert await watching.sweep(monitoring.databases) == 0
    assert await alerts(monitoring) == before


async def test_a_past_brought_in_after_the_first_look_is_looked_at_as_it_went_by(monitoring: RunningService) -> None:
    await kept(monitoring, endings(OAK, 1, 1, 8))
    await watching.catch_up(monitoring.databases)
    assert await alerts(monitoring) == []
    await slipping(monitoring)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        brought = BroughtIn("person", clock.now(), 9, 9, month(MONTHS), month(1), "0" * 64)
        await past.add(transaction, brought)
    await watching.catch_up(monitoring.databases)
    (found,) = await alerts(monitoring, agency=OAK)
    assert found["since"] == month(4).isoformat()
    assert await watching.sweep(monitoring.databases) == 0


async def test_a_past_that_was_still_coming_in_while_alerts_looked_is_looked_at_too(monitoring: RunningService) -> None:
    """Its moment lies before that look, which could not see it: it was committed afterwards."""
    began = clock.now()
    await kept(monitoring, endings(OAK, 1, 1, 8))
    await watching.catch_up(monitoring.databases)
    rows = []
    for ago in range(1, 37):  # it slipped for four months, and has been as before for a year
        rows += endings(OAK, ago, 7 if 12 < ago <= 16 else 2, 8)
    await kept(monitoring, rows)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await past.add(transaction, BroughtIn("person", began, 9, 9, month(36), month(1), "0" * 64))
    await watching.catch_up(monitoring.databases)
    found = await alerts(monitoring, agency=OAK)
    assert [each["way"] for each in found] == ["up"]


async def test_a_reader_of_the_list_is_told_how_far_alerts_have_looked(monitoring: RunningService) -> None:
    """A long past takes several sweeps: until then no alert of a month is not yet no change in it."""

    async def far(organisation: str = "consortium") -> dict[str, Any]:
        found: dict[str, Any] = (await monitoring.as_(organisation).get("/alerts")).json()["looked"]
        return found

    nothing = {"through": None, "at": None, "months_to_look": 0, "waiting_for_counts": False}
    assert await far() == nothing
    await slipping(monitoring)
    assert await far() == nothing | {"months_to_look": MONTHS}
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await due.mark(transaction, month(2), month(2))
    await watching.sweep(monitoring.databases)
    assert await far() == nothing | {"months_to_look": MONTHS, "waiting_for_counts": True}
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await due.done(transaction, (await due.due(transaction)).positions, through=clock.today())
    began = clock.now()
    for sweeps in range(1, 5):
        await watching.sweep(monitoring.databases)
        through = month(MONTHS - sweeps * watching.AT_ONCE) - timedelta(days=1)
        found = await far()
        assert (found["through"], found["months_to_look"]) == (through.isoformat(), MONTHS - sweeps * watching.AT_ONCE)
        assert began <= datetime.fromisoformat(found["at"]) <= clock.now()
    assert found["months_to_look"] == 0
    assert await far(f"agency:{OAK}") == await far(f"council:{SLOUGH}") == found


async def test_sweeps_that_race_tell_each_signal_once(monitoring: RunningService) -> None:
    await slipping(monitoring)
    await asyncio.gather(*(watching.catch_up(monitoring.databases) for _ in range(3)))
    found = await alerts(monitoring)
    assert len({(each["kpi"], each["agency"], each["council"], each["cause"], each["since"]) for each in found}) == len(found)
    assert len(await alerts(monitoring, agency=OAK)) == 1


async def test_a_month_that_waits_to_be_counted_again_is_not_looked_at(monitoring: RunningService) -> None:
    await slipping(monitoring)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await due.mark(transaction, month(2), month(2))
    assert await watching.sweep(monitoring.databases) == 0
    assert await alerts(monitoring) == []


async def test_a_new_signal_after_closing_is_a_new_alert_that_names_the_former(monitoring: RunningService) -> None:
    rows = []
    for ago in range(1, 40):
        rows += endings(OAK, ago, 8 if ago <= 3 or 15 <= ago <= 18 else 2, 9)
    await kept(monitoring, rows)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await watching.look(transaction, month(15), now=clock.now())
    (first,) = await alerts(monitoring, agency=OAK)
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        assert await watching.look(transaction, month(1), now=clock.now()) >= 0
    assert len(await alerts(monitoring, agency=OAK)) == 1, "an open alert on the same side tells of it already"
    manager = monitoring.as_("consortium")
    await manager.post(f"/alerts/{first['id']}/acknowledgement", json={"person": "Contracts officer"})
    await manager.post(f"/alerts/{first['id']}/closing", json={"reason": "action_worked"})
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        await watching.look(transaction, month(1), now=clock.now())
    last, _ = await alerts(monitoring, agency=OAK)
    shown = (await manager.get(f"/alerts/{last['id']}")).json()
    assert shown["former"] == first["id"]
    assert last["since"] > first["until"]


async def test_what_alerts_look_at_is_what_charts_show(monitoring: RunningService) -> None:
    """The sums for all series at once equal the sums for each alone."""
    await slipping(monitoring)
    every = Counted("referral", "r1", month(2), Decimal(0), Decimal(5), SOUTHAMPTON, "*", "general")
    offer = Counted("offer", "o1", month(2), Decimal(1), None, SOUTHAMPTON, OAK, "general")
    await kept(monitoring, [("offers_per_referral", month(2), every), ("offers_per_referral", month(2), offer)])
    whole = {"first": month(MONTHS), "last": month(1)}
    async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
        for kpi in ("unplanned_endings", "offers_per_referral"):
            together = await reading.sums(transaction, KPIS[kpi], Dimension.AGENCY, **whole)
            for agency in (OAK, ASH):
                alone = await counts.series(transaction, kpi, agency=agency, **whole)
                expected = [(point.begins, point.numerator, point.denominator) for point in alone]
                found = [(each.month, each.numerator, each.denominator) for each in together.get(agency, ())]
                assert found == (expected if agency in together else []), (kpi, agency)


def test_everything_watched_is_a_kpi_that_can_be_told_for_those_it_is_watched_for() -> None:
    divided: Callable[[str], frozenset[Dimension]] = lambda kpi: KPIS[kpi].divided_by  # noqa: E731
    for watch in WATCHED:
        assert watch.whose is None or watch.whose in divided(watch.counted), watch
        if watch.how is How.SHARE:
            assert KPIS[watch.counted].summary.divides
