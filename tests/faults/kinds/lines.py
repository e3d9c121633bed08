"""The lines between processes and servers: slow, throttled, cut, silent, open one way only."""

from __future__ import annotations

import asyncio
import time

import httpx

from tests.faults.consortium import COUNCILS
from tests.faults.kinds.databases import LOOKS
from tests.faults.scene import Fault, Scene

STATEMENT_MS = 3000
DEADLINE = 15.0
"""Seconds in which a request must be answered whatever the line to the database does: 6 of silence on a connection of the pool, 5 on
a new one, and some for a busy machine."""
BACK_WITHIN = 5.0
AS_BEFORE = 0.9
"""What part of its usual rate a service must answer again at."""


async def _look(scene: Scene, service: str) -> tuple[int, float]:
    who, path = LOOKS[service]
    headers = {"Authorization": f"Bearer {await scene.asking.tokens.of(who)}"}
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=2 * DEADLINE) as http:
        reply = await http.get(scene.ground.address(service) + path, headers=headers)
    return reply.status_code, time.monotonic() - began


async def _rate(scene: Scene, service: str, seconds: float = 1.5) -> float:
    """Looks a second that are answered, four callers at once."""
    answered, began = 0, time.monotonic()

    async def one() -> None:
        nonlocal answered
        while time.monotonic() - began < seconds:
            answered += await scene.answers(service, *LOOKS[service])

    await asyncio.gather(*(one() for _ in range(4)))
    return answered / (time.monotonic() - began)


async def slow_and_silent(scene: Scene) -> None:
    """The line of a service drawn to its database, then the lines of a relay and a consumer to the broker."""
    await _line_to_its_database(scene, scene.draw.choice(sorted(LOOKS)))
    async with scene.ground.through_proxy("referrals", "relay", "broker") as proxy:
        proxy.slow(seconds=0.2)
        await scene.meanwhile(3)
        proxy.silence()
        await scene.meanwhile(7)
        proxy.speak()
        await _sent(scene, "referrals", "the line to the broker was silent")
    async with scene.ground.through_proxy("monitoring", "consume", "broker") as proxy:
        proxy.silence(there=False)  # it hears nothing, and may still speak
        await scene.meanwhile(4)
        proxy.speak()
        proxy.cut()
        await scene.meanwhile(2)


async def _line_to_its_database(scene: Scene, service: str) -> None:
    async with scene.ground.through_proxy(service, "api", "database", STATEMENT_TIMEOUT_MS=str(STATEMENT_MS)) as proxy:
        before = await _rate(scene, service)
        proxy.slow(seconds=0.05)
        await scene.meanwhile(3)
        proxy.slow(seconds=0.0, bytes_a_second=200_000)
        await scene.meanwhile(2)
        proxy.speak()
        proxy.cut()
        status, seconds = await _look(scene, service)
        scene.expect(status in (200, 503), f"after its connections were cut {service} answered {status}")
        proxy.silence()
        status, seconds = await _look(scene, service)
        scene.expect(seconds < DEADLINE, f"with a silent database {service} took {seconds:.1f} s to answer")
        scene.expect(status == 503, f"with a silent database {service} answered {status}")
        scene.observe(f"silent database of {service}: answered {status} after {seconds:.1f} s")
        proxy.speak()
        back = await scene.until(lambda: scene.answers(service, *LOOKS[service]), f"that {service} answers again", BACK_WITHIN)
        rate = 0.0

        async def as_before() -> bool:
            nonlocal rate
            rate = await _rate(scene, service)
            return rate >= AS_BEFORE * before

        await scene.until(as_before, f"that {service} answers as much as before ({before:.0f} a second)", 15)
        scene.observe(f"line restored: answered again after {back:.1f} s, then {rate:.0f} looks a second ({before:.0f} before)")


async def _sent(scene: Scene, service: str, after: str) -> None:
    async def caught_up() -> bool:
        return not await scene.ground.rows(
            service, "SELECT FROM outbox WHERE sent_at IS NULL AND recorded_at < now() - interval '3 s' LIMIT 1"
        )

    seconds = await scene.until(caught_up, f"that {service}'s relay catches up after {after}", 30)
    scene.observe(f"{service}'s relay had caught up {seconds:.1f} s after {after}")


async def confirm_lost(scene: Scene) -> None:
    """What referrals publishes arrives; that it did is not heard of, so it is published again."""
    async with scene.ground.through_proxy("referrals", "relay", "broker") as proxy:
        await scene.meanwhile(1)
        proxy.silence(there=False)
        council = scene.draw.choice(COUNCILS)
        for _ in range(4):
            await scene.journeys.refer(scene.draw, council)
        await asyncio.sleep(1.5)
        unsent = {str(row["id"]) for row in await scene.ground.rows("referrals", "SELECT id FROM outbox WHERE sent_at IS NULL")}
        heard = {str(row["event_id"]) for row in await scene.ground.rows("monitoring", "SELECT event_id FROM inbox")}
        both = len(unsent & heard)
        scene.expect(both > 0, "no event was heard whose confirm was lost: the fault was not met")
        scene.observe(f"{both} events heard by monitoring while the relay had no confirm of them; all published again")
        await scene.meanwhile(5)
        proxy.speak()
        await _sent(scene, "referrals", "confirms were lost")


FAULTS = (
    Fault(
        "F7",
        "slow, cut and silent lines",
        "a TCP proxy before the database of a service drawn and before the broker: 50 ms more a piece, 200 kB/s, all connections cut, "
        "nothing passed on, nothing passed on one way",
        f"every request is answered within {DEADLINE:g} s (503 while the database is silent); it answers again within {BACK_WITHIN:g} s, "
        f"and soon at {AS_BEFORE} of its usual rate; relays and consumers catch up",
        slow_and_silent,
    ),
    Fault(
        "F8",
        "confirms lost",
        "the proxy passes on what a relay publishes and nothing of what the broker answers",
        "the relay publishes again; each event has one effect",
        confirm_lost,
    ),
)
