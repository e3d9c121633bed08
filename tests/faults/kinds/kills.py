"""Processes killed between any two steps of publishing and consuming."""

from __future__ import annotations

import asyncio
import time

from hearth.arrangement import SERVICES
from tests.faults.scene import Fault, Scene

PUBLISHING = ("relay.before_publish", "publish.before_confirm", "relay.after_publish", "relay.after_mark")
CONSUMING = ("delivery.before_commit", "delivery.before_ack")
SAY_SOMETHING = ("referrals", "providers", "matching")


async def _at(scene: Scene, service: str, role: str, place: str) -> None:
    """One process killed at a place, on its second pass (in a short run its first), and started again."""
    await scene.ground.restart(service, role, HEARTH_FAIL_POINT=f"{place}:{1 if scene.short else 2}")
    began = time.monotonic()
    came = await scene.ground.ended_by_itself(service, role, 20.0 * scene.patience)
    scene.expect(came, f"{service} {role} never came to {place}")
    await scene.ground.restart(service, role)
    if came:
        scene.observe(f"{service} {role} killed at {place}; running again {time.monotonic() - began:.1f} s after it was armed")


async def publishing(scene: Scene) -> None:
    """Each place of the relays, three services at once; at last an API and a relay wherever they are."""
    services = list(SAY_SOMETHING)
    scene.draw.shuffle(services)
    await asyncio.gather(*(_at(scene, service, "relay", place) for service, place in zip(services, PUBLISHING, strict=False)))
    if not scene.short:
        await _at(scene, scene.draw.choice(SAY_SOMETHING), "relay", PUBLISHING[-1])
    killed = [(scene.draw.choice(SAY_SOMETHING), role) for role in ("relay", "api")]
    for way in killed:
        scene.ground.kill(*way)
        scene.observe(f"{' '.join(way)} killed wherever it was")
    await asyncio.gather(*(scene.ground.restart(*way) for way in killed))


async def consuming(scene: Scene) -> None:
    """Both places of a consumer, in two services at once."""
    services = scene.draw.sample(SERVICES, 2)
    await asyncio.gather(*(_at(scene, service, "consume", place) for service, place in zip(services, CONSUMING, strict=True)))


FAULTS = (
    Fault(
        "F1",
        "killed while publishing",
        "SIGKILL of a relay before it publishes, between publishing and the broker's confirm, between the confirm and marking, after "
        "marking; of a relay and an API wherever they are",
        "every event has its effect once; it comes when the process is started again",
        publishing,
    ),
    Fault(
        "F2",
        "killed while consuming",
        "SIGKILL of a consumer before it commits, and after committing before it acknowledges",
        "the event is delivered again; the inbox drops it if it was done",
        consuming,
    ),
)
