"""The story's three carer households and the vacancies in them; their postcodes are those of public buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hearth.story.account import Account
from hearth.story.cast import AGE, KIND, Cast
from hearth.story.people import Person
from shared import clock

NEED = "emotional_support"


@dataclass(frozen=True)
class Homes:
    """The three vacancies, as ``providers`` knows them."""

    wanted: dict[str, Any]
    """Of the tier-one agency: one bed that both councils will want."""
    cheaper: dict[str, Any]
    """Of the agency in a lower tier."""
    too_young: dict[str, Any]
    """Of the tier-one agency, for children under five: it cannot take the child."""


async def publish(account: Account, cast: Cast) -> Homes:
    """Each agency records its households and publishes one bed in each, with its own references."""
    account.chapter("Agencies publish vacancies by API")
    homes = Homes(
        wanted=await _home(cast, cast.first_tier, f"{cast.telling.mark}-1", "SO16 6YD", 5, 15),
        cheaper=await _home(cast, cast.lower_tier, f"{cast.telling.mark}-2", "SO17 1BJ", 5, 15),
        too_young=await _home(cast, cast.first_tier, f"{cast.telling.mark}-3", "SO23 8UJ", 0, 4),
    )
    for agency, vacancy in ((cast.first_tier, homes.wanted), (cast.lower_tier, homes.cheaper), (cast.first_tier, homes.too_young)):
        account.say(f"{agency.title}: one bed in {vacancy['district']}, vacancy {vacancy['reference']}.")
        account.check("beds of a vacancy just published", vacancy["free_beds"], 1)
    again = await _home(cast, cast.first_tier, f"{cast.telling.mark}-1", "SO16 6YD", 5, 15)
    account.check("a vacancy published twice under one reference", again["id"], homes.wanted["id"])
    seen = await cast.officer.get("providers", "/vacancies?limit=200")
    account.check_that("councils see vacancies without postcodes", "SO16 6YD" not in str(seen))
    return homes


async def _home(cast: Cast, agency: Person, reference: str, postcode: str, from_age: int, to_age: int) -> Any:
    today = clock.today()
    await agency.put(
        "providers",
        f"/households/{reference}",
        {
            "postcode": postcode,
            "from_age": from_age,
            "to_age": to_age,
            "sexes": ["F", "M"],
            "places": 1,
            "kinds": [KIND],
            "skills": [NEED, "school_transport"],
            "risks_to_child": [],
            "risks_to_others": [],
            "languages": ["en"],
            "religions": [],
            "siblings_welcome": False,
            "children_at_home": 0,
            "approved_on": today.replace(year=today.year - 3, day=1).isoformat(),
        },
    )
    vacancy = {"household": reference, "lots": [cast.lot], "free_beds": 1, "available_from": today.isoformat()}
    return await agency.put("providers", f"/vacancies/{reference}", vacancy)


def birth_date(years: int) -> str:
    """A date of birth of a child who is ``years`` old and some months more."""
    today = clock.today()
    return today.replace(year=today.year - years - (today.month < 7), month=(today.month + 5) % 12 + 1, day=1).isoformat()


__all__ = ["AGE", "NEED", "Homes", "birth_date", "publish"]
