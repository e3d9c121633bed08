"""Who is in the story, found in what was loaded: two councils, two agencies of different tiers, the consortium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from hearth.story.account import NotAsItShouldBeError, until
from hearth.story.people import Person
from hearth.tokens import Tokens
from shared.organisation import Role

AGE = 9
KIND = "short_term"


@dataclass(frozen=True)
class Telling:
    """What differs when the story is told again on the same consortium: its references, and the two children in it."""

    mark: str = "story"
    given_names: str = "Robin Avery"
    family_name: str = "Thistlewood"
    other_given_names: str = "Jo"
    other_family_name: str = "Marlowe"


@dataclass(frozen=True)
class Cast:
    """The seven sign-ins, and the lot that the story is about."""

    procurement_lead: Person
    officer: Person
    fostering_service: Person
    other_officer: Person
    first_tier: Person
    lower_tier: Person
    project_manager: Person
    lot: str
    lot_title: str
    round: str
    lines: list[dict[str, Any]]
    """The published list: agency, rank and tier of each."""
    telling: Telling
    names: dict[str, str]
    """Organisation → its name."""

    def everybody(self) -> list[Person]:
        """The seven."""
        return [
            self.procurement_lead,
            self.officer,
            self.fostering_service,
            self.other_officer,
            self.first_tier,
            self.lower_tier,
            self.project_manager,
        ]


async def gather(http: httpx.AsyncClient, tokens: Tokens, addresses: Mapping[str, str], telling: Telling) -> Cast:
    """Find the cast. NotAsItShouldBeError when what was loaded has too few councils, or no published lot of two tiers."""

    def person(title: str, organisation: str, role: Role) -> Person:
        return Person(title, organisation, role, http, tokens, addresses)

    lead = person("The procurement lead", "consortium", Role.PROCUREMENT_LEAD)
    councils = (await lead.get("providers", "/councils?limit=200"))["items"]
    if len(councils) < 2:
        raise NotAsItShouldBeError("The story needs two councils: load a folder with councils.csv first")
    leading = [council for council in councils if "procurement" in council["lead_roles"]]
    ours = leading[0] if leading else councils[0]
    theirs = next(
        (council for council in councils if "specification" in council["lead_roles"] and council != ours),
        next(council for council in councils if council != ours),
    )
    lot, round_id, lines = await _published_lot(lead)
    agencies = {agency["urn"]: agency["name"] for agency in (await lead.get("providers", "/agencies?limit=200"))["items"]}
    names = {f"council:{council['ons_code']}": council["name"] for council in councils}
    names |= {f"agency:{urn}": name for urn, name in agencies.items()}
    first = next(f"agency:{line['agency']}" for line in lines if line["tier"] == 1)
    lower = next(f"agency:{line['agency']}" for line in lines if line["tier"] == 2)
    our, their = f"council:{ours['ons_code']}", f"council:{theirs['ons_code']}"
    return Cast(
        procurement_lead=lead,
        officer=person(f"{ours['name']}'s placements officer", our, Role.PLACEMENTS_OFFICER),
        fostering_service=person(f"{ours['name']}'s own fostering service", our, Role.FOSTERING_SERVICE),
        other_officer=person(f"{theirs['name']}'s placements officer", their, Role.PLACEMENTS_OFFICER),
        first_tier=person(names[first], first, Role.REFERRALS_OFFICER),
        lower_tier=person(names[lower], lower, Role.REFERRALS_OFFICER),
        project_manager=person("The project manager", "consortium", Role.PROJECT_MANAGER),
        lot=lot["code"],
        lot_title=lot["title"],
        round=round_id,
        lines=lines,
        telling=telling,
        names=names,
    )


async def _published_lot(lead: Person) -> tuple[dict[str, Any], str, list[dict[str, Any]]]:
    """The lot for the story's kind with the longest list published in two tiers or more: the lot, its round, the list."""
    lots = {lot["code"]: lot for lot in (await lead.get("providers", "/lots?limit=200"))["items"] if KIND in lot["kinds"]}
    rounds = [one for one in (await lead.get("providers", "/tender-rounds?limit=200"))["items"] if one["lot"] in lots]
    for one in sorted(rounds, key=lambda one: -int(lots[one["lot"]]["listed_agencies"])):
        if one["stage"] == "published":
            lines = (await lead.get("providers", f"/tender-rounds/{one['id']}/ranked-list"))["lines"]
            if {1, 2} <= {line["tier"] for line in lines}:
                return lots[one["lot"]], one["id"], lines
    raise NotAsItShouldBeError(f"The story needs a lot for {KIND} placements whose list is published in two tiers or more")


async def news_has_arrived(cast: Cast) -> None:
    """Until matching and monitoring have heard of the lot, its tiers and the agencies."""
    await until(
        lambda: cast.project_manager.get("monitoring", "/summary"),
        lambda summary: any(tier["lot"] == cast.lot for tier in summary["tiers"]),
        "That monitoring hears of the published tiers",
    )
