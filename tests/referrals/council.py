"""A council at work in the tests: its children, referrals and placements over HTTP, and the news it hears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared import clock
from shared.contracts.matching import OfferConfirmed
from shared.contracts.providers import AgencyRecorded, HoldFor, LotRecorded, VacancyHeld, VacancyRefused
from shared.contracts.words import OfstedRating, PlacementKind, Sector
from tests.running.services import RunningService

SOUTHAMPTON, HAMPSHIRE = "E06000045", "E10000014"
AGENCY, OTHER_AGENCY = "agency:SC012345", "agency:SC054321"

CHILD: dict[str, Any] = {
    "child_id": "SOU0001",
    "given_names": "Zephyrine Quill",
    "family_name": "Marrowby",
    "date_of_birth": "2016-02-29",
    "sex": "F",
    "ethnicity": "WBRI",
    "upn": "H801200001001",
    "nhs_number": "9434765919",
    "home_address": "7 Bargate Lane, Southampton",
    "home_postcode": "so14 7ly",
    "school": "Bevois Quay Primary",
    "legal_status": "C1",
    "category_of_need": "N1",
    "relatives": [{"name": "Ottoline Marrowby", "relationship": "mother"}],
}


SENT_ALL_THE_SAME = {"acknowledged_small_cell": "needed_to_match"}
"""Of a broadcast: most referrals share what they show with fewer children than the default threshold."""


def days_from_today(days: int) -> date:
    """A UK date so many days from today."""
    return clock.today() + timedelta(days=days)


def lot(code: str = "general", *, ends_on: date | None = None) -> LotRecorded:
    """A lot of the framework."""
    return LotRecorded(
        framework="south-east",
        lot=code,
        title="General placements",
        kinds=(PlacementKind.SHORT_TERM, PlacementKind.LONG_TERM, PlacementKind.EMERGENCY),
        price_bands=(),
        starts_on=date(2026, 4, 1),
        ends_on=ends_on or days_from_today(700),
    )


@dataclass
class Council:
    """One council and its officers, on a running referrals service."""

    service: RunningService
    code: str = SOUTHAMPTON

    @property
    def organisation(self) -> str:
        """As row security knows it."""
        return f"council:{self.code}"

    def client(self, *roles: str) -> httpx.AsyncClient:
        """Somebody of this council signed in."""
        return self.service.as_(self.organisation, *roles)

    async def hears_of_the_framework(self) -> None:
        """The lot and the agency become known."""
        await self.service.deliver(lot(), subject="general", organisation="consortium")
        agency = AgencyRecorded(
            agency="SC012345", name="Harbour Fostering", rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE
        )
        await self.service.deliver(agency, subject="SC012345", organisation="consortium")

    async def child(self, **changes: Any) -> str:
        """Record a child; returns its id."""
        reply = await self.client().post("/children", json={**CHILD, **changes})
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    async def another_child(self, number: int = 2, **changes: Any) -> str:
        """Record a child who resembles no other: names and birth date of its own; returns its id."""
        given_names, family_name = f"{'Bcdfgklmnpr'[number % 11]}ode", f"Lund{'kmprtx'[number % 6]}"
        names = {"child_id": f"OTHER{number}", "given_names": given_names, "family_name": family_name}
        born = f"{2010 + number % 8}-05-{10 + number % 15}"
        return await self.child(**{**names, "date_of_birth": born, "upn": None, "nhs_number": None, **changes})

    def referral_body(self, *children: str, **changes: Any) -> dict[str, Any]:
        """What begins a referral."""
        return {
            "lot": "general",
            "kind": "short_term",
            "urgency": "planned",
            "planned": True,
            "needed_by": days_from_today(10).isoformat(),
            "siblings": "only_child" if len(children) == 1 else "together",
            "children": [{"child": child, "essential_needs": ["autism"]} for child in children],
            "near": [{"what": "school", "district": "SO15", "visits_per_week": "5"}],
            "preferred_miles": 10,
        } | changes

    async def referral(self, *children: str, **changes: Any) -> str:
        """Begin a referral; returns its id."""
        reply = await self.client().post("/referrals", json=self.referral_body(*children, **changes))
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    async def does(self, referral: str, what: str, **body: Any) -> dict[str, Any]:
        """One step of a referral that must succeed; a broadcast says why it is sent though few children share what it shows."""
        if what == "broadcast":
            body = SENT_ALL_THE_SAME | body
        reply = await self.client().post(f"/referrals/{referral}/{what}", json=body)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    async def broadcast_referral(self, *children: str, **changes: Any) -> str:
        """A referral that has gone all the way to the providers."""
        referral = await self.referral(*(children or (await self.child(),)), **changes)
        await self.does(referral, "in-house")
        await self.does(referral, "in-house-decision", outcome="no_match", reason="no_carer_with_vacancy")
        await self.does(referral, "broadcast")
        return referral

    def confirmed(self, referral: str, *, provider: str = AGENCY, **changes: Any) -> OfferConfirmed:
        """The bed is held for a chosen offer."""
        return OfferConfirmed(
            **{
                "offer": uuid4(),
                "referral": UUID(referral),
                "council": self.code,
                "provider": provider,
                "vacancy": uuid4(),
                "household": uuid4(),
                "hold": uuid4(),
                "lot": "general",
                "tier": 1,
                "pounds_per_week": Decimal("812.50"),
                "available_on": clock.today(),
                "decision": uuid4(),
                "confirmed_at": clock.now(),
                "district": "SO15",
            }
            | changes
        )

    async def hears(self, event: OfferConfirmed | VacancyHeld | VacancyRefused) -> Any:
        """News about this council arrives."""
        return await self.service.deliver(event, subject=str(event.referral), organisation=self.organisation, council=self.code)

    async def placement(self, *children: str, provider: str = AGENCY) -> str:
        """A placement agreed with an agency; returns its id."""
        referral = await self.broadcast_referral(*children)
        await self.hears(self.confirmed(referral, provider=provider))
        return str((await self.client().get(f"/referrals/{referral}")).json()["placement"])

    def held(self, referral: str, match: str, **changes: Any) -> VacancyHeld:
        """A bed with the council's own carer is held."""
        return VacancyHeld(
            **{
                "vacancy": uuid4(),
                "provider": self.organisation,
                "household": uuid4(),
                "hold": uuid4(),
                "held_for": HoldFor.IN_HOUSE_MATCH,
                "asked_by": UUID(match),
                "referral": UUID(referral),
                "council": self.code,
                "beds": 1,
                "free_beds": 0,
            }
            | changes
        )
