"""People who go on working while something is done to what they work on: referrals drafted and sent, homes published, at random."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx

from hearth.story import Telling
from hearth.story.cast import KIND, Cast, gather
from hearth.story.homes import NEED
from hearth.story.people import Person
from shared import clock
from tests.journey.deployment import Deployment

LETTERS = "bcdfghklmnprstvz"


@dataclass(frozen=True)
class Accepted:
    """A write that was answered with 2xx: when it was answered, and where whoever wrote it finds it."""

    at: datetime
    person: Person
    service: str
    path: str


@dataclass
class GoingOn:
    """What was accepted, and everything that was answered otherwise."""

    cast: Cast
    chance: random.Random
    addresses: dict[str, str]
    """Where people ask; whoever moves a service says so here."""
    accepted: list[Accepted] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    broadcast: list[str] = field(default_factory=list)

    async def _ask(self, person: Person, method: str, service: str, path: str, body: Any, found_at: str = "") -> Any:
        try:
            reply = await person.ask(method, service, path, body)
        except httpx.HTTPError as error:
            self.failed.append(f"{method} {service}{path}: {type(error).__name__}")
            return None
        if reply.status >= 300:
            self.failed.append(f"{method} {service}{path}: {reply.status} {reply.body}")
            return None
        path = found_at or f"{path}/{reply.body['id']}"
        self.accepted.append(Accepted(clock.now(), person, service, path))
        return reply.body

    async def council(self, officer: Person, fostering_service: Person | None) -> None:
        """Draft a referral for a new child and send it to every agency."""
        mark = "".join(self.chance.choices(LETTERS, k=9))
        born = clock.today() - timedelta(days=self.chance.randint(2600, 5900))
        child = {
            "child_id": mark,
            "given_names": f"A{mark[:4]}",
            "family_name": f"O{mark[4:]}",
            "date_of_birth": born.isoformat(),
            "sex": "F",
        }
        child |= {"home_postcode": "SO14 7LY", "legal_status": "C2", "category_of_need": "N1"}
        if not (recorded := await self._ask(officer, "POST", "referrals", "/children", child)):
            return
        about = {"child": recorded["id"], "religion": None, "risks_to_child": [], "risks_to_others": [], "languages": ["en"]}
        body = {"lot": self.cast.lot, "kind": KIND, "urgency": "planned", "planned": True, "siblings": "only_child", "expected_weeks": 26}
        body |= {"needed_by": (clock.today() + timedelta(days=7)).isoformat(), "near": [], "preferred_miles": 20}
        body |= {"children": [about | {"essential_needs": [NEED], "preferred_needs": []}]}
        if not (referral := await self._ask(officer, "POST", "referrals", "/referrals", body)):
            return
        path = f"/referrals/{referral['id']}"
        no_match = {"outcome": "no_match", "reason": "carer_declined"}
        for what, said, who in (
            ("in-house", {}, officer),
            ("in-house-decision", no_match, fostering_service or officer),
            ("broadcast", {"acknowledged_small_cell": "needed_to_match"}, officer),
        ):
            if not await self._ask(who, "POST", "referrals", f"{path}/{what}", said, found_at=path):
                return
        self.broadcast.append(referral["id"])

    async def agency(self, agency: Person) -> None:
        """Record a household and publish a bed in it."""
        reference, today = "".join(self.chance.choices(LETTERS, k=9)), clock.today()
        home = {"postcode": "SO17 1BJ", "from_age": 0, "to_age": 17, "sexes": ["F", "M"], "places": 1, "kinds": [KIND], "skills": [NEED]}
        home |= {"risks_to_child": [], "risks_to_others": [], "languages": ["en"], "religions": [], "siblings_welcome": False}
        home |= {"children_at_home": 0, "approved_on": today.replace(year=today.year - 3, day=1).isoformat()}
        path = f"/households/{reference}"
        if await self._ask(agency, "PUT", "providers", path, home, found_at=path):
            vacancy = {"household": reference, "lots": [self.cast.lot], "free_beds": 1, "available_from": today.isoformat()}
            await self._ask(agency, "PUT", "providers", f"/vacancies/{reference}", vacancy, found_at=path)

    async def missing(self, deployment: Deployment, before: datetime) -> list[str]:
        """What was accepted before a moment and is not found; that something was is the caller's to know."""
        kept = {(one.person.organisation, one.service, one.path): one.person for one in self.accepted if one.at < before}
        assert len(kept) > 5, "too little was done to prove anything"
        async with deployment.signed_in() as (http, tokens):
            eight = asyncio.Semaphore(8)

            async def answered(person: Person, service: str, path: str) -> int:
                async with eight:
                    return (await replace(person, http=http, tokens=tokens).ask("GET", service, path)).status

            said = await asyncio.gather(*(answered(person, service, path) for (_, service, path), person in kept.items()))
            return [f"{service}{path}" for (_, service, path), status in zip(kept, said, strict=True) if status != 200]


@asynccontextmanager
async def going_on(deployment: Deployment, *, seed: int) -> AsyncIterator[GoingOn]:
    """Two councils and two agencies at work until the block ends; each finishes what it has begun."""
    async with deployment.signed_in() as (http, tokens):
        addresses = deployment.addresses()
        cast = await gather(http, tokens, addresses, Telling())
        work, stop = GoingOn(cast, random.Random(seed), addresses), asyncio.Event()

        async def repeat(one: Any, *who: Any) -> None:
            while not stop.is_set():
                await one(*who)
                await asyncio.sleep(work.chance.random())

        people = [
            asyncio.create_task(repeat(work.council, cast.officer, cast.fostering_service)),
            asyncio.create_task(repeat(work.council, cast.other_officer, None)),
            asyncio.create_task(repeat(work.agency, cast.first_tier)),
            asyncio.create_task(repeat(work.agency, cast.lower_tier)),
        ]
        try:
            yield work
        finally:
            stop.set()
            await asyncio.gather(*people)
