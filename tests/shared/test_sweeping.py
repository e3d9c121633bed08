"""A process told to stop lets its sweep end, and does not wait for one that will not."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from shared import sweeping
from shared.tenancy import Databases

NONE = cast(Databases, None)


async def stopped_in_the_middle(sweep: Any, **patience: float) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(sweeping.run("notes", sweep, NONE, stop, seconds=60, **patience))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(running, 30)


async def test_a_sweep_in_hand_is_finished_before_the_process_ends() -> None:
    seen = []

    async def sweep(_: Databases) -> int:
        seen.append("begun")
        await asyncio.sleep(0.05)
        seen.append("ended")
        return 1

    await stopped_in_the_middle(sweep)
    assert seen == ["begun", "ended"]


async def test_a_sweep_that_takes_too_long_is_broken_off_where_it_waits_so_that_its_transaction_is_undone() -> None:
    seen = []

    async def sweep(_: Databases) -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("undone")
            raise
        return 1

    await stopped_in_the_middle(sweep, finish_seconds=0.05)
    assert seen == ["undone"]


async def test_a_sweep_that_fails_is_tried_again() -> None:
    stop = asyncio.Event()
    tries = []

    async def sweep(_: Databases) -> int:
        tries.append("tried")
        if len(tries) > 1:
            stop.set()
        raise ValueError("not this time")

    await asyncio.wait_for(sweeping.run("notes", sweep, NONE, stop, seconds=0.01), 30)
    assert tries == ["tried", "tried"]
