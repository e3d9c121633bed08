"""A small consortium in one process: the four services on real PostgreSQL, their news carried by hand, every byte to anybody kept.

Two councils, two agencies. Nothing happens by itself: an event waits until it is carried, the clock stands until it is moved. So
every order of what people do and what news arrives can be tried, and a failing order can be tried again.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared import clock, ids
from shared.contracts import HEARD_BY, SERVICES, Envelope
from shared.contracts.providers import TierLine, TiersPublished
from tests.providers import bodies
from tests.running.databases import TestDatabase, TestDatabases
from tests.running.services import RunningService, SigningKey

CONSORTIUM = "consortium"
COUNCILS = ("council:E06000045", "council:E10000014")
AGENCIES = ("agency:SC900001", "agency:SC900002")
LOT = "general"


@dataclass(frozen=True)
class Told:
    """What somebody was answered: the status, the bytes and what they say."""

    organisation: str
    asked: str
    status: int
    body: bytes

    @property
    def said(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def accepted(self) -> bool:
        """Whether it was done."""
        return self.status < 300


@dataclass(frozen=True)
class Waiting:
    """An event on its way to one service."""

    to: str
    envelope: Envelope


@dataclass
class MovedClock:
    """The clock all services read: real, and moved on by as much as was asked for. Tokens are dated by the real one."""

    really: Callable[[], datetime] = clock.now
    moved: timedelta = timedelta(0)

    def now(self) -> datetime:
        """This moment, as the services are told it."""
        return self.really() + self.moved

    def claims(self) -> dict[str, datetime]:
        """By when a token is dated, so that it is good at this real moment."""
        moment = self.really()
        return {"iat": moment, "exp": moment + timedelta(minutes=30)}


@dataclass
class SmallConsortium:
    """The services, what is on its way between them, and all that anybody has been told."""

    services: Mapping[str, RunningService]
    taken: list[tuple[TestDatabases, TestDatabase]]
    waiting: list[Waiting] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    events: list[Envelope] = field(default_factory=list)
    clock: MovedClock = field(default_factory=lambda: MovedClock())
    _collected: set[UUID] = field(default_factory=set)

    @classmethod
    async def set_up(cls, databases: TestDatabases, key: SigningKey) -> SmallConsortium:
        """Empty databases, and the register as the consortium publishes it."""
        taken = [await databases.take(service) for service in SERVICES]
        running = {
            one.service: RunningService.start(
                importlib.import_module(f"{one.service}.app").SERVICE, {None: (one.app_url, one.owner_url)}, key, pool_size=5
            )
            for one in taken
        }
        self = cls(running, [(databases, one) for one in taken])
        clock.now = self.clock.now
        for number, council in enumerate(COUNCILS, start=1):
            body = {"name": f"Council {number}", "joined_on": "2010-06-01", "lead_roles": []}
            await self.must("providers", CONSORTIUM, "PUT", f"/councils/{council.partition(':')[2]}", body)
        for number, agency in enumerate(AGENCIES, start=1):
            body = {"name": f"Agency {number}", "sector": "PR4", "ofsted_rating": "good", "inspected_on": "2025-03-04"}
            await self.must("providers", CONSORTIUM, "PUT", f"/agencies/{agency.partition(':')[2]}", body)
        await self.must("providers", CONSORTIUM, "PUT", "/frameworks/fostering", bodies.framework())
        await self.must("providers", CONSORTIUM, "PUT", f"/frameworks/fostering/lots/{LOT}", bodies.lot())
        await self.carry_all()
        lines = tuple(TierLine(agency=agency.partition(":")[2], rank=rank, tier=rank) for rank, agency in enumerate(AGENCIES, start=1))
        tiers = TiersPublished(framework="fostering", lot=LOT, round=ids.new_id(), published_at=clock.now(), tiers=2, lines=lines)
        for service in HEARD_BY["tiers.published"]:
            await self.services[service].deliver(tiers, subject=LOT, organisation=CONSORTIUM)
        return self

    async def ask(self, service: str, organisation: str, method: str, path: str, body: Any = None, *roles: str, at: str = "") -> Told:
        """One call by somebody of this organisation, with all its roles unless some are named; on the version that ``at`` now has."""
        async with self.services[service].as_(organisation, *roles, **self.clock.claims()) as client:
            version = (await client.get(at)).headers.get("ETag", "") if at else ""
            reply = await client.request(method, path, json=body, headers={"If-Match": version} if version else {})
        told = Told(organisation, f"{method} {service}{path}", reply.status_code, reply.content)
        self.told.append(told)
        return told

    async def must(self, service: str, organisation: str, method: str, path: str, body: Any = None) -> Any:
        """One call that must be done; what it answered."""
        told = await self.ask(service, organisation, method, path, body)
        assert told.accepted, f"{told.asked}: {told.status} {told.body.decode()}"
        return told.said

    async def collect(self) -> None:
        """What the services have said since the last time is on its way to those who hear it."""
        for running in self.services.values():
            for envelope in await running.published():
                if envelope.id not in self._collected:
                    self._collected.add(envelope.id)
                    self.events.append(envelope)
                    self.waiting += [Waiting(service, envelope) for service in HEARD_BY[envelope.type]]

    async def carry(self, number: int, *, twice: bool = False) -> None:
        """One of the events on their way arrives; the broker may bring it twice."""
        one = self.waiting.pop(number % len(self.waiting))
        for _ in range(2 if twice else 1):
            await self.services[one.to].deliver_again(one.envelope)

    async def carry_all(self) -> None:
        """Everything on its way arrives, and what it causes, until nothing moves."""
        await self.collect()
        while self.waiting:
            while self.waiting:
                await self.carry(0)
            await self.collect()

    async def move_on(self, by: timedelta) -> None:
        """Time passes, and what is past its moment is ended, as the sweep of each service does."""
        self.clock.moved += by
        for running in self.services.values():
            if running.service.sweep is not None:
                await running.service.sweep(running.databases)

    async def close(self) -> None:
        """Give connections and databases back, and the clock."""
        clock.now = self.clock.really
        for running in self.services.values():
            await running.close()
        for databases, one in self.taken:
            await databases.give_back(one)


def identity_of(number: int, born: date, postcode: str) -> dict[str, Any]:
    """A made-up child whose every identifying value is found again in whatever text it strays into."""
    mark = "".join("bcdfghjklm"[int(digit)] + "u" for digit in f"{number:03d}")
    return {
        "child_id": f"REC{mark.upper()}",
        "given_names": f"Zeph{mark}",
        "family_name": f"Quil{mark}",
        "date_of_birth": born.isoformat(),
        "sex": "F",
        "home_address": f"7 Marrow{mark} Lane",
        "home_postcode": postcode,
        "school": f"Bevois {mark} Primary",
        "legal_status": "C2",
        "category_of_need": "N1",
        "relatives": [{"name": f"Ottol{mark} Quil{mark}", "relationship": "mother"}],
    }


def secrets_of(identity: Mapping[str, Any]) -> Iterable[bytes]:
    """The values of an identity that nobody but the council and the chosen agency may be told."""
    for field_name in ("child_id", "given_names", "family_name", "date_of_birth", "home_address", "home_postcode", "school"):
        yield str(identity[field_name]).encode()
    for relative in identity["relatives"]:
        yield str(relative["name"]).encode()
