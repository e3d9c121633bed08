"""A council takes out what monitoring keeps of it, and its figures elsewhere are the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from monitoring.actions import recounting
from monitoring.store.archive import KEEPING, LEFT_OUT
from monitoring.tables import metadata
from shared import clock, ids
from shared.archive import MANIFEST, owner_of
from shared.contracts.providers import CouncilRecorded
from tests.monitoring.conftest import SLOUGH, SOUTHAMPTON
from tests.monitoring.histories import Told, known
from tests.monitoring.told import a_placement, a_referral, baseline
from tests.running.archives import files
from tests.running.services import RunningService

ME = f"council:{SOUTHAMPTON}"


async def figures(service: RunningService) -> list[tuple[str, str | None, int]]:
    """Each figure of the council with how many records it is over."""
    reply = await service.as_(ME).get("/kpis")
    assert reply.status_code == 200, reply.text
    found = [(kpi["name"], kpi["value"], kpi["records"]) for kpi in reply.json()["kpis"]]
    assert any(records for _, _, records in found)
    return found


def councils() -> list[Told]:
    """The council is known by name there too."""
    event = CouncilRecorded(council=SOUTHAMPTON, name="Southampton City", joined_on=date(2012, 4, 1))
    return [Told(event, SOUTHAMPTON, "consortium", 1, clock.now(), ids.new_id())]


async def test_facts_and_baseline_prices_load_elsewhere_and_are_taken_there_again_as_they_were(
    monitoring: RunningService, running: Callable[..., Awaitable[RunningService]]
) -> None:
    referral = await a_referral(monitoring, SOUTHAMPTON)
    await a_placement(monitoring, SOUTHAMPTON, "agency:SC012345", referral=referral)
    await a_placement(monitoring, SLOUGH, "agency:SC012345")
    assert (await monitoring.as_(ME).put("/baseline-prices", json={"prices": [baseline()]})).status_code == 200
    administrator = monitoring.as_(ME, "administrator")
    content = (await administrator.get("/archive")).content
    inside = files(content)
    assert inside["placements.jsonl"].count(b"\n") == 1, "its own, and not its neighbour's"
    assert b"750.00" in inside["baseline_prices.csv"]
    elsewhere = await running("monitoring")
    loaded = await elsewhere.as_(ME, "administrator").post("/archive", content=content)
    assert loaded.status_code == 200, loaded.text
    again = files((await elsewhere.as_(ME, "administrator").get("/archive")).content)
    assert {name for name in inside if again[name] != inside[name]} == {MANIFEST}
    assert await elsewhere.published() == []
    for told in known():
        await told.reach(elsewhere)
    assert await figures(elsewhere) == await figures(monitoring), "each figure is the same there"
    assert (await elsewhere.as_(ME, "administrator").post("/archive", content=content)).status_code == 409
    for told in councils():
        await told.reach(elsewhere)
    for service in (monitoring, elsewhere):
        await recounting.sweep(service.databases)
    series = [(await service.as_(ME).get("/kpis/spend/series")).json()["points"] for service in (monitoring, elsewhere)]
    assert series[0]
    assert series[1] == series[0], "and so is each month of it"


def test_every_table_that_says_whose_a_row_is_is_taken_or_left_out_with_a_reason() -> None:
    """Whoever adds a table: it is taken already, unless ``LEFT_OUT`` in monitoring/store/archive.py says why not."""
    owned = {name for name, table in metadata.tables.items() if owner_of(table) is not None}
    assert {table.name for table in KEEPING.tables()} == owned - set(LEFT_OUT)
    assert set(LEFT_OUT) <= set(metadata.tables)
    assert set(metadata.tables) - owned - set(LEFT_OUT) == {"outbox", "inbox"}
