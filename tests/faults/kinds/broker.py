"""The broker away."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from hearth.arrangement import settings
from shared import clock
from shared.contracts import HEARD_BY, SERVICES
from tests.faults.consortium import CHILDREN_LIVE, COUNCILS
from tests.faults.invariants.evidence import inboxes, outboxes
from tests.faults.journeys import wanted
from tests.faults.scene import Fault, Scene

_OLD = "SELECT FROM outbox WHERE sent_at IS NULL AND recorded_at < now() - interval '3 s' LIMIT 1"
LEAST = 0.9
"""What part of its usual rate an API must keep while the broker is away."""


async def _best_rate(scene: Scene) -> float:
    """The best of some looks at the rate: what else goes on at this machine can only make a look worse."""
    return max([await _rate(scene, 2) for _ in range(1 if scene.short else 3)])


async def _rate(scene: Scene, seconds: float) -> float:
    """Referrals a second that councils get accepted, four at a time, each with the record of its child."""
    accepted, end = 0, time.monotonic() + seconds

    async def one() -> None:
        nonlocal accepted
        while time.monotonic() < end:
            council = scene.draw.choice(COUNCILS)
            number, identity = scene.asking.new_child(council, CHILDREN_LIVE)
            made = await scene.asking.write("referrals", council, "POST", "/children", identity, mark=str(number), gives_up=True)
            if made.done:
                terms = wanted([made.said["id"]])
                sent = await scene.asking.write("referrals", council, "POST", "/referrals", terms, mark=made.said["id"], gives_up=True)
                accepted += sent.done

    began = time.monotonic()
    await asyncio.gather(*(one() for _ in range(4)))
    return accepted / (time.monotonic() - began)


async def away(scene: Scene) -> None:
    """Killed while councils go on writing; in a longer run stopped in good order as well."""
    await scene.journeys.finish()
    before = await _best_rate(scene)
    await scene.ground.kill_broker()
    during = await _best_rate(scene)
    scene.observe(f"referrals accepted: {before:.0f} a second before, {during:.0f} with the broker away ({during / before:.2f})")
    # On a machine shared with other work a second or two says nothing about a rate.
    scene.expect(
        scene.short or during >= LEAST * before, f"with the broker away the API took {during / before:.2f} of what it takes otherwise"
    )
    ready = await scene.ground.readiness("referrals", "relay")
    scene.expect(ready.get("status") == "degraded", f"the relay says {ready.get('status')} of itself while the broker is away")
    waiting = (await scene.ground.rows("referrals", "SELECT count(*) FROM outbox WHERE sent_at IS NULL"))[0][0]
    scene.expect(waiting > 0, "nothing waits in the outbox while the broker is away")
    scene.journeys.start()
    await scene.meanwhile(4)
    began = time.monotonic()
    await scene.ground.start_broker()
    up = time.monotonic()

    async def drained() -> bool:
        return not await scene.ground.rows("referrals", _OLD)

    seconds = await scene.until(drained, "that what waited in the outbox is sent", 30)
    scene.observe(f"broker back in {up - began:.1f} s; {waiting} events and more that waited were sent {seconds:.1f} s later")
    if not scene.short:
        await scene.ground.stop_broker()
        await scene.meanwhile(4)
        await scene.ground.start_broker()
        seconds = await scene.until(drained, "that what waited while the broker was stopped is sent", 30)
        scene.observe(f"stopped in good order and started again: what waited was sent {seconds:.1f} s later")


async def wiped(scene: Scene) -> None:
    """The broker loses all it had while two services were not listening; what was said is sent again from the outboxes."""
    begun = clock.now()
    for service in ("matching", "monitoring"):
        scene.ground.kill(service, "consume")
    await scene.meanwhile(5)
    await scene.ground.wipe_broker()
    await scene.ground.start_broker()
    await asyncio.gather(*(scene.ground.restart(service, "consume") for service in ("matching", "monitoring")))
    await scene.meanwhile(2)
    heard = (await inboxes(scene.ground))["monitoring"]
    lost = [
        event for event in await outboxes(scene.ground) if event.sent and "monitoring" in HEARD_BY[event.type] and event.id not in heard
    ]
    scene.expect(bool(lost), "nothing was lost with the broker: the fault was not met")
    since = begun - timedelta(minutes=1)
    said = await asyncio.gather(*(asyncio.to_thread(_replay, scene, service, since) for service in SERVICES))
    scene.observe(f"wiped broker: {len(lost)} events or more were lost to monitoring; {' '.join(said)}")


def _replay(scene: Scene, service: str, since: datetime) -> str:
    """``hearth outbox replay``, with the settings of one service as its relay has them."""
    told = {**os.environ, **settings(scene.ground.deployment.where, service), **scene.ground.deployment.extra}
    command = [str(Path(sys.executable).parent / "hearth"), "outbox", "replay", service, "--since", since.isoformat()]
    done = subprocess.run(command, env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(";")[0].strip()


FAULTS = (
    Fault(
        "F3",
        "broker away",
        "the broker killed while councils write, started again after some seconds; then the same with a stop in good order",
        f"the API takes at least {LEAST} of its usual rate; news waits in the outbox and is sent afterwards; readiness says degraded",
        away,
    ),
    Fault(
        "F4",
        "broker wiped",
        "the broker killed and all it kept removed, while two services were not listening; `hearth outbox replay` for each service",
        "exchanges, queues and bindings are declared again; what was lost is sent again; effects are as though nothing had been lost",
        wiped,
        mixes=False,
    ),
)
