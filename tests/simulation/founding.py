"""How things stand before a run: the register, three homes and three referrals, made once a process by the services' own actions.

Two councils and three agencies. Two referrals of one council and one of the other wait to be broadcast; two homes have one bed, one has
two, so that councils meet at the same bed. A run may also begin later, where the referrals are sent, or where
they are offered for too: then its steps go to what people choose, and not to how they came to have a choice.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from unittest import mock
from uuid import UUID

from providers.actions import consortium, frameworks, households, vacancies
from providers.schemas.consortium import AgencyBody, CouncilBody, FrameworkBody, LotBody
from providers.schemas.households import HouseholdBody
from providers.schemas.vacancies import VacancyBody
from referrals.actions import children, in_house, referrals
from referrals.domain.reasons import InHouseReason
from referrals.schemas.children import NewChild
from referrals.schemas.referrals import NewReferral
from shared import clock, delivery, ids, tenancy
from shared.contracts import HEARD_BY, SERVICES, Envelope
from shared.contracts.providers import TierLine, TiersPublished
from shared.organisation import Organisation
from shared.tenancy import Transaction
from tests.journey.consortium import identity_of
from tests.providers import bodies
from tests.simulation.chance import Chance
from tests.simulation.postgres.connection import ModelledEngine
from tests.simulation.postgres.rows import Database, empty
from tests.simulation.requests import ANY_VERSION, SUBJECT, broadcast, offer, ring

BEGINS = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
"""When every run begins: a Tuesday morning in summer time, so that the clocks go back within the weeks that follow."""
CONSORTIUM = "consortium"
COUNCILS = ("council:E06000045", "council:E10000014")
AGENCIES = ("agency:SC900001", "agency:SC900002", "agency:SC900003")
LOT = "general"
BEDS = (1, 1, 2)
"""How many beds each agency's home has."""
_CARERS_LIVE = ("SO17 3RF", "SO14 1AF", "SO15 5AD")
_CHILDREN_LIVE = {COUNCILS[0]: "SO14 7LY", COUNCILS[1]: "SO23 8UJ"}


@dataclass(frozen=True)
class Home:
    """A vacancy of an agency."""

    agency: str
    reference: str
    vacancy: UUID
    beds: int


@dataclass(frozen=True)
class Sought:
    """A referral whose in-house decision is recorded."""

    council: str
    referral: UUID


class Stage(StrEnum):
    """How far things have come when a run begins."""

    BEGUN = "begun"
    """Every referral waits to be broadcast."""
    SENT = "sent"
    """Every referral was broadcast, and every agency has heard of it."""
    OFFERED = "offered"
    """Each agency that has a home has offered it to every referral, and every council has heard of it."""


@dataclass(frozen=True)
class Founded:
    """The four databases as they stand, and what is in them that runs are about."""

    databases: Mapping[str, Database]
    homes: tuple[Home, ...]
    sought: tuple[Sought, ...]
    agencies: tuple[str, ...]
    """Who has homes to offer."""
    stage: Stage = Stage.BEGUN

    @cached_property
    def said(self) -> frozenset[UUID]:
        """The ids of all events said before the run."""
        return frozenset(row["id"] for database in self.databases.values() for row in database.told("outbox"))

    @cached_property
    def offered(self) -> frozenset[UUID]:
        """The offers made before the run."""
        return frozenset(row["offer"] for row in self.databases["matching"].told("offers"))


class SeededIds:
    """Ids in the order in which they are made, as uuid7 gives them, the same for the same seed."""

    def __init__(self, seed: int, now: Callable[[], datetime], *, of: str = "a run") -> None:
        self._dice = Chance(seed, f"ids of {of}").dice
        self._now = now
        self._made = 0

    def new_id(self) -> UUID:
        """See ``shared.ids``."""
        self._made += 1
        millis = int(self._now().timestamp() * 1000)
        return UUID(int=(millis << 80) | (7 << 76) | ((self._made & 0xFFF) << 64) | (2 << 62) | self._dice.getrandbits(62))

    def blinding(self) -> str:
        """See ``shared.ids``."""
        return f"{self._dice.getrandbits(128):032x}"

    def readable_reference(self, length: int = 8) -> str:
        """See ``shared.ids``."""
        letters = "".join(self._dice.choice(ids.READABLE_LETTERS) for _ in range(length))
        return "-".join(letters[start : start + 4] for start in range(0, length, 4))

    @contextmanager
    def installed(self) -> Any:
        """In place of the real ones."""
        with (
            mock.patch.object(ids, "new_id", self.new_id),
            mock.patch.object(ids, "blinding", self.blinding),
            mock.patch.object(ids, "readable_reference", self.readable_reference),
        ):
            yield


