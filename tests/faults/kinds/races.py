"""Many at once for what there is one of; the same request more than once."""

from __future__ import annotations

import asyncio
from typing import Any

from shared import clock
from tests.faults.asking import Answer
from tests.faults.consortium import AGENCIES, CHILDREN_LIVE, COUNCILS
from tests.faults.journeys import wanted
from tests.faults.scene import Fault, Scene

AT_ONCE = 16
CONFLICTS = (404, 409, 422)


async def _offered(scene: Scene, council: str, homes: list[Any]) -> tuple[str, list[str]] | None:
    """A council's referral, and an offer of each of these homes for it."""
    referral = await scene.journeys.refer(scene.draw, council)
    if referral is None or not await scene.journeys.send(scene.draw, council, referral):
        return None
    offers = []
    for home in homes:
        terms = {
            "referral": referral,
            "vacancy": home.id,
            "pounds_per_week": "812.50",
            "available_on": clock.today().isoformat(),
            "needs": [{"need": "autism", "met": True}],
        }

        async def offer(terms: dict[str, Any] = terms, home: Any = home) -> Answer:
            return await scene.asking.write(
                "matching", home.agency, "POST", "/offers", terms, mark=f"{terms['referral']}/{terms['vacancy']}"
            )

        made = await scene.journeys.when_heard(offer)
        if made.done:
            offers.append(str(made.said["offer"]))
    return referral, offers


async def races(scene: Scene) -> None:
    """Six councils for one bed; two offers of one referral; a choice against a withdrawal."""
    rounds = 1 if scene.short else 3
    won = []
    for _ in range(rounds):
        home = await scene.journeys.publish_home(scene.draw, scene.draw.choice(AGENCIES), beds=1, for_journeys=False)
        if home is None:
            continue
        sought = [each for each in await asyncio.gather(*(_offered(scene, council, [home]) for council in COUNCILS)) if each and each[1]]
        tries = [scene.journeys.choose(await _council_of(scene, referral), referral, offers[0]) for referral, offers in sought]
        answers = await asyncio.gather(*tries)
        accepted = sum(answer.done for answer in answers)

        async def settled(home: Any = home) -> bool:
            rows = await scene.ground.rows("matching", "SELECT state FROM offers WHERE vacancy = $1", home.id)
            return not any(row["state"] == "selected" for row in rows)

        await scene.until(settled, "that each of the councils is answered", 20)
        rows = await scene.ground.rows("matching", "SELECT state FROM offers WHERE vacancy = $1", home.id)
        confirmed = sum(row["state"] == "confirmed" for row in rows)
        scene.expect(confirmed == (1 if accepted else 0), f"{accepted} councils chose one bed, {confirmed} were told that they have it")
        won.append(f"{len(tries)} → {accepted} → {confirmed}")
    scene.observe(f"councils that were offered one bed → that chose it at once → that got it: {', '.join(won)}")
    await _two_offers_and_a_withdrawal(scene)


async def _council_of(scene: Scene, referral: str) -> str:
    rows = await scene.ground.rows("referrals", "SELECT organisation FROM referrals WHERE id = $1", referral)
    return str(rows[0]["organisation"])


async def _two_offers_and_a_withdrawal(scene: Scene) -> None:
    council = scene.draw.choice(COUNCILS)
    for withdrawing in (False, True):
        homes = [
            await scene.journeys.publish_home(scene.draw, agency, beds=1, for_journeys=False) for agency in scene.draw.sample(AGENCIES, 2)
        ]
        sought = await _offered(scene, council, [home for home in homes if home])
        if sought is None or len(sought[1]) < 2:
            scene.observe("an offer for the race was refused")
            continue
        referral, offers = sought
        tries = [scene.journeys.choose(council, referral, offer) for offer in offers for _ in range(AT_ONCE // 2)]
        if withdrawing:
            path = f"/referrals/{referral}/withdrawal"
            tries.append(scene.asking.write("referrals", council, "POST", path, {"reason": "plan_changed"}))
        answers = await asyncio.gather(*tries)
        chosen = sum(answer.done for answer in answers[:AT_ONCE])
        scene.expect(chosen <= 1, f"{chosen} choices of one referral were accepted at once")
        losers = {answer.status for answer in answers[:AT_ONCE] if not answer.done}
        scene.expect(losers <= set(CONFLICTS), f"who lost the race was answered {sorted(losers)}")
        against = " against a withdrawal" if withdrawing else ""
        scene.observe(f"{AT_ONCE} choices of two offers at once{against}: {chosen} accepted, the others {sorted(losers)}")


async def keys(scene: Scene) -> None:
    """The same Idempotency-Key at once, with another body, and after the process died before and after committing."""
    council = scene.draw.choice(COUNCILS)
    for place in ("", "write.before_commit", "write.after_commit"):
        number, identity = scene.asking.new_child(council, CHILDREN_LIVE)
        key = scene.asking.new_key()
        if place:
            await scene.ground.restart("referrals", "api", HEARTH_FAIL_POINT=f"{place}:1")

            async def once(key: str = key, identity: dict[str, Any] = identity) -> Answer:
                return await scene.asking.once("referrals", council, "POST", "/children", identity, key=key)

            while not scene.ground.ended("referrals", "api"):
                await once()
            await scene.ground.restart("referrals", "api")
        else:
            many = [scene.asking.once("referrals", council, "POST", "/children", identity, key=key) for _ in range(AT_ONCE)]
            answers = await asyncio.gather(*many)
            ids = {answer.said["id"] for answer in answers if answer.done}
            statuses = sorted({answer.status for answer in answers})
            scene.expect(len(ids) == 1 and set(statuses) <= {201, 409}, f"one key {AT_ONCE} times at once: {statuses}, {len(ids)} children")
            scene.observe(f"one key {AT_ONCE} times at once: answered {statuses} with {len(ids)} child")
            other = await scene.asking.once("referrals", council, "POST", "/children", identity | {"sex": "M"}, key=key)
            scene.expect(other.status == 422, f"the key with another body was answered {other.status}")
        made = await scene.asking.write("referrals", council, "POST", "/children", identity, key=key, mark=str(number))
        again = await scene.asking.once("referrals", council, "POST", "/children", identity, key=key)
        scene.expect(
            made.done and again.done and made.said["id"] == again.said["id"], f"a key twice after {place or 'all that'} made two children"
        )
        if place:
            scene.observe(f"killed at {place}: unanswered, then {made.status} and again {again.status} with the same child")
    terms = wanted([made.said["id"]])
    await scene.asking.write("referrals", council, "POST", "/referrals", terms, mark=made.said["id"])


FAULTS = (
    Fault(
        "F16",
        "races",
        f"six councils choose one bed at once; {AT_ONCE} choices of two offers of one referral at once; the same against its withdrawal",
        "exactly one wins; the others get a clean conflict",
        races,
    ),
    Fault(
        "F17",
        "one key twice",
        f"the same Idempotency-Key {AT_ONCE} times at once, with another body, and after the process was killed before or after committing",
        "one effect and the same answer (a second caller waits for the first, 15 seconds at most: then 409); 422 for another body",
        keys,
    ),
)
