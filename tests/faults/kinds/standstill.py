"""Processes that stand still or crawl, two where one was meant, clocks that are wrong, and more work than can be done."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import httpx

from shared import clock
from shared.uk_time import UK
from tests.faults.consortium import AGENCIES
from tests.faults.invariants.rest import memory, resident
from tests.faults.scene import Fault, Scene

FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
SKEWS = ("+90s", "-90s", "-1h")
NORMAL_WITHIN = 5.0
CALLERS = 160


async def slow_consumers(scene: Scene) -> None:
    """A consumer stands still; another is kept from its table most of the time."""
    before = memory(scene.ground)
    scene.ground.stand_still("monitoring", "consume")
    end = time.monotonic() + (4 if scene.short else 25)
    while time.monotonic() < end:
        async with scene.ground.admin("matching") as connection, connection.transaction():
            await connection.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(1.0)
        await asyncio.sleep(0.05)
    figures = await scene.ground.metrics("matching", "consume")
    slow = figures.get('hearth_event_age_seconds_sum{service="matching"}', 0.0) / max(
        figures.get('hearth_event_age_seconds_count{service="matching"}', 1.0), 1.0
    )
    scene.expect('hearth_queue_waiting{service="matching"}' in figures, "the queue's length is no figure")
    scene.expect(slow > 0.2, f"a crawling consumer shows no age of its events ({slow:.2f} s)")
    after = memory(scene.ground)
    grown = max((after[way] / before[way], way) for way in before if way in after)
    scene.expect(grown[0] < 1.3, f"{' '.join(grown[1])} grew to {grown[0]:.2f} of what it held")
    scene.observe(f"events were {slow:.1f} s old on average when matching heard them; no process grew beyond {grown[0]:.2f}")
    began = time.monotonic()
    scene.ground.go_on("monitoring", "consume")

    async def caught_up() -> bool:
        said = await scene.ground.metrics("monitoring", "consume")
        return said.get('hearth_queue_waiting{service="monitoring"}', 1.0) == 0

    with suppress(httpx.HTTPError):
        await scene.until(caught_up, "that monitoring has heard what waited", 30)
    scene.observe(f"monitoring had heard all that waited {time.monotonic() - began:.1f} s after it went on")


async def two_of_each(scene: Scene) -> None:
    """A second relay and a second consumer beside the first, which stand still and go on while the others work."""
    second = [scene.ground.start_second("referrals", "relay"), scene.ground.start_second("matching", "consume")]
    try:
        await scene.meanwhile(6)
        for _ in range(1 if scene.short else 3):
            for way in (("referrals", "relay"), ("matching", "consume")):
                scene.ground.stand_still(*way)
            await scene.meanwhile(3)
            for way in (("referrals", "relay"), ("matching", "consume")):
                scene.ground.go_on(*way)
            await scene.meanwhile(1)
        scene.observe("two relays of referrals and two consumers of matching; the first of each stood still and went on")
    finally:
        for one in second:
            one.process.terminate()
        for one in second:
            await asyncio.to_thread(one.process.wait)


async def clocks(scene: Scene) -> None:
    """One service after another by another clock: ahead, behind, an hour behind as one that was set back, and through both changes of
    the clocks."""
    services = scene.draw.sample(["providers", "matching", "monitoring"], 2 if scene.short else 3)
    for service, skew in zip(services, SKEWS, strict=False):
        told = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": skew, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        await asyncio.gather(*(scene.ground.restart(service, role, **told) for role in ("consume", "relay")))
        if skew == "+90s":
            await scene.ground.restart(service, "api", **told)
        await scene.meanwhile(5)
        scene.observe(f"{service} by a clock of {skew}")
        await asyncio.gather(*(scene.ground.restart(service, role) for role in ("consume", "relay")))
    changes = _changes_of_the_clocks(clock.now())
    for service, change in zip(scene.draw.sample(["providers", "matching", "monitoring"], len(changes)), changes, strict=True):
        behind = (clock.now() - change).total_seconds() + 2
        told = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"-{behind:.0f}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": UK.key}
        await asyncio.gather(*(scene.ground.restart(service, role, **told) for role in ("consume", "relay")))
        await scene.meanwhile(5)
        scene.observe(f"{service} while the clocks went {'forward' if change.month < 6 else 'back'}, as on {change:%d.%m.%Y}")
        await asyncio.gather(*(scene.ground.restart(service, role) for role in ("consume", "relay")))


def _changes_of_the_clocks(now: datetime) -> tuple[datetime, ...]:
    """The last two moments at which the clocks of the United Kingdom went forward or back."""
    hours = (now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=number) for number in range(1, 370 * 24))
    return tuple(islice((one for one in hours if one.astimezone(UK).dst() != (one - timedelta(hours=1)).astimezone(UK).dst()), 2))


async def overload(scene: Scene) -> None:
    """Far more callers at once than can be answered, for some seconds."""
    await scene.journeys.finish()
    usual = await _p99(scene, 4, 2.0)
    before = resident(scene.ground.pid("matching", "api"))
    statuses: dict[int, int] = {}
    hurried = {"retry": 0, "refused": 0}
    took: list[float] = []
    token = await scene.asking.tokens.of(AGENCIES[0])
    end = time.monotonic() + (3 if scene.short else 10)

    async def caller(http: httpx.AsyncClient) -> None:
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                reply = await http.get(
                    f"{scene.ground.address('matching')}/opportunities?limit=50", headers={"Authorization": f"Bearer {token}"}
                )
            except httpx.HTTPError:
                statuses[0] = statuses.get(0, 0) + 1
                continue
            statuses[reply.status_code] = statuses.get(reply.status_code, 0) + 1
            if reply.status_code == 200:
                took.append(time.monotonic() - began)
            elif reply.status_code in (429, 503):
                hurried["refused"] += 1
                hurried["retry"] += "retry-after" in reply.headers
                await asyncio.sleep(0.05)

    async with httpx.AsyncClient(timeout=20, limits=httpx.Limits(max_connections=CALLERS)) as http:
        await asyncio.gather(*(caller(http) for _ in range(CALLERS)))
    scene.expect(set(statuses) <= {0, 200, 429, 503}, f"under load the answers were {statuses}")
    scene.expect(hurried["refused"] == hurried["retry"], "somebody was turned away without being told when to come again")
    grown = resident(scene.ground.pid("matching", "api")) / before
    scene.expect(grown < 1.5, f"matching's API grew to {grown:.2f} of what it held")
    worst = sorted(took)[int(len(took) * 0.99)] if took else 0.0
    began = time.monotonic()
    while time.monotonic() - began < 30 and await _p99(scene, 4, 0.5) > 3 * usual:
        pass
    back = time.monotonic() - began
    scene.expect(back < NORMAL_WITHIN + 2, f"{back:.1f} s after the load it was still slow")
    scene.observe(
        f"{CALLERS} callers at once: {statuses}; the answered waited {worst:.2f} s at most (99 of 100), {usual:.2f} s usually; "
        f"memory {grown:.2f}; as usual again within {back:.1f} s"
    )


async def _p99(scene: Scene, callers: int, seconds: float) -> float:
    took: list[float] = []
    end = time.monotonic() + seconds

    async def one() -> None:
        while time.monotonic() < end:
            began = time.monotonic()
            await scene.asking.once("matching", AGENCIES[0], "GET", "/opportunities?limit=50", None)
            took.append(time.monotonic() - began)

    await asyncio.gather(*(one() for _ in range(callers)))
    return sorted(took)[int(len(took) * 0.99)]


FAULTS = (
    Fault(
        "F12",
        "wrong clocks",
        "a service's consumer, relay and API by a clock 90 s ahead; consumers and relays of others 90 s and an hour behind, and "
        "two more by a clock on which the hour changes, in spring and in autumn",
        "the order of things and what has expired are decided by versions and by the owner of the thing, not by another's clock",
        clocks,
        needs=lambda: "" if FAKETIME else "libfaketime is not installed",
    ),
    Fault(
        "F14",
        "slow and standing consumers",
        "SIGSTOP of monitoring's consumer; matching's consumer kept from its inbox most of every second",
        "memory is bounded, the age of events and the queue are figures, publishers go on, all is heard afterwards",
        slow_consumers,
    ),
    Fault(
        "F15",
        "overload",
        f"{CALLERS} callers of one list at once, each asking again as soon as it is answered",
        "the rest is turned away at once with Retry-After (429 or 503), memory is bounded, as usual again within seconds",
        overload,
        mixes=False,
    ),
    Fault(
        "F18",
        "two of each",
        "a second relay and a second consumer; the first of each SIGSTOPped in the middle and continued while the second works",
        "rows are shared and skipped, not doubled; who goes on late changes nothing that was done meanwhile",
        two_of_each,
    ),
)
