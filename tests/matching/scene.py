"""A consortium at work, seen from matching: what a test needs to say to get to the point it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.contracts.providers import VacancyFacts, VacancyOpened
from shared.contracts.referrals import ReferralBroadcast, ReferralView
from tests.matching import events
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON, SURREY
from tests.running.services import RunningService

CONSIDERED = {
    "near_home": "met",
    "schooling_unbroken": "met",
    "siblings_together": "does_not_apply",
    "disability_met": "does_not_apply",
    "inside_area": "met",
}


def approval(approved_for: str, /, **changes: Any) -> dict[str, Any]:
    """A nominated officer approved this today."""
    return {
        "approved_for": approved_for,
        "officer": "N. Officer, assistant director",
        "office": "nominated_officer",
        "reason": "no_suitable_home_nearer",
        "approved_on": str(events.soon(0)),
    } | changes


@dataclass
class Scene:
    """Matching running, with two councils and three agencies in tiers one to three."""

    service: RunningService
    claims: dict[str, Any] = field(default_factory=dict)
    """What is said otherwise of everybody's token: how long it lasts, where a test moves the clock."""

    @classmethod
    async def set(cls, service: RunningService) -> Scene:
        """The register as the consortium published it."""
        scene = cls(service)
        for ons_code, name in ((SOUTHAMPTON, "Southampton City"), (SURREY, "Surrey County")):
            await service.deliver(events.council(ons_code, name), subject=ons_code, organisation="consortium")
        for urn, name in ((OAK, "Oak Fostering"), (ELM, "Elm Fostering"), (ASH, "Ash Fostering")):
            await service.deliver(events.agency(urn, name), subject=urn, organisation="consortium")
        await service.deliver(events.lot(), subject=events.LOT, organisation="consortium")
        await service.deliver(events.tiers(OAK, ELM, ASH), subject=events.LOT, organisation="consortium")
        return scene

    async def vacancy(self, provider: str = OAK, **changes: Any) -> VacancyFacts:
        """A provider publishes a vacancy."""
        facts = events.facts(provider, **changes)
        await self.service.deliver(VacancyOpened(facts=facts), subject=str(facts.vacancy), organisation=provider)
        return facts

    async def broadcast(self, council: str = SOUTHAMPTON, *, version: int = 2, **changes: Any) -> ReferralView:
        """A council sends a referral to every provider of the lot."""
        view = events.view(council, **changes)
        heard = ReferralBroadcast(view=view, in_house_reason="no_carer_available")
        await self.service.deliver(heard, subject=str(view.referral), organisation=council, version=version, council=view.council)
        return view

    async def ask(self, organisation: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One call, signed in as this organisation with all roles but reader."""
        async with self.service.as_(organisation, **self.claims) as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, json=body, headers=named)

    async def offer(self, view: ReferralView, facts: VacancyFacts, pounds: str = "800.00", **changes: Any) -> dict[str, Any]:
        """A provider offers its vacancy; every essential need met unless said otherwise."""
        reply = await self.ask(facts.provider, "POST", "/offers", self.terms(view, facts, pounds) | changes)
        assert reply.status_code == 201, reply.text
        made: dict[str, Any] = reply.json()
        return made

    @staticmethod
    def terms(view: ReferralView, facts: VacancyFacts, pounds: str = "800.00") -> dict[str, Any]:
        """The body of an offer that meets every essential need."""
        needs = sorted({need for one in view.children for need in one.essential_needs})
        return {
            "referral": str(view.referral),
            "vacancy": str(facts.vacancy),
            "pounds_per_week": pounds,
            "available_on": str(events.soon(3)),
            "needs": [{"need": need, "met": True} for need in needs],
        }

    async def options(self, view: ReferralView, council: str = SOUTHAMPTON) -> dict[str, Any]:
        """A council looks at its offers."""
        reply = await self.ask(council, "GET", f"/referrals/{view.referral}/options")
        assert reply.status_code == 200, reply.text
        shown: dict[str, Any] = reply.json()
        return shown

    async def choose(self, view: ReferralView, offer: dict[str, Any], council: str = SOUTHAMPTON, **changes: Any) -> httpx.Response:
        """A council chooses; every consideration answered unless said otherwise.

        The homes are in Southampton's area: another council comes with its nominated officer's approval.
        """
        abroad = [] if council == SOUTHAMPTON else [approval("out_of_area")]
        body = {"offer": offer["offer"], "considerations": CONSIDERED, "wishes": "followed", "approvals": abroad} | changes
        return await self.ask(council, "POST", f"/referrals/{view.referral}/choice", body)

    async def shortlist(self, view: ReferralView, *offers: dict[str, Any], council: str = SOUTHAMPTON) -> None:
        """A council puts these offers on its shortlist, whatever others stand."""
        version = (await self.options(view, council))["version"]
        body = {"offers": [offer["offer"] for offer in offers], "reason_code": "time_does_not_allow"}
        reply = await self.ask(council, "PUT", f"/referrals/{view.referral}/shortlist", body, If_Match=f'"{version}"')
        assert reply.status_code == 200, reply.text

    async def keep(self, view: ReferralView, offer: dict[str, Any], council: str = SOUTHAMPTON) -> httpx.Response:
        """A council takes a short hold on the home of one of its shortlisted offers."""
        return await self.ask(council, "POST", f"/referrals/{view.referral}/hold", {"offer": offer["offer"]})

    async def hold(self, offer: dict[str, Any], council: str = SOUTHAMPTON, *, provider: str = OAK, version: int = 2) -> None:
        """Providers took the bed."""
        await self.service.deliver(
            events.held(offer, council, provider=provider), subject=offer["vacancy"], organisation=council, version=version
        )

    async def refuse(self, offer: dict[str, Any], council: str = SOUTHAMPTON, *, provider: str = OAK) -> None:
        """Providers found the bed gone."""
        await self.service.deliver(events.refused(offer, council, provider=provider), subject=offer["vacancy"], organisation=council)

    async def own_offer(self, offer: dict[str, Any], provider: str = OAK) -> dict[str, Any]:
        """A provider reads its offer."""
        reply = await self.ask(provider, "GET", f"/offers/{offer['offer']}")
        assert reply.status_code == 200, reply.text
        shown: dict[str, Any] = reply.json()
        return shown
