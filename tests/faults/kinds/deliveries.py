"""What the broker hands out: twice, ten times, in another order, or not fit to be heard at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hearth.arrangement import SERVICES
from shared import ids, transport
from shared.broker import Link
from shared.contracts import HEARD_BY
from shared.transport import Message
from tests.faults.consortium import COUNCILS
from tests.faults.invariants.evidence import outboxes
from tests.faults.scene import Fault, Scene

WINDOW = 50
TEN_MEGABYTES = 10_000_000


@asynccontextmanager
async def linked(scene: Scene) -> AsyncIterator[Link]:
    """A connection to the broker past Hearth."""
    link = await Link.open(scene.ground.broker.url, name="faults")
    try:
        yield link
    finally:
        await link.close()


def queue(scene: Scene, service: str) -> str:
    """The name of a service's queue."""
    return f"{scene.ground.deployment.extra['QUEUE_PREFIX']}.{service}"


async def doubled(scene: Scene) -> None:
    """Everything said lately is handed out again, one in ten ten times; and some is taken and given back unheard."""
    again = 0
    for _ in range(2 if scene.short else 5):
        await scene.meanwhile(1.5)
        events = (await outboxes(scene.ground))[-150:]
        copies = [
            (hearer, Message(event.id, event.type, event.text.encode()), None)
            for event in events
            for hearer in HEARD_BY[event.type]
            for _ in range(10 if scene.draw.random() < 0.1 else 1)
        ]
        scene.draw.shuffle(copies)
        async with linked(scene) as link:
            await link.publish("", [(queue(scene, hearer), message, None) for hearer, message, _ in copies], seconds=30)
        async with linked(scene) as link:
            for service in SERVICES:
                for _ in range(5):
                    await link.get(queue(scene, service))
        again += len(copies)
    scene.observe(f"{again} deliveries more than were needed")


async def shuffled(scene: Scene) -> None:
    """Three consumers stand still while their queues fill; what waits is put back in another order, once reversed and twice drawn."""
    await asyncio.gather(*(_shuffled(scene, *each) for each in (("matching", True), ("monitoring", False), ("providers", False))))


async def _shuffled(scene: Scene, service: str, backwards: bool) -> None:
    scene.ground.kill(service, "consume")
    await scene.meanwhile(6)
    taken: list[tuple[Any, Any]] = []
    async with linked(scene) as link:
        while len(taken) < WINDOW and (one := await link.get(queue(scene, service))) is not None:
            taken.append(one)
        order = list(reversed(taken)) if backwards else scene.draw.sample(taken, len(taken))
        await link.publish("", [(queue(scene, service), received.message, None) for received, _ in order], seconds=30)
        for received, _ in taken:
            link.ack(received.handle)
    scene.observe(f"{len(taken)} events to {service} {'reversed' if backwards else 'shuffled'}")
    await scene.ground.restart(service, "consume")


def _said(type: str, council: str, data: dict[str, Any], subject: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(ids.new_id()),
        "source": "/faults",
        "type": type,
        "time": "2026-01-01T00:00:00Z",
        "subject": subject,
        "datacontenttype": "application/json",
        "version": 1,
        "organisation": council,
        "council": council.partition(":")[2],
        "requestid": None,
        "data": data,
    }


async def poison(scene: Scene) -> None:
    """Things no service can hear, among what it can; and a handler that fails every time until somebody mends the cause."""
    council = scene.draw.choice(COUNCILS)
    unknown = _said("referral.forgotten", council, {}, "x")
    lacking = _said("referral.created", council, {"council": council.partition(":")[2]}, "x")
    nobody = _said("referral.created", "council:nobody", {}, "x")
    nul = _said("agency.recorded", "consortium", {"agency": "SC999999", "name": "Nul\x00", "sector": "PR4"}, "SC999999")
    bodies = [
        (b"not JSON at all", "referral.created", "monitoring"),
        (json.dumps(unknown).encode(), "referral.forgotten", "monitoring"),
        (json.dumps(lacking).encode(), "referral.created", "monitoring"),
        (json.dumps(nobody).encode(), "referral.created", "matching"),
        (b"[" + b"1," * (TEN_MEGABYTES // 2) + b"1]", "referral.created", "matching"),
        (json.dumps(nul).encode(), "agency.recorded", "matching"),
    ]
    async with linked(scene) as link:
        for body, type, service in bodies:
            await link.publish("", [(queue(scene, service), Message(str(ids.new_id()), type, body), None)], seconds=30)
            scene.dead[service] = scene.dead.get(service, 0) + 1
    await _fails_until_mended(scene)
    await scene.until(lambda: _buried(scene), "that all poison is set apart", 30)
    bus = transport.connect(scene.ground.broker.url, prefix=scene.ground.deployment.extra["QUEUE_PREFIX"])
    try:
        letters = [letter for service in ("matching", "monitoring") for letter in await bus.dead_letters(service)]
    finally:
        await bus.close()
    scene.expect(all(letter.reason and letter.died_at for letter in letters), "a dead letter has no reason or no moment")
    scene.observe(
        f"{len(bodies)} poisonous messages set apart, each with its reason; {sorted({letter.reason.split(':')[0] for letter in letters})}"
    )


async def _buried(scene: Scene) -> bool:
    there = await scene.buried()
    return all(there.get(service, 0) >= count + scene.known_dead.get(service, 0) for service, count in scene.dead.items())


async def _fails_until_mended(scene: Scene) -> None:
    """Matching may write no opportunities for a while: broadcasts fail, are set apart, and are given back when it may again."""
    async with scene.ground.admin("matching") as connection:
        await connection.execute("REVOKE INSERT ON opportunities FROM matching_app")
    await scene.journeys.send_one(scene.draw)
    bus = transport.connect(scene.ground.broker.url, prefix=scene.ground.deployment.extra["QUEUE_PREFIX"])
    try:
        before = (await bus.depth("matching")).dead

        async def set_apart() -> bool:
            letters = await bus.dead_letters("matching")
            return any(letter.message.type == "referral.broadcast" for letter in letters)

        await scene.until(set_apart, "that a broadcast which fails every time is set apart", 20)
        async with scene.ground.admin("matching") as connection:
            await connection.execute("GRANT INSERT ON opportunities TO matching_app")
        await asyncio.sleep(3)
        letters = {letter.message.id for letter in await bus.dead_letters("matching") if letter.message.type == "referral.broadcast"}
        given_back = await bus.replay("matching", letters)
        scene.observe(
            f"{given_back} broadcasts whose handler failed every time were set apart, and given back once it was mended ({before})"
        )
    finally:
        await bus.close()


FAULTS = (
    Fault(
        "F9",
        "everything delivered twice",
        "all recent events published again to those who hear them, one in ten ten times, in any order; others taken and given back",
        "effects and counts are as though each had come once",
        doubled,
    ),
    Fault(
        "F10",
        "order shuffled",
        f"up to {WINDOW} waiting events of a consumer put back in reverse or in an order drawn",
        "the state is as though they had come in order; an older version never overwrites a newer one",
        shuffled,
    ),
    Fault(
        "F11",
        "poison",
        "messages that are not JSON, of an unknown type, without what their contract asks, of an organisation that is none, of 10 MB; and "
        "a handler that fails every time",
        "set apart whole with the reason while the others pass; given back when the cause is mended, they have their effect",
        poison,
        mixes=False,
    ),
)
