"""Organisations reaching for what is not theirs, through the API and past it through the broker."""

from __future__ import annotations

import asyncio
import base64
import json

import httpx

from shared.transport import Message
from tests.faults.consortium import AGENCIES, COUNCILS
from tests.faults.invariants.evidence import inboxes
from tests.faults.kinds.deliveries import _said, linked, queue
from tests.faults.scene import Fault, Scene


async def trespass(scene: Scene) -> None:
    """Tokens that are missing, forged, another's; then events said in the name of one council about another's referral."""
    council, other = scene.draw.sample(COUNCILS, 2)
    referral = await scene.journeys.refer(scene.draw, council)
    if referral is None or not await scene.journeys.send(scene.draw, council, referral):
        scene.found.append("no referral could be sent")
        return
    good = await scene.asking.tokens.of(other)
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    swapped = _part({**claims, "organisation": council, "sub": council})
    unsigned = f"{_part({'alg': 'none', 'typ': 'JWT'})}.{swapped}."
    tokens = {"none": "", "garbage": "x.y.z", "another's claims": f"{head}.{swapped}.{signature}", "alg none": unsigned}
    address = f"{scene.ground.address('referrals')}/referrals/{referral}"
    async with httpx.AsyncClient(timeout=10) as http:
        for words, token in tokens.items():
            reply = await http.get(address, headers={"Authorization": f"Bearer {token}"} if token else {})
            scene.expect(reply.status_code == 401, f"a token with {words} was answered {reply.status_code}")
    reads = [
        (other, "referrals", f"/referrals/{referral}"),
        (other, "matching", f"/referrals/{referral}/options"),
        (other, "matching", f"/referrals/{referral}/decision"),
        (AGENCIES[0], "referrals", f"/referrals/{referral}"),
        (AGENCIES[0], "matching", f"/referrals/{referral}/options"),
    ]
    together = [scene.asking.once(service, who, "GET", path, None) for _ in range(6) for who, service, path in reads]
    own = [scene.asking.once("referrals", council, "GET", f"/referrals/{referral}", None) for _ in range(6)]
    answers = await asyncio.gather(*together)
    mine = await asyncio.gather(*own)
    scene.expect(all(answer.status in (403, 404) for answer in answers), f"strangers were answered {sorted({a.status for a in answers})}")
    scene.expect(all(answer.done for answer in mine), "the council itself was refused")
    scene.observe(
        f"4 bad tokens refused with 401; {len(answers)} looks at another's referral refused, among them its own council's answered"
    )
    await _through_the_broker(scene, council, other, referral)


def _part(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


async def _through_the_broker(scene: Scene, council: str, other: str, referral: str) -> None:
    """``other`` says by an event that ``council``'s referral is withdrawn, in two ways: as its own, and in the other's name inside."""
    told = {"referral": referral, "reason": "plan_changed", "side": "council"}
    forged = [
        _said("referral.withdrawn", other, {**told, "council": other.partition(":")[2]}, referral) | {"version": 99},
        _said("referral.withdrawn", other, {**told, "council": council.partition(":")[2]}, referral) | {"version": 99},
    ]
    async with linked(scene) as link:
        for one in forged:
            scene.asking.forged.add(str(one["id"]))
            body = json.dumps(one).encode()
            await link.publish("", [(queue(scene, "matching"), Message(str(one["id"]), "referral.withdrawn", body), None)], seconds=30)
    said = {str(one["id"]) for one in forged}

    async def answered_for() -> bool:
        dead = sum((await scene.buried()).values()) - sum(scene.known_dead.values())
        return len(said & (await inboxes(scene.ground))["matching"]) + dead >= len(said)

    await scene.until(answered_for, "that the events are heard or set apart", 15)
    rows = await scene.ground.rows("matching", "SELECT state FROM referrals WHERE council = $1 AND referral = $2", council, referral)
    scene.expect([row["state"] for row in rows] != ["withdrawn"], "another council's event withdrew a referral in matching")
    answer = await scene.asking.once("referrals", council, "GET", f"/referrals/{referral}", None)
    scene.expect(answer.done and answer.said["state"] == "broadcast", "another council's event changed a referral")
    for service, count in (await scene.buried()).items():
        scene.dead[service] = count - scene.known_dead.get(service, 0)
    scene.observe(f"2 events in the name of another council: {sum(scene.dead.values())} set apart, and nothing was changed")


FAULTS = (
    Fault(
        "F19",
        "trespass",
        "requests without, with forged, unsigned and another's tokens, among others on the same pooled connections; events of one council "
        "about another's referral put into the queue",
        "401, 403 or 404, alike whether the thing is there; the events change nothing",
        trespass,
        mixes=False,
    ),
)
