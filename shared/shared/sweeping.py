"""Ends what is past its moment: a service's own sweep, run again and again in the process that hears its events.

A sweep is idempotent and safe beside another one; nothing that must be true at a moment may depend on when it ran. What is away
for a while (a database) is waited for; a sweep that fails is said in the log and tried again at the next turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import Counter, Gauge

from shared import clock, failures, logs
from shared.pace import wait_for_any
from shared.tenancy import Databases

Sweep = Callable[[Databases], Awaitable[int]]
"""Ends all that is past its moment in every database of the map; how many things it ended."""

ended = Counter("hearth_sweep_ended_total", "Things a sweep ended because their moment had passed", ["service"])
failed = Counter("hearth_sweep_failed_total", "Sweeps that failed and are tried again", ["service"])
last_sweep = Gauge("hearth_sweep_last_timestamp_seconds", "When the last whole sweep finished", ["service"])

_log = logs.logger("shared.sweeping")


async def run(service: str, sweep: Sweep, databases: Databases, stop: asyncio.Event, *, seconds: float) -> None:
    """Sweep every so many seconds until ``stop``; the sweep in hand is finished."""
    last_sweep.labels(service).set(clock.now().timestamp())  # one that never finishes is late from now on, not unknown
    while not stop.is_set():
        try:
            found = await sweep(databases)
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
