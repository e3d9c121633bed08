"""An older and a newer release side by side: events with more and with less in them, tables with a column more."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from shared.contracts import event_types
from tests.faults.scene import Fault, Scene

COLUMNS = {"referrals": "referrals", "providers": "vacancies", "matching": "offers", "monitoring": "inbox"}
"""One table of each service that a newer release would give a column."""
MORE = "of_a_newer_release"


def newer(envelope: dict[str, Any]) -> dict[str, Any]:
    """As a newer release might say it: fields more in the envelope, in the event and in what it holds."""
    data = {name: ({**value, MORE: 1} if isinstance(value, dict) else value) for name, value in envelope["data"].items()}
    return {**envelope, MORE: "x", "data": {**data, MORE: [1, 2]}}


def older(envelope: dict[str, Any]) -> dict[str, Any]:
    """As an older release would say it: without what its contract lets be absent and what has nothing in it."""
    fields = event_types[envelope["type"]].model_fields
    kept = {
        name: value for name, value in envelope["data"].items() if value is not None or name not in fields or fields[name].is_required()
    }
    return {**envelope, "data": kept}


async def side_by_side(scene: Scene) -> None:
    """Tables get a column while all runs; of what waits in the outboxes half is said anew as newer, half as older."""
    for service, table in COLUMNS.items():
        async with scene.ground.admin(service) as connection:
            await connection.execute(f"SET lock_timeout = '2s'; ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {MORE} text")
    changed = 0
    services = ("referrals", "matching", "providers")
    for service in services:
        scene.ground.kill(service, "relay")
    await scene.meanwhile(6)
    for service in services:
        async with scene.ground.admin(service) as connection, connection.transaction():
            for row in await connection.fetch("SELECT id, envelope FROM outbox WHERE sent_at IS NULL"):
                told = json.loads(row["envelope"])
                said = newer(told) if scene.draw.random() < 0.5 else older(told)
                await connection.execute("UPDATE outbox SET envelope = $2 WHERE id = $1", row["id"], json.dumps(said))
                changed += 1
    await asyncio.gather(*(scene.ground.restart(service, "relay") for service in services))
    await scene.meanwhile(4)
    buried = await scene.buried()
    before = scene.known_dead
    scene.expect(
        all(count <= before.get(service, 0) for service, count in buried.items()), f"events of another release were set apart: {buried}"
    )
    scene.observe(f"{changed} events said as a newer or an older release would, one column more in a table of each service: none set apart")


FAULTS = (
    Fault(
        "F20",
        "two releases side by side",
        "a column more in a table of each service while all runs; waiting events with fields more, or without what may be absent",
        "nothing is set apart, nothing is lost",
        side_by_side,
    ),
)
