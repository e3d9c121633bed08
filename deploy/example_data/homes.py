"""Carer households of agencies and of councils' own services, and the vacancies in them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from example_data.market import AGENCIES, PASSES, Row
from example_data.region import COUNCILS, NEIGHBOURS, postcode_in, stream
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers

HOUSEHOLDS, VACANCIES = 300, 200

# How many homes in a hundred can meet each need; homes for disabled children have the rarer ones more often.
_SKILLS = {
    Need.EMOTIONAL_SUPPORT: 85,
    Need.TRAUMA_INFORMED_CARE: 70,
    Need.BEHAVIOUR_SUPPORT: 65,
    Need.SCHOOL_TRANSPORT: 80,
    Need.MEDICATION: 60,
    Need.FAMILY_CONTACT_AT_HOME: 45,
    Need.TWO_CARERS: 65,
    Need.ADHD: 55,
    Need.AUTISM: 45,
    Need.SPEECH_AND_LANGUAGE: 40,
    Need.LEARNING_DISABILITY: 35,
    Need.ASYLUM_SEEKING: 30,
    Need.COMPLEX_HEALTH: 12,
    Need.SENSORY_IMPAIRMENT: 12,
    Need.GROUND_FLOOR_BEDROOM: 18,
    Need.WHEELCHAIR_ACCESS: 10,
    Need.SIGN_LANGUAGE: 6,
}
_CULTURAL = {
    Need.HAIR_AND_SKIN_CARE: 25,
    Need.HALAL_DIET: 20,
    Need.KOSHER_DIET: 4,
    Need.VEGETARIAN_DIET: 40,
    Need.PLACE_OF_WORSHIP_NEARBY: 35,
    Need.LINKS_TO_COMMUNITY: 25,
    Need.TRAVELLER_WAY_OF_LIFE: 5,
}
_FOR_DISABLED = {
    Need.LEARNING_DISABILITY: 95,
    Need.AUTISM: 90,
    Need.SPEECH_AND_LANGUAGE: 85,
    Need.MEDICATION: 95,
    Need.COMPLEX_HEALTH: 65,
    Need.SENSORY_IMPAIRMENT: 60,
    Need.GROUND_FLOOR_BEDROOM: 75,
    Need.WHEELCHAIR_ACCESS: 65,
    Need.SIGN_LANGUAGE: 40,
    Need.SCHOOL_TRANSPORT: 95,
}
_LANGUAGES = ("pl", "ur", "pa", "ro", "pt", "so", "bn", "ar", "ps", "ku", "ti", "vi", "uk", "bfi")


@dataclass(frozen=True, slots=True)
class Household:
    """One approved home, as it will stand in the file."""

    row: Row
    lots: tuple[str, ...]
    places: int
    free_beds: int


def households() -> list[Household]:
    """300 homes: each council's own, and the agencies' shared out with the strong ones of each area first."""
    choices = stream("households")
    homes = []
    for council in COUNCILS:
        for number in range(1, council.households + 1):
            reference = f"FS-{number:03d}"
            homes.append(
                _household(choices, council.provider, reference, (council.ons_code,), ("general", "parent_and_child", "disabled_children"))
            )
    left = HOUSEHOLDS - len(homes)
    shares = [3 if agency.rating not in PASSES else 8 for agency in AGENCIES]
    for place in range(left - sum(shares)):
        shares[place % 22] += 1  # the first 22 pass the gate
    for agency, share in zip(AGENCIES, shares, strict=True):
        for number in range(1, share + 1):
            # Nine homes in ten are where the agency is strong or nearby, one is over the border.
            areas = (NEIGHBOURS[number % 4],) if number % 10 == 0 else agency.areas
            homes.append(_household(choices, agency.provider, f"{agency.initials}-H{number:02d}", areas, agency.lots))
    return homes


def _household(choices: Random, provider: str, reference: str, areas: tuple[str, ...], lots: tuple[str, ...]) -> Household:
    sort = _sort(choices, lots)
    from_age, to_age = _ages(choices, sort)
    places = 1 if sort == "parent_and_child" else choices.choices((1, 2, 3), (40, 40, 20))[0]
    at_home = choices.choices((0, 1, 2), (50, 32, 18))[0]
    free_beds = max(1, places - choices.choices((0, 1), (75, 25))[0]) if at_home else places
    skills = _skills(choices, sort, alone=at_home == 0) + _cultural(provider, reference)
    row: Row = {
        "provider": provider,
        "reference": reference,
        "postcode": postcode_in(choices, choices.choice(areas)).text,
        "from_age": from_age,
        "to_age": to_age,
        "sexes": choices.choices(("F;M", "F", "M"), (82, 9, 9))[0],
        "places": places,
        "kinds": ";".join(_kinds(choices, sort)),
        "skills": ";".join(skills),
        "risks_to_child": ";".join(_some(choices, list(RiskToChild), 0.55 if to_age > 10 else 0.3)),
        "risks_to_others": ";".join(_some(choices, list(RiskToOthers), 0.45 if to_age > 10 else 0.25)),
        "languages": ";".join(["en", *sorted(choices.sample(_LANGUAGES, choices.choices((0, 1, 2), (68, 24, 8))[0]))]),
        "religions": ";".join(_some(choices, list(Religion), 0.3)),
        "siblings_welcome": "true" if places > 1 and choices.random() < 0.9 else "false",
        "children_at_home": at_home,
        "fostered_children": (fostered := min(at_home, places - free_beds)),
        "fostered_are_siblings": "false" if fostered else "",
        "approved_on": f"{choices.randint(2009, 2025)}-{choices.randint(1, 12):02d}-{choices.randint(1, 28):02d}",
    }
    return Household(row, _lots(sort, lots), places, free_beds)


def _sort(choices: Random, lots: tuple[str, ...]) -> str:
    sorts = {"general": 66, "adoption": 8, "parent_and_child": 12, "disabled_children": 18}
    possible = {sort: share for sort, share in sorts.items() if sort in lots or (sort == "adoption" and "general" in lots)}
    return choices.choices(list(possible), list(possible.values()))[0]


def _ages(choices: Random, sort: str) -> tuple[int, int]:
    if sort == "adoption":
        return 0, choices.choice((2, 3, 4))
    if sort == "parent_and_child":
        return 0, 18
    return choices.choices(((0, 18), (0, 5), (0, 11), (4, 12), (5, 18), (8, 18), (11, 18)), (26, 8, 14, 16, 18, 10, 8))[0]


def _kinds(choices: Random, sort: str) -> list[str]:
    kinds = {
        "general": [PlacementKind.SHORT_TERM, PlacementKind.LONG_TERM],
        "adoption": [PlacementKind.SHORT_TERM, PlacementKind.FOSTERING_FOR_ADOPTION],
        "parent_and_child": [PlacementKind.PARENT_AND_CHILD],
        "disabled_children": [PlacementKind.SHORT_TERM, PlacementKind.LONG_TERM, PlacementKind.SHORT_BREAK],
    }[sort]
    if sort == "general" and choices.random() < 0.15:
        kinds = [choices.choice(kinds)]
    if sort in ("general", "adoption") and choices.random() < 0.5:
        kinds = [PlacementKind.EMERGENCY, *kinds]
    return [str(kind) for kind in kinds]


def _skills(choices: Random, sort: str, *, alone: bool) -> list[str]:
    shares = _SKILLS | (_FOR_DISABLED if sort == "disabled_children" else {})
    skills = [need for need, share in shares.items() if choices.random() * 100 < share]
    if alone:
        skills.append(Need.NO_OTHER_CHILDREN)
    skills.append(Need.NO_PETS if choices.random() < 0.55 else Need.PETS_WELCOME)
    return [need for need in Need if need in skills]


def _cultural(provider: str, reference: str) -> list[str]:
    choices = stream(f"what of a child's culture {provider} {reference} can meet")
    return [str(need) for need, share in _CULTURAL.items() if choices.random() * 100 < share]


def _lots(sort: str, lots: tuple[str, ...]) -> tuple[str, ...]:
    if sort == "disabled_children" and "general" in lots:
        return ("general", "disabled_children")
    return ("general",) if sort == "adoption" else (sort,)


def _some(choices: Random, words: list[str], share: float) -> list[str]:
    return [str(word) for word in words if choices.random() < share]


def vacancy_rows(homes: list[Household]) -> list[Row]:
    """``vacancies.csv``: 200 of the homes have room, most of them today."""
    choices = stream("vacancies")
    with_room = sorted(choices.sample(range(len(homes)), VACANCIES))
    rows: list[Row] = []
    for place in with_room:
        home = homes[place]
        reference = str(home.row["reference"])
        rows.append(
            {
                "provider": home.row["provider"],
                "reference": reference.replace("-H", "-V") if "-H" in reference else reference.replace("FS-", "FSV-"),
                "household": reference,
                "lots": ";".join(home.lots),
                "free_beds": home.free_beds,
                "available_from": f"+{choices.choices((0, 1, 3, 7, 14), (70, 8, 8, 8, 6))[0]}d",
            }
        )
    return rows
