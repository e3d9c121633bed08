"""A year of one council, 1 April 2025 to 31 March 2026, lived through the service's own API: moves, legal statuses, reviews, endings.

The children are the example consortium's own, and as many more as it takes for every story to be told. All is drawn from the council's
code, so the year comes out the same every time.
"""

from __future__ import annotations

import csv
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import httpx

from example_data.numbers import NOT_YET_AT_SCHOOL, nhs_number, upn
from example_data.region import BY_CODE, postcode_in
from shared.contracts.providers import AgencyRecorded, LotRecorded
from shared.contracts.words import OfstedRating, PlacementKind, Sector
from tests.referrals.council import Council
from tests.running.services import RunningService

YEAR = 2026
FIRST, LAST = date(2025, 4, 1), date(2026, 3, 31)
EXAMPLE = Path(__file__).parents[3] / "deploy" / "example"
AGENCIES = {"SC900001": "PR4", "SC900002": "PR5", "SC900003": "PR4"}

Told = Callable[["SimulatedYear", "Child"], Awaitable[None]]


@dataclass(frozen=True)
class Child:
    """A child of the year: the record's id, its birth date and its home."""

    id: str
    child_id: str
    born: date
    home: str


@lru_cache(maxsize=1)
def example_children() -> list[dict[str, str]]:
    """The example consortium's children."""
    with (EXAMPLE / "children.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class SimulatedYear:
    """One council's year on a running service. ``own_urn``, ``home_urn`` and ``flat_urn``: Ofsted numbers of its fostering service, of a
    children's home and of supported accommodation in its area."""

    service: RunningService
    code: str
    own_urn: str = ""
    home_urn: str = ""
    flat_urn: str = ""
    home_post: str = ""
    own_post: str = ""
    flat_post: str = ""
    chance: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        number = sorted(BY_CODE).index(self.code) + 1
        self.chance = Random(f"simulated year {self.code}")
        self.own_urn, self.home_urn, self.flat_urn = f"SC95{number:04d}", f"SC96{number:04d}", f"27{number:05d}"
        self.home_post, self.own_post, self.flat_post = self.postcode(), self.postcode(), self.postcode()
        self.council = Council(self.service, self.code)
        self.officer: httpx.AsyncClient = self.council.client("placements_officer")

    def postcode(self) -> str:
        """A real postcode of the council's area."""
        return postcode_in(self.chance, self.code).text

    def register(self) -> dict[str, dict[str, Any]]:
        """The places this council uses beside agencies, as the consortium's register has them: Ofsted number → body."""
        places = (
            (self.own_urn, "local_authority_fostering", "PR1", self.own_post),
            (self.home_urn, "childrens_home", "PR4", self.home_post),
            (self.flat_urn, "supported_accommodation", "PR4", self.flat_post),
        )
        return {
            urn: {"name": f"{kind} (invented)", "kind": kind, "provider_codes": [code], "postcode": postcode, "local_authority": self.name}
            for urn, kind, code, postcode in places
        }

    @property
    def name(self) -> str:
        """The council's name."""
        return BY_CODE[self.code].name

    async def live(self) -> None:
        """The whole year."""
        reply = await self.officer.put("/fostering-service", json={"urn": self.own_urn})
        assert reply.status_code == 200, reply.text
        example = [row for row in example_children() if row["council"] == self.code]
        for number, (story, ages) in enumerate(STORIES):
            fitting = (each for each in example if _age(_day(each["DOB"])) in ages)
            row = None if story in UNACCOMPANIED else next(fitting, None)
            if row is not None:
                example.remove(row)
            await story(self, await self._child(number, row, ages))
        for row in example:
            child = await self._child(0, row, range(18))
            await (settled if (LAST - child.born).days > 900 else came_and_stayed)(self, child)

    async def _child(self, number: int, row: dict[str, str] | None, ages: range) -> Child:
        body = _from_example(row) if row else self._made_up(number, ages)
        reply = await self.officer.post("/children", json=body | {"confirmed_new": True, "confirmation_reason": "twin_or_sibling"})
        assert reply.status_code == 201, reply.text
        return Child(reply.json()["id"], body["child_id"], date.fromisoformat(body["date_of_birth"]), body["home_postcode"])

    def _made_up(self, number: int, ages: range) -> dict[str, Any]:
        council, age, serial = BY_CODE[self.code], self.chance.choice(ages), 500 + number
        born = date(2025 - age, self.chance.randint(1, 3), self.chance.randint(1, 28))
        return {
            "child_id": f"{council.upn_number}{serial:04d}",
            "given_names": f"Invented{number}",
            "family_name": f"Child{number}",
            "date_of_birth": born.isoformat(),
            "sex": "FM"[number % 2],
            "ethnicity": self.chance.choice(["WBRI", "MWBC", "BAFR", "AIND", "NOBT"]),
            "upn": upn(council.upn_number, born.year + 4, serial) if age >= 4 else NOT_YET_AT_SCHOOL,
            "nhs_number": nhs_number(council.upn_number * 50 + number),
            "home_postcode": self.postcode(),
            "mother": False if number % 2 == 0 else None,
            "legal_status": "C1",
            "category_of_need": "N1",
        }

    async def says(self, child: Child, what: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Record something of a child; it must succeed."""
        reply = await self.officer.request(method, f"/children/{child.id}/{what}", json=_plain(body))
        assert reply.status_code in (200, 201), f"{what}: {reply.text}"
        answer: dict[str, Any] = reply.json()
        return answer

    async def comes(self, child: Child, on: date, ls: str, cin: str = "N1") -> None:
        """The child comes into care."""
        await self.says(child, "care-periods", began_on=on, legal_status=ls, category_of_need=cin)

    async def leaves(self, child: Child, on: date, rec: str) -> None:
        """The child leaves care."""
        await self.says(child, "care-periods/ending", ended_on=on, reason=rec)

    async def status(self, child: Child, on: date, ls: str) -> None:
        """Another legal status."""
        await self.says(child, "legal-statuses", from_on=on, legal_status=ls)

    async def placed(
        self, child: Child, on: date, until: date | None = None, why: str | None = None, place: str = "U6", **other: Any
    ) -> dict[str, Any]:
        """A placement made elsewhere: with an agency of the framework unless said otherwise."""
        if "place_provider" not in other:
            urn = self.chance.choice(sorted(AGENCIES))
            other |= {"urn": urn, "place_provider": AGENCIES[urn]}
        body = {"began_on": on, "place": place, "postcode": self.postcode(), "ended_on": until, "ending_reason": why} | other
        return await self.says(child, "outside-placements", **{name: value for name, value in body.items() if value is not None})

    async def reviewed(self, child: Child, *days: date) -> None:
        """Reviews on these days."""
        for day in days:
            under_four = _age(child.born, day) < 4
            await self.says(child, "reviews", held_on=day, participation="PN0" if under_four else self.chance.choice(["PN1", "PN4", "PN6"]))

    async def unaccompanied(self, child: Child, **said: Any) -> None:
        """The child is or was unaccompanied."""
        body = _plain({"unaccompanied": True} | said)
        reply = await self.officer.patch(f"/children/{child.id}", json=body, headers={"If-Match": "*"})
        assert reply.status_code == 200, reply.text

    async def whole_year(self, child: Child) -> None:
        """What is asked of a child looked after all year."""
        age, yes = _age(child.born, LAST), {"immunisations": 1, "teeth_check": 1, "health_assessment": 1, "substance_misuse": 0}
        sdq = {"sdq_score": self.chance.randint(0, 40)} if age >= 4 and _age(child.born, FIRST - timedelta(1)) < 17 else {}
        convicted = {"convicted": 0} if age >= 10 else {}
        await self.says(child, f"outcomes/{YEAR}", "PUT", **yes, **sdq, **convicted, **({"health_check": 1} if age < 5 else {}))

    async def through_hearth(self, child: Child, started: date, provider: str) -> str:
        """A placement agreed through a referral, started that day, its address said by its provider."""
        referral = await self.council.broadcast_referral(child.id, near=[])
        await self.council.hears(self.council.confirmed(referral, provider=provider))
        placement = str((await self.council.client().get(f"/referrals/{referral}")).json()["placement"])
        party = self.service.as_(provider)
        body = {"started_on": started.isoformat(), "earlier_than_agreed": True}
        address = {"postcode": self.postcode()}
        for who, method, path, sent in ((self.council.client(), "POST", "start", body), (party, "PUT", "address", address)):
            reply = await who.request(method, f"/placements/{placement}/{path}", json=sent, headers={"If-Match": "*"})
            assert reply.status_code == 200, reply.text
        return placement


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in body.items()}


def _day(text: str) -> date:
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def _age(born: date, on: date = FIRST) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _from_example(row: dict[str, str]) -> dict[str, Any]:
    return {
        "child_id": row["CHILD"],
        "given_names": row["given_names"],
        "family_name": row["family_name"],
        "date_of_birth": _day(row["DOB"]).isoformat(),
        "sex": row["SEX"],
        "ethnicity": row["ETHNIC"],
        "upn": row["UPN"] or None,
        "nhs_number": row["nhs_number"],
        "home_postcode": row["HOME_POST"],
        "mother": {"": None, "0": False, "1": True}[row["MOTHER"]],
        "mother_child_date_of_birth": _day(row["MC_DOB"]).isoformat() if row["MC_DOB"] else None,
    }


async def settled(year: SimulatedYear, child: Child) -> None:
    """All year with one carer."""
    await year.comes(child, date(2024, 9, 2), "C1")
    await year.status(child, date(2025, 2, 3), "C2")
    await year.placed(child, date(2024, 9, 2), place="U4")
    await year.reviewed(child, date(2025, 5, 12), date(2025, 11, 10))
    await year.whole_year(child)


async def came_and_stayed(year: SimulatedYear, child: Child) -> None:
    """Came in an emergency, first under an emergency protection order."""
    began = max(date(2025, 6, 3), child.born + timedelta(3))
    await year.comes(child, began, "L2", "N1")
    await year.status(child, began + timedelta(8), "C1")
    await year.placed(child, began)
    await year.reviewed(child, began + timedelta(20))


async def moved(year: SimulatedYear, child: Child) -> None:
    """From an agency's carer to the council's own, because the carer asked."""
    await year.comes(child, date(2025, 6, 10), "V2", "N5")
    await year.placed(child, date(2025, 6, 10), date(2025, 9, 22), "CREQB")
    await year.placed(child, date(2025, 9, 22), place_provider="PR1", urn=year.own_urn)
    await year.reviewed(child, date(2025, 7, 8), date(2025, 10, 7))


async def from_home_to_carer(year: SimulatedYear, child: Child) -> None:
    """Out of a children's home on the day the care order was made."""
    await year.comes(child, date(2024, 1, 15), "C1")
    home = {"place": "K2", "place_provider": "PR4", "urn": year.home_urn, "postcode": year.home_post}
    await year.placed(child, date(2024, 1, 15), date(2025, 7, 1), "CARPL", **home)
    await year.status(child, date(2025, 7, 1), "C2")
    await year.placed(child, date(2025, 7, 1))
    await year.reviewed(child, date(2025, 4, 14), date(2025, 10, 13))
    await year.whole_year(child)


async def became_long_term(year: SimulatedYear, child: Child) -> None:
    """The same carer, now for good: once with the order, once without."""
    postcode, urn = year.postcode(), "SC900002"
    carer = {"postcode": postcode, "urn": urn, "place_provider": "PR5"}
    await year.comes(child, date(2024, 5, 6), "C1")
    await year.placed(child, date(2024, 5, 6), date(2025, 6, 16), "PLACE", **carer)
    await year.placed(child, date(2025, 6, 16), date(2025, 12, 1), "PLACE", place="U5", same_carer=True, **carer)
    await year.status(child, date(2025, 12, 1), "C2")
    await year.placed(child, date(2025, 12, 1), place="U4", same_carer=True, **carer)
    await year.whole_year(child)


async def went_home(year: SimulatedYear, child: Child) -> None:
    """Ten weeks, then home as planned."""
    await year.comes(child, date(2025, 8, 4), "V2", "N4")
    await year.placed(child, date(2025, 8, 4), date(2025, 10, 13))
    await year.leaves(child, date(2025, 10, 13), "E4A")
    await year.reviewed(child, date(2025, 9, 1))


async def came_back(year: SimulatedYear, child: Child) -> None:
    """Home too soon, and in care again: two times in one year."""
    await year.comes(child, date(2025, 1, 20), "V2", "N3")
    await year.placed(child, date(2025, 1, 20), date(2025, 4, 28))
    await year.leaves(child, date(2025, 4, 28), "E4B")
    await year.comes(child, date(2025, 9, 15), "C1", "N1")
    await year.placed(child, date(2025, 9, 15))
    await year.reviewed(child, date(2025, 10, 13))


async def guardianship(year: SimulatedYear, child: Child) -> None:
    """The former foster carer became special guardian."""
    await year.comes(child, date(2024, 3, 4), "C2")
    await year.placed(child, date(2024, 3, 4), date(2025, 11, 3), place="U4", place_provider="PR1", urn=year.own_urn)
    await year.leaves(child, date(2025, 11, 3), "E46")
    await year.reviewed(child, date(2025, 4, 29), date(2025, 10, 27))


async def in_hospital(year: SimulatedYear, child: Child) -> None:
    """Three weeks in hospital, and back to the same carer."""
    await year.comes(child, date(2025, 5, 19), "C1", "N2")
    await year.placed(child, date(2025, 5, 19))
    await year.placed(child, date(2025, 11, 5), date(2025, 11, 24), place="T1", place_provider=None)
    await year.reviewed(child, date(2025, 6, 16))


async def with_parents(year: SimulatedYear, child: Child) -> None:
    """Under a care order, placed with parents from the summer on."""
    await year.comes(child, date(2024, 11, 11), "C2")
    await year.placed(child, date(2024, 11, 11), date(2025, 8, 18), "CARPL")
    await year.placed(child, date(2025, 8, 18), place="P1", place_provider="PR0", postcode=child.home)
    await year.whole_year(child)


async def to_supported_accommodation(year: SimulatedYear, child: Child) -> None:
    """Seventeen, and into a flat with support."""
    await year.comes(child, date(2025, 4, 14), "V2", "N8")
    await year.placed(child, date(2025, 4, 14), date(2025, 10, 20), "CHILD")
    await year.placed(child, date(2025, 10, 20), place="K3", place_provider="PR4", urn=year.flat_urn, postcode=year.flat_post)
    await year.reviewed(child, date(2025, 5, 12), date(2025, 8, 11))


async def short_breaks(year: SimulatedYear, child: Child) -> None:
    """At home, with breaks in a care home; in foster care rules 214 and 218 of the 2025/26 set would contradict each other."""
    await year.comes(child, date(2025, 4, 22), "V4", "N2")
    await year.placed(child, date(2025, 4, 22), place="R1", place_provider="PR4", urn=None)


async def hearth_agency(year: SimulatedYear, child: Child) -> None:
    """Placed through a referral with an agency, moved to another through a second."""
    await year.comes(child, date(2025, 7, 14), "C1")
    first = await year.through_hearth(child, date(2025, 7, 14), "agency:SC900001")
    ending = {"ended_on": "2026-01-12", "planned": False, "reason": "CREQO"}
    reply = await year.council.client().post(f"/placements/{first}/ending", json=ending, headers={"If-Match": "*"})
    assert reply.status_code == 200, reply.text
    await year.through_hearth(child, date(2026, 1, 12), "agency:SC900002")
    await year.reviewed(child, date(2025, 8, 11))


async def after_the_year(year: SimulatedYear, child: Child) -> None:
    """What happens after 31 March does not show; a child who comes after it is not there."""
    await year.comes(child, date(2025, 12, 8), "C1")
    await year.placed(child, date(2025, 12, 8), date(2026, 5, 11), "LAREQ")
    await year.status(child, date(2026, 4, 20), "C2")
    await year.placed(child, date(2026, 5, 11))


async def came_alone(year: SimulatedYear, child: Child) -> None:
    """Seeks asylum, nobody with the child; where home was is not known."""
    await year.unaccompanied(child, home_postcode=None)
    await year.comes(child, date(2025, 7, 21), "V2", "N8")
    await year.placed(child, date(2025, 7, 21), date(2025, 9, 8), "CARPL")
    await year.placed(child, date(2025, 9, 8))
    await year.reviewed(child, date(2025, 8, 18))


async def alone_no_longer(year: SimulatedYear, child: Child) -> None:
    """Came alone; in the autumn an uncle was found. The last address is on record, and no return asks it."""
    await year.unaccompanied(child, unaccompanied_until=date(2025, 10, 6))
    await year.comes(child, date(2025, 2, 10), "V2", "N8")
    await year.placed(child, date(2025, 2, 10))
    await year.status(child, date(2025, 10, 6), "C1")
    await year.reviewed(child, date(2025, 5, 6))
    await year.whole_year(child)


STORIES: tuple[tuple[Told, range], ...] = (
    (settled, range(4, 16)),
    (came_and_stayed, range(2)),
    (moved, range(5, 15)),
    (from_home_to_carer, range(8, 15)),
    (became_long_term, range(3, 9)),
    (went_home, range(6, 13)),
    (came_back, range(5, 14)),
    (guardianship, range(4, 12)),
    (in_hospital, range(2, 12)),
    (with_parents, range(6, 14)),
    (to_supported_accommodation, range(16, 17)),
    (short_breaks, range(7, 13)),
    (hearth_agency, range(5, 15)),
    (after_the_year, range(3, 13)),
    (came_alone, range(16, 17)),
    (alone_no_longer, range(14, 16)),
)
"""Each story, and how old on 1 April 2025 the child must be for it."""
UNACCOMPANIED = (came_alone, alone_no_longer)
"""Stories of none of the example's children: those have a home near by."""


async def hears_of_the_framework(service: RunningService) -> None:
    """The lot and the agencies become known."""
    kinds = (PlacementKind.SHORT_TERM, PlacementKind.LONG_TERM)
    lot = LotRecorded(
        framework="south-east", lot="general", title="General placements", kinds=kinds, price_bands=(),
        starts_on=date(2012, 4, 1), ends_on=date(2036, 3, 31),
    )  # fmt: skip
    await service.deliver(lot, subject="general", organisation="consortium")
    for urn, sector in AGENCIES.items():
        agency = AgencyRecorded(
            agency=urn, name=f"Agency {urn}", rating=OfstedRating.GOOD, inspected_on=date(2025, 1, 1), sector=Sector(sector)
        )
        await service.deliver(agency, subject=urn, organisation="consortium")
