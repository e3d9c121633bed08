"""Ends what is past its moment: a service's own sweep, run again and again in the process that hears its events.

A sweep is idempotent and safe beside another one; nothing that must be true at a moment may depend on when it ran. What is away
for a while (a database) is waited for; a sweep that fails is said in the log and tried again at the next turn. A process told to stop
lets the sweep in hand end for some seconds, then breaks it off: what its open transaction did is undone, and the next sweep does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import Counter, Gauge

from shared import clock, failures, logs
from shared.pace import wait_for_any
from shared.tenancy import Databases

Sweep = Callable[[Databases], Awaitable[int]]
"""Ends all that is past its moment in every database of the map; how many things it ended."""

FINISH_SECONDS = 5.0
"""How long a sweep in hand may go on after the process was told to stop; a launcher or container kills it some seconds later."""
UNDO_SECONDS = 2.0
"""How long one that is broken off may take to undo what it had begun; a database that is silent undoes it by itself."""

ended = Counter("hearth_sweep_ended_total", "Things a sweep ended because their moment had passed", ["service"])
failed = Counter("hearth_sweep_failed_total", "Sweeps that failed and are tried again", ["service"])
last_sweep = Gauge("hearth_sweep_last_timestamp_seconds", "When the last whole sweep finished", ["service"])

_log = logs.logger("shared.sweeping")


async def run(
    service: str, sweep: Sweep, databases: Databases, stop: asyncio.Event, *, seconds: float, finish_seconds: float = FINISH_SECONDS
) -> None:
    """Sweep every so many seconds until ``stop``; the sweep in hand is finished if it ends within ``finish_seconds``, else broken off."""
    last_sweep.labels(service).set(clock.now().timestamp())  # one that never finishes is late from now on, not unknown
    while not stop.is_set():
        try:
            found = await _ended_or_stopped(asyncio.ensure_future(sweep(databases)), stop, finish_seconds)
            if found is None:
                _log.info("a sweep was broken off to stop", service=service)
                return
            last_sweep.labels(service).set(clock.now().timestamp())
            if found:
                ended.labels(service).inc(found)
                _log.info("ended what was past its moment", service=service, count=found)
        except Exception as error:
            failed.labels(service).inc()
            if failures.is_outage(error):
                _log.warning("a sweep waits for the database", service=service, error=type(error).__name__)
            else:
                _log.error("a sweep failed", service=service, reason=failures.described(error))
        await wait_for_any(stop, seconds=seconds)


async def _ended_or_stopped(sweep: asyncio.Future[int], stop: asyncio.Event, finish_seconds: float) -> int | None:
    """What the sweep ended; None if it was broken off because the process is to stop."""
    stopping = asyncio.create_task(stop.wait())
    try:
        either: set[asyncio.Future[Any]] = {sweep, stopping}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not sweep.done():
            await asyncio.wait({sweep}, timeout=finish_seconds)
        if sweep.done():
            return sweep.result()
        sweep.add_done_callback(lambda broken_off: broken_off.cancelled() or broken_off.exception())
        sweep.cancel()
        await asyncio.wait({sweep}, timeout=UNDO_SECONDS)
        return None
    finally:
        stopping.cancel()
        sweep.cancel()
