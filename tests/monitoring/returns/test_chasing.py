"""Returns are opened when their period ends, chased once each however many sweeps run, and late when they are late."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitoring.actions import return_chasing
from monitoring.app import SERVICE
from monitoring.domain.returns.chasing import Chaser, DueSettings, chaser_due
from monitoring.domain.returns.states import Head, Key, State
from shared import clock, tenancy
from shared.organisation import CONSORTIUM
from tests.monitoring.conftest import ASH, OAK, SLOUGH
from tests.monitoring.returns.filled import body, last_quarter
from tests.running.services import RunningService

DUE = date(2012, 10, 21)
SETTINGS = DueSettings(21, 7, 7)
QUARTER = last_quarter()
PATH = f"/returns/quarterly/{QUARTER.first}"


@given(st.integers(-40, 400))
def test_a_chaser_is_for_the_last_of_its_days_that_has_come(away: int) -> None:
    today = DUE + timedelta(days=away)
    found = chaser_due(DUE, SETTINGS, today)
    if away < -7 or away > 182:
        assert found is None
    else:
        assert found is not None
        assert found.day <= today < found.day + timedelta(days=7)
        assert found.chaser is (Chaser.DUE_SOON if away < 0 else Chaser.DUE_TODAY if away < 7 else Chaser.OVERDUE)


def test_a_return_is_late_by_the_day_it_came_and_stays_so_when_it_is_corrected() -> None:
    head = Head(Key("quarterly", date(2012, 7, 1), OAK), 1, date(2012, 9, 30), DUE)
    received = Head(head.key, 1, head.ends, DUE, accepted=2, received_on=DUE)
    late = Head(head.key, 1, head.ends, DUE, accepted=1, received_on=DUE + timedelta(days=3))
    assert [head.state(DUE), head.state(DUE + timedelta(days=1))] == [State.NOT_BEGUN, State.OVERDUE]
    assert (received.state(DUE + timedelta(days=90)), received.days_late(DUE + timedelta(days=90))) == (State.ON_TIME, 0)
    assert (late.state(DUE), late.days_late(DUE)) == (State.LATE, 3)


async def chased_on(service: RunningService, day: date) -> int:
    async with tenancy.transaction(service.databases, CONSORTIUM) as transaction:
        return await return_chasing.chase(transaction, today=day)


async def chasers(service: RunningService, who: str) -> list[tuple[str, str, str, str]]:
    found = (await service.as_(who).get("/return-chasers", params={"limit": "200"})).json()["items"]
    return sorted((each["form"], each["agency"], each["chaser"], each["chased_for"]) for each in found if each["form"] == "quarterly")


async def test_each_chaser_is_sent_once_and_read_by_its_agency_and_the_consortium(monitoring: RunningService) -> None:
    due = QUARTER.last + timedelta(days=21)
    days = [QUARTER.last + timedelta(days=1), due - timedelta(days=7), due - timedelta(days=3), due, due + timedelta(days=8)]
    for day in days:
        await chased_on(monitoring, day)
        await chased_on(monitoring, day)
    for agency in (OAK, ASH):
        assert await chasers(monitoring, f"agency:{agency}") == [
            ("quarterly", agency, "due_soon", str(due - timedelta(days=7))),
            ("quarterly", agency, "due_today", str(due)),
            ("quarterly", agency, "overdue", str(due + timedelta(days=7))),
        ]
    assert len(await chasers(monitoring, "consortium")) == 6
    assert await chasers(monitoring, f"council:{SLOUGH}") == []


async def test_of_several_sweeps_at_once_each_return_is_opened_and_each_chaser_written_once(monitoring: RunningService) -> None:
    due = QUARTER.last + timedelta(days=21)
    written = await asyncio.gather(*(chased_on(monitoring, due) for _ in range(6)))
    assert sum(written) == await count(monitoring, due)
    assert len(await chasers(monitoring, f"agency:{OAK}")) == 1


async def count(service: RunningService, due: date) -> int:
    """Returns opened and chasers written for the consortium, on an otherwise empty board."""
    board = (await service.as_("consortium").get("/returns", params={"limit": "200"})).json()["items"]
    opened = [line for line in board if date.fromisoformat(line["ends"]) < due <= date.fromisoformat(line["due_on"])]
    return len(opened) + sum(len(line["chased"]) for line in board)


async def test_the_board_shows_every_agency_and_period_and_how_it_stands(monitoring: RunningService) -> None:
    manager = monitoring.as_("consortium")
    await chased_on(monitoring, QUARTER.last + timedelta(days=22))
    await chased_on(monitoring, QUARTER.last + timedelta(days=1))
    agency = monitoring.as_(f"agency:{OAK}")
    draft = await agency.put(PATH, json=body())
    await agency.post(f"{PATH}/submission", headers={"If-Match": draft.headers["etag"]})
    rows = (await manager.get("/returns", params={"form": "quarterly", "begins": str(QUARTER.first)})).json()["items"]
    late = clock.today() > QUARTER.last + timedelta(days=21)
    assert [(row["agency"], row["agency_name"], row["state"]) for row in rows] == [
        (OAK, "Oak Fostering (fictional)", "late" if late else "on_time"),
        (ASH, "Ash Fostering (fictional)", "overdue" if late else "not_begun"),
    ]
    assert rows[1]["days_late"] == max(0, (clock.today() - QUARTER.last).days - 21)
    only = (await manager.get("/returns", params={"form": "quarterly", "state": rows[1]["state"], "agency": ASH})).json()["items"]
    assert [row["agency"] for row in only][:1] == [ASH]
    own = (await agency.get("/returns", params={"form": "quarterly"})).json()["items"]
    assert {row["agency"] for row in own} == {OAK}
    council = (await monitoring.as_(f"council:{SLOUGH}").get("/returns")).json()["items"]
    assert [(row["agency"], row["accepted_version"], row["chased"]) for row in council] == [(OAK, 1, [])]


async def test_the_board_is_read_a_page_at_a_time(monitoring: RunningService) -> None:
    for back in range(4):
        await chased_on(monitoring, last_quarter(back).last + timedelta(days=1))
    manager, cursor, seen = monitoring.as_("consortium"), "", []
    while True:
        page = (await manager.get("/returns", params={"limit": "3"} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [(row["form"], row["begins"], row["agency"]) for row in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert len(seen) == len(set(seen)) >= 8
    for bad in ("bm90IG9uZQ", "WyIyMDEyIl0"):
        assert (await manager.get("/returns", params={"cursor": bad})).status_code == 422
        assert (await manager.get("/return-chasers", params={"cursor": bad})).status_code == 422


async def test_an_agency_recorded_after_the_due_day_owes_nothing_for_the_period(monitoring: RunningService) -> None:
    await chased_on(monitoring, QUARTER.last + timedelta(days=22))
    board = (await monitoring.as_("consortium").get("/returns", params={"begins": str(QUARTER.first), "form": "quarterly"})).json()["items"]
    assert all(date.fromisoformat(row["due_on"]) >= clock.today() for row in board), "only what may still come in time is owed unopened"


async def test_the_project_manager_sets_when_returns_are_due_and_a_day_already_told_stays(monitoring: RunningService) -> None:
    manager, path = monitoring.as_("consortium"), "/return-settings/quarterly"
    first = await manager.get(path)
    assert (first.headers["etag"], first.json()["due_after_days"]) == ('"0"', 21)
    await chased_on(monitoring, QUARTER.last + timedelta(days=1))
    wanted = {"due_after_days": 28, "chase_before_days": 5, "chase_every_days": 14}
    changed = await manager.put(path, json=wanted, headers={"If-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["version"]) == (200, 1)
    assert (await manager.put(path, json=wanted, headers={"If-Match": '"0"'})).status_code == 412
    both = await asyncio.gather(*(manager.put(path, json=wanted, headers={"If-Match": '"1"'}) for _ in range(2)))
    assert sorted(reply.status_code for reply in both) == [200, 412]
    told = (await monitoring.as_(f"agency:{OAK}").get(PATH)).json()
    assert told["due_on"] == str(QUARTER.last + timedelta(days=21))
    later = (await monitoring.as_(f"agency:{OAK}").get(f"/returns/quarterly/{last_quarter(1).first}")).json()
    assert later["due_on"] == str(last_quarter(1).last + timedelta(days=28))
    for who, roles in ((f"agency:{OAK}", ()), (f"council:{SLOUGH}", ()), ("consortium", ("procurement_lead",))):
        assert (await monitoring.as_(who, *roles).put(path, json=wanted)).status_code == 403
    for bad in ({"due_after_days": 0}, {"due_after_days": 28, "chase_before_days": -1, "chase_every_days": 0}):
        assert (await manager.put(path, json=bad)).status_code == 422
    assert (await manager.get("/return-settings/yearly")).status_code == 404


async def test_the_services_own_sweep_opens_and_chases(monitoring: RunningService) -> None:
    assert SERVICE.sweep is not None
    assert await SERVICE.sweep(monitoring.databases) >= 0
    await SERVICE.sweep(monitoring.databases)
    board = (await monitoring.as_("consortium").get("/returns", params={"form": "stability", "limit": "200"})).json()["items"]
    assert all(row["state"] in ("not_begun", "overdue") for row in board)
