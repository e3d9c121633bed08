"""What savings are measured by is told where nobody has told it: nights as the past's own first year has them, an index, unit costs."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from hearth.simulate.before import GREW, FirstYear, index, tell
from hearth.simulate.history import past
from hearth.simulate.plan import Plan
from tests.deploy.test_simulate_brings import consortium_known, sender_to
from tests.deploy.test_simulated_past import found
from tests.running.services import RunningService

PLAN = Plan(1, 4, date(2026, 2, 28), 0.01, frozenset())


def test_the_nights_of_the_first_year_are_those_counted_night_by_night() -> None:
    made, first_year = past(found(), PLAN), FirstYear(PLAN, found())
    told = [json.loads(line) for _, lines in first_year.passing(made.months) for line in lines]
    of = {kind: {e["subject"]: e["data"] for e in told if e["type"] == f"placement.{kind}"} for kind in ("agreed", "started", "ended")}
    nights: dict[tuple[str, str, str], int] = {}
    for day in range(365):
        night = date(2025, 2, 1) + timedelta(days=day)
        for placement, said in of["started"].items():
            left = of["ended"].get(placement, {}).get("ended_on", "2099-01-01")
            if date.fromisoformat(said["started_on"]) <= night < date.fromisoformat(left):
                agreed = of["agreed"][placement]
                lot = next(lot for lot in found().lots if lot.code == agreed["lot"])
                for band in filter(None, map(lot.band_of, agreed["ages"])):
                    key = (agreed["council"], lot.code, band)
                    nights[key] = nights.get(key, 0) + 1
    assert first_year.finish() == nights
    assert len({council for council, _, _ in nights}) == 11


async def test_it_is_told_once_and_what_is_there_stays(running: Any) -> None:
    monitoring: RunningService = await running("monitoring")
    await consortium_known(monitoring)
    there, manager = found(), monitoring.as_("consortium")
    council, other, lot = there.councils[0], there.councils[1], there.lots[0]
    cells = [{"lot": lot.code, "band": lot.bands[0][0], "nights": "900"}]
    own = {"first": "2011-04-01", "last": "2012-03-31", "cells": cells}
    assert (await monitoring.as_(f"council:{council}").put("/baseline-nights", json=own)).status_code == 200
    lived = {(whose, lot.code, lot.bands[0][0]): 1000 for whose in there.councils}
    for _ in range(2):
        await tell(sender_to(monitoring), there, PLAN, lived)
        nights = (await manager.get("/baseline-nights")).json()
        assert {each["council"]: each["nights"] for each in nights["cells"]} == dict.fromkeys(there.councils, 1000 * GREW) | {council: 900}
        assert {each["author"]: (each["first"], each["last"]) for each in nights["periods"]}[other] == ("2024-02-01", "2025-01-31")
        shown = (await manager.get("/price-index")).json()
        assert shown["head"]["version"] == 1
        assert "made up" in shown["head"]["source"]
        assert [each["month"] for each in shown["months"]] == [each["month"] for each in index(PLAN)]
        assert shown["months"][-1]["month"] == "2026-01"
        costs = (await manager.get("/unit-costs")).json()["costs"]
        assert {each["event"] for each in costs} == {"move"}
        assert all("made up" in each["source"] for each in costs)
