"""A service's database away."""

from __future__ import annotations

import asyncio

from hearth.arrangement import SERVICES
from tests.faults.consortium import AGENCIES, CONSORTIUM, COUNCILS
from tests.faults.scene import Fault, Scene

BACK_WITHIN = 5.0
LOOKS = {
    "referrals": (COUNCILS[0], "/referrals?limit=1"),
    "providers": (AGENCIES[0], "/vacancies?limit=1"),
    "matching": (AGENCIES[0], "/offers?limit=1"),
    "monitoring": (CONSORTIUM, "/summary"),
}
"""A look at each service that anybody of these may take."""


async def _gone_and_back(scene: Scene, service: str, *, kill: bool, seconds: float) -> None:
    ground = scene.ground
    await (ground.kill_database(service) if kill else ground.stop_database(service))
    await asyncio.sleep(0.3)
    who, path = LOOKS[service]
    refused = await scene.asking.once(service, who, "GET", path, None)
    scene.expect(refused.status == 503, f"{service} answers {refused.status} while its database is away")
    ready = await ground.readiness(service, "api")
    scene.expect(ready.get("status") == "not ready", f"{service} says {ready.get('status')} of itself while its database is away")
    await scene.meanwhile(seconds)
    await ground.start_database(service)
    back = await scene.until(lambda: scene.answers(service, who, path), f"that {service} answers again", BACK_WITHIN)
    scene.observe(f"{service}'s database {'killed' if kill else 'stopped'}: the service answered again {back:.1f} s after it was back")


async def own_away(scene: Scene) -> None:
    """Each service's database in turn, killed or stopped."""
    services = list(SERVICES)
    scene.draw.shuffle(services)
    without = scene.asking.counted["without Retry-After"]
    for service in services[:2] if scene.short else services:
        await _gone_and_back(scene, service, kill=scene.draw.random() < 0.6, seconds=4)
        await scene.meanwhile(1)
    scene.expect(scene.asking.counted["without Retry-After"] == without, "a 503 came without Retry-After")


async def one_of_four(scene: Scene) -> None:
    """One database away for long; the other three services answer as before."""
    service = scene.draw.choice(SERVICES)
    await scene.ground.kill_database(service)
    looks = 0
    for _ in range(10 if scene.short else 24):
        for other in SERVICES:
            if other != service:
                who, path = LOOKS[other]
                answer = await scene.asking.once(other, who, "GET", path, None)
                looks += 1
                scene.expect(answer.done, f"{other} answered {answer.status} while the database of {service} was away")
        await asyncio.sleep(0.5)
    scene.observe(f"{service}'s database away: {looks} looks at the other three services, all answered")
    await scene.ground.start_database(service)


FAULTS = (
    Fault(
        "F5",
        "a service's database away",
        "the PostgreSQL of each service killed or stopped for some seconds",
        f"503 with Retry-After and nothing half done; consumers wait and bury nothing; it answers again within {BACK_WITHIN:g} s, unaided",
        own_away,
    ),
    Fault(
        "F6",
        "one database of four away",
        "the PostgreSQL of one service killed for half a minute",
        "the three other services answer as before",
        one_of_four,
    ),
)