class Founding:
    """The services at work one action after the other, their news carried by hand. On modelled databases or on real ones."""

    def __init__(self, databases: Mapping[str, tenancy.Databases], carried: Collection[UUID] = ()) -> None:
        self.databases = databases
        self._carried = set(carried)

    async def act(self, service: str, organisation: str, work: Callable[[Transaction], Awaitable[Any]]) -> Any:
        """One action in a transaction of this organisation."""
        async with tenancy.transaction(self.databases[service], Organisation.parse(organisation)) as transaction:
            return await work(transaction)

    async def carry_all(self) -> int:
        """All news arrives, and what it causes; how many events there were."""
        carried = 0
        while found := [one for service in SERVICES for one in await self._said(service)]:
            for envelope in found:
                self._carried.add(envelope.id)
                await self.carry(envelope)
                carried += 1
        return carried

    async def _said(self, service: str) -> list[Envelope]:
        async with tenancy.plumbing(self.databases[service].shared) as transaction:
            rows = await transaction.driver.fetch("SELECT envelope FROM outbox ORDER BY position")
        every = [Envelope.model_validate_json(row["envelope"]) for row in rows]
        return [one for one in every if one.id not in self._carried]

    async def carry(self, envelope: Envelope) -> None:
        """One event to everybody who hears it."""
        for name in HEARD_BY[envelope.type]:
            hears = importlib.import_module(f"{name}.handlers").HEARS
            await delivery.deliver_one(name, hears, self.databases[name], envelope)

    async def register(self) -> None:
        """Councils, agencies, the framework, its lot and the lot's list."""
        check = ANY_VERSION.check
        for number, council in enumerate(COUNCILS, start=1):
            body = CouncilBody.model_validate({"name": f"Council {number}", "joined_on": "2010-06-01", "lead_roles": []})
            await self.act("providers", CONSORTIUM, lambda t, b=body, c=council: consortium.record_council(t, b.of(_code(c)), check))
        for number, agency in enumerate(AGENCIES, start=1):
            said = {"name": f"Agency {number}", "sector": "PR4", "ofsted_rating": "good", "inspected_on": "2025-03-04"}
            known = AgencyBody.model_validate(said)
            await self.act("providers", CONSORTIUM, lambda t, b=known, a=agency: consortium.record_agency(t, b.of(_code(a)), check))
        framework = FrameworkBody.model_validate(bodies.framework()).of("fostering")
        await self.act("providers", CONSORTIUM, lambda t: frameworks.record_framework(t, framework, check))
        lot = LotBody.model_validate(bodies.lot()).of("fostering", LOT)
        await self.act("providers", CONSORTIUM, lambda t: frameworks.record_lot(t, lot, check))
        await self.carry_all()
        lines = tuple(TierLine(agency=_code(agency), rank=rank, tier=rank) for rank, agency in enumerate(AGENCIES, start=1))
        tiers = TiersPublished(framework="fostering", lot=LOT, round=ids.new_id(), published_at=clock.now(), tiers=3, lines=lines)
        said_by = {"source": "/providers", "subject": LOT, "version": 1, "organisation": CONSORTIUM, "council": None, "requestid": None}
        await self.carry(Envelope.of(tiers, id=ids.new_id(), time=clock.now(), **said_by))  # type: ignore[arg-type]

    async def home(self, number: int) -> Home:
        """One agency's home."""
        agency, reference = AGENCIES[number], f"H{number + 1}"
        body = HouseholdBody.model_validate(bodies.household(postcode=_CARERS_LIVE[number], places=BEDS[number]))
        household = body.of(reference, households.home_at(body.postcode, body.lives_in))  # type: ignore[arg-type]
        await self.act("providers", agency, lambda t: households.record(t, household, ANY_VERSION.check))
        said = bodies.vacancy(household=reference, free_beds=BEDS[number], available_from=clock.today().isoformat())
        wanted = VacancyBody.model_validate(said).of(reference)
        made = await self.act("providers", agency, lambda t: vacancies.publish(t, wanted, ANY_VERSION.check))
        return Home(agency, reference, made.value.id, BEDS[number])

    async def seek(self, number: int, council: str) -> Sought:
        """One referral, up to the in-house decision."""
        identity = NewChild.model_validate(
            identity_of(number, date(2014, 1, 3) + timedelta(days=37 * number), _CHILDREN_LIVE[council])
        ).identity()
        child = await self.act("referrals", council, lambda t: children.create(t, ring(), identity, confirmation=None, subject=SUBJECT))
        body = {
            "lot": LOT,
            "kind": "short_term",
            "urgency": "planned",
            "planned": True,
            "needed_by": (clock.today() + timedelta(days=10)).isoformat(),
            "siblings": "only_child",
            "children": [{"child": child.id, "essential_needs": ["autism"]}],
            "near": [{"what": "school", "district": "SO15"}],
        }
        terms = NewReferral.model_validate(body).terms()
        begun = await self.act("referrals", council, lambda t: referrals.create(t, ring(), terms, subject=SUBJECT))
        check = ANY_VERSION.check
        await self.act("referrals", council, lambda t: referrals.send_in_house(t, ring(), begun.id, check))
        await self.act("referrals", council, lambda t: in_house.no_match(t, begun.id, InHouseReason.NO_CARER_WITH_VACANCY, check))
        return Sought(council, begun.id)

    async def everything(self) -> tuple[tuple[Home, ...], tuple[Sought, ...]]:
        """The register, the homes and the referrals, and all news of them heard."""
        await self.register()
        homes = [await self.home(number) for number in range(len(AGENCIES))]
        sought = [await self.seek(number, COUNCILS[number % 2]) for number in range(3)]
        await self.carry_all()
        return tuple(homes), tuple(sought)


