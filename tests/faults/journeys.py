"""What people do: councils refer, agencies offer, a council chooses, a child moves in and out; each step drawn from a seed.

A journey is one referral from the child's record to wherever it gets. Several go on at once, of councils and agencies drawn anew for
each, so that two councils often want the same bed. Nothing here checks anything: people take what answers they get, and go on or give up.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hearth.story.referring import SENT_ALL_THE_SAME
from shared import clock
from shared.organisation import Role
from tests.faults.asking import Answer, Asking, Outcome, rules
from tests.faults.consortium import AGENCIES, CARERS_LIVE, CHILDREN_LIVE, COUNCILS, LOT
from tests.matching.scene import CONSIDERED, approval
from tests.providers import bodies

AT_ONCE = 3
APPROVED_ON = "2009-09-09"
"""Before the first child was born: an answer that names this day tells of no child."""
NEWS_WITHIN = 12.0
"""Seconds somebody waits for news from another service before giving up."""
Draw = random.Random


@dataclass(frozen=True)
class Home:
    """A vacancy an agency published."""

    agency: str
    reference: str
    id: str
    beds: int


@dataclass
class Journeys:
    """People at work until told to stop."""

    asking: Asking
    seed: str
    homes: list[Home] = field(default_factory=list)
    begun: int = 0
    finished: int = 0
    reached: dict[str, int] = field(default_factory=dict)
    """How many journeys came so far: referred, broadcast, offered, chosen, placed, started, ended …"""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _going: list[asyncio.Task[None]] = field(default_factory=list)

    async def open_homes(self, each: int = 2) -> None:
        """Every agency publishes some vacancies."""
        draw = random.Random(f"{self.seed}-homes")
        await asyncio.gather(*(self.publish_home(draw, agency) for agency in AGENCIES for _ in range(each)))

    def start(self, at_once: int = AT_ONCE) -> None:
        """Begin journeys, so many at once, one after the other."""
        self._stop.clear()
        self._going = [asyncio.create_task(self._one_after_another()) for _ in range(at_once)]

    async def finish(self) -> None:
        """Begin no more, and wait for those that are going on."""
        self._stop.set()
        await asyncio.gather(*self._going)
        self._going = []

    async def _one_after_another(self) -> None:
        while not self._stop.is_set():
            self.begun += 1
            await self.one(random.Random(f"{self.seed}-{self.begun}"))
            self.finished += 1

    def _came_to(self, step: str) -> None:
        self.reached[step] = self.reached.get(step, 0) + 1

    async def one(self, draw: Draw) -> None:
        """One referral, as far as it gets."""
        council = draw.choice(COUNCILS)
        if draw.random() < 0.7 or not self.homes:
            await self.publish_home(draw, draw.choice(AGENCIES))
        children = 2 if draw.random() < 0.2 else 1
        referral = await self.refer(draw, council, children)
        if referral is None:
            return
        self._came_to("referred")
        if not await self.send(draw, council, referral):
            return
        self._came_to("broadcast")
        withdrawing = asyncio.create_task(self._withdraw_soon(draw, council, referral)) if draw.random() < 0.12 else None
        offers = await self._offers(draw, referral, children)
        if offers:
            self._came_to("offered")
            await self._choose_and_place(draw, council, referral, offers)
        if withdrawing:
            await withdrawing

    async def refer(self, draw: Draw, council: str, children: int = 1) -> str | None:
        """A council writes down one or two children and a referral for them; its id if that is known."""
        ids = []
        for _ in range(children):
            number, identity = self.asking.new_child(council, CHILDREN_LIVE)
            made = await self.asking.write(
                "referrals", council, "POST", "/children", identity, gives_up=draw.random() < 0.2, mark=str(number)
            )
            if not made.done:
                return None
            ids.append(made.said["id"])
        made = await self.asking.write(
            "referrals", council, "POST", "/referrals", wanted(ids), gives_up=draw.random() < 0.2, mark=",".join(sorted(ids))
        )
        return made.said["id"] if made.done else None

    async def send_one(self, draw: Draw) -> str | None:
        """A council's referral for one child, sent to every agency; its id if that is known."""
        council = draw.choice(COUNCILS)
        referral = await self.refer(draw, council)
        return referral if referral and await self.send(draw, council, referral) else None

    async def send(self, draw: Draw, council: str, referral: str) -> bool:
        """The council's own carers first, then every agency of the lot; whether the council saw it sent."""
        no_match = {"outcome": "no_match", "reason": "no_carer_with_vacancy"}
        for step, body in (("in-house", {}), ("in-house-decision", no_match), ("broadcast", SENT_ALL_THE_SAME)):
            if not (await self.asking.write("referrals", council, "POST", f"/referrals/{referral}/{step}", body)).done:
                return False
            if step == "broadcast" and draw.random() < 0.15:
                changes = {"needed_by": (clock.today() + timedelta(days=draw.randint(11, 20))).isoformat()} | SENT_ALL_THE_SAME
                await self.asking.write("referrals", council, "PATCH", f"/referrals/{referral}", changes)
        return True

    async def _withdraw_soon(self, draw: Draw, council: str, referral: str) -> None:
        await asyncio.sleep(draw.random() * 2)
        await self.asking.write("referrals", council, "POST", f"/referrals/{referral}/withdrawal", {"reason": "plan_changed"})
        self._came_to("withdrawn")

    async def publish_home(self, draw: Draw, agency: str, beds: int = 0, *, for_journeys: bool = True) -> Home | None:
        """An agency publishes a vacancy in a household of its own; None when it did not see that done. ``for_journeys``: to be offered."""
        reference = f"H{self.asking.new_key()}"
        beds = beds or draw.choice((1, 1, 2))
        household = bodies.household(postcode=draw.choice(CARERS_LIVE), places=beds, approved_on=APPROVED_ON)
        made = await self.asking.write("providers", agency, "PUT", f"/households/{reference}", household, mark=reference)
        if not made.done:
            return None
        vacancy = bodies.vacancy(household=reference, lots=[LOT], free_beds=beds, available_from=clock.today().isoformat())
        made = await self.asking.write("providers", agency, "PUT", f"/vacancies/{reference}", vacancy, mark=reference)
        if not made.done:
            return None
        home = Home(agency, reference, made.said["id"], beds)
        if for_journeys:
            self.homes.append(home)
        return home

    async def _offers(self, draw: Draw, referral: str, children: int) -> list[str]:
        """One to three agencies offer a home with room enough each, as soon as they have heard; the ids of the offers they saw made."""
        recent = [home for home in self.homes if home.beds >= children][-10:]
        homes = draw.sample(recent, min(len(recent), draw.choice((1, 2, 2, 3))))
        made = await asyncio.gather(*(self._offer(random.Random(draw.random()), referral, home) for home in homes))
        return [offer for offer in made if offer]

    async def _offer(self, draw: Draw, referral: str, home: Home) -> str | None:
        terms = {
            "referral": referral,
            "vacancy": home.id,
            "pounds_per_week": f"{draw.randint(700, 900)}.50",
            "available_on": clock.today().isoformat(),
            "needs": [{"need": "autism", "met": True}],
        }
        if draw.random() < 0.08:
            await self.asking.write("matching", home.agency, "POST", f"/opportunities/{referral}/decline", {"reason": "no_vacancy"})
            return None
        mark = f"{referral}/{home.id}"
        made = await self.when_heard(lambda: self.asking.write("matching", home.agency, "POST", "/offers", terms, mark=mark))
        if not made.done:
            return None
        offer = str(made.said["offer"])
        if draw.random() < 0.08:
            await self.asking.write("matching", home.agency, "POST", f"/offers/{offer}/withdrawal", {"reason": "carer_changed_their_mind"})
            return None
        return offer

    async def when_heard(self, ask: Callable[[], Awaitable[Answer]], within: float = NEWS_WITHIN) -> Answer:
        """Ask again while the answer is one that news from another service would change: no such referral, or no such vacancy yet."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            answer = await ask()
            too_early = answer.status == 404 or (answer.status == 422 and "own_published_vacancy" in rules(answer))
            if not too_early or asyncio.get_running_loop().time() > deadline or self._stop.is_set():
                return answer
            await asyncio.sleep(0.7)

    async def _choose_and_place(self, draw: Draw, council: str, referral: str, offers: list[str]) -> None:
        left = list(offers)
        while left:
            offer = left.pop(draw.randrange(len(left)))
            at_once = [self.choose(council, referral, offer)]
            if left and draw.random() < 0.2:  # two officers of one council choose two offers at the same moment
                at_once.append(self.choose(council, referral, left[0]))
            answers = await asyncio.gather(*at_once)
            if not any(answer.done for answer in answers):
                if any(answer.outcome is Outcome.UNKNOWN for answer in answers):
                    return
                continue
            self._came_to("chosen")
            placement = await self._placement(council, referral)
            if placement is not None:
                await self._live(draw, council, placement)
                return

    async def choose(self, council: str, referral: str, offer: str, key: str = "") -> Answer:
        """The council chooses an offer, with all that it owes to be said."""
        body = {
            "offer": offer,
            "considerations": CONSIDERED,
            "wishes": "followed",
            "reason_code": "childs_wishes",
            "approvals": [approval("out_of_area")],
        }
        return await self.asking.write("matching", council, "POST", f"/referrals/{referral}/choice", body, key=key, mark=offer)

    async def _placement(self, council: str, referral: str) -> dict[str, Any] | None:
        """The placement that a choice leads to, or None when the bed was gone or no news comes."""
        deadline = asyncio.get_running_loop().time() + NEWS_WITHIN
        while asyncio.get_running_loop().time() < deadline:
            answer = await self.asking.read("referrals", council, f"/placements?referral={referral}")
            if answer.done and (items := answer.said["items"]):
                self._came_to("placed")
                found: dict[str, Any] = items[0]
                return found
            choice = await self.asking.read("matching", council, f"/referrals/{referral}/choice")
            if choice.done and choice.said.get("state") in ("refused", "none"):
                return None
            if self._stop.is_set():
                return None
            await asyncio.sleep(0.6)
        return None

    async def _live(self, draw: Draw, council: str, placement: dict[str, Any]) -> None:
        path = f"/placements/{placement['id']}"
        await self.asking.read("referrals", placement["provider"], f"{path}/child", role=Role.REFERRALS_OFFICER)
        if draw.random() < 0.15:
            if (await self.asking.write("referrals", council, "POST", f"{path}/cancellation", {"reason": "child_refused"})).done:
                self._came_to("cancelled")
            return
        start = {"started_on": clock.today().isoformat(), "earlier_than_agreed": True}
        if not (await self.asking.write("referrals", council, "POST", f"{path}/start", start)).done:
            return
        self._came_to("started")
        if draw.random() < 0.4:
            ending = {"ended_on": clock.today().isoformat(), "planned": False, "reason": "CARPL"}
            if (await self.asking.write("referrals", council, "POST", f"{path}/ending", ending)).done:
                self._came_to("ended")


def wanted(children: list[str]) -> dict[str, Any]:
    """A referral for these children, who are not to be parted."""
    return {
        "lot": LOT,
        "kind": "short_term",
        "urgency": "planned",
        "planned": True,
        "needed_by": (clock.today() + timedelta(days=10)).isoformat(),
        "siblings": "only_child" if len(children) == 1 else "together",
        "children": [{"child": child, "essential_needs": ["autism"]} for child in children],
        "near": [{"what": "school", "district": "SO15"}],
    }