async def modelled(agencies: tuple[str, ...]) -> Founded:
    """Found everything in modelled databases."""
    databases = {name: empty(name, clock.now) for name in SERVICES}
    homes, sought = await Founding(_pools(databases)).everything()
    return _told_by_hand(Founded(databases, homes, sought, agencies))


async def sent(before: Founded) -> Founded:
    """The same, and every referral broadcast."""
    databases = {name: database.copied(clock.now) for name, database in before.databases.items()}
    founding = Founding(_pools(databases), before.said)
    for one in before.sought:
        await founding.act("referrals", one.council, broadcast(one.referral))
    await founding.carry_all()
    return _told_by_hand(replace(before, databases=databases, stage=Stage.SENT))


async def offered(before: Founded) -> Founded:
    """The same, and every home there is offered to every referral."""
    databases = {name: database.copied(clock.now) for name, database in before.databases.items()}
    founding = Founding(_pools(databases), before.said)
    for home in before.homes:
        for number, one in enumerate(before.sought if home.agency in before.agencies else ()):
            pounds = f"{700 + 10 * number + home.beds}.25"
            await founding.act("matching", home.agency, offer(home.agency, one.referral, home.vacancy, pounds))
    await founding.carry_all()
    return _told_by_hand(replace(before, databases=databases, stage=Stage.OFFERED))


def _pools(databases: Mapping[str, Database]) -> dict[str, tenancy.Databases]:
    async def at_once(_: str) -> None:
        return None

    engines: dict[str, Any] = {name: ModelledEngine(database, at_once, []) for name, database in databases.items()}
    return {name: tenancy.Databases(engine, source=f"/{name}") for name, engine in engines.items()}


def _told_by_hand(founded: Founded) -> Founded:
    """Nothing is left to carry, and nothing puzzled the model."""
    for name, database in founded.databases.items():
        sent_at = [column.name for column in database.schema.tables["outbox"].columns].index("sent_at")
        for row in list(database.tables["outbox"].rows.values()):
            database.tables["outbox"].put(row[-1], (*row[:sent_at], clock.now(), *row[sent_at + 1 :]))
        assert not database.puzzles, f"{name}: {database.puzzles}"
    return founded


def _code(organisation: str) -> str:
    return Organisation.parse(organisation).code
