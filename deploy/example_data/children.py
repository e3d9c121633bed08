"""Children and their referrals, coded as the national return (SSDA903) codes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from example_data import names, wishes
from example_data.market import Row
from example_data.numbers import NOT_YET_AT_SCHOOL, nhs_number, upn
from example_data.region import COUNCILS, Council, postcode_in, stream
from example_data.wishes import Wish
from shared.postcodes import about_miles

YOUNGEST_PUPIL = 4
SCHOOL_RUN_MILES = 5


@dataclass(slots=True)
class Family:
    """Children of one home and what is asked for them together."""

    council: Council
    wish: Wish
    ages: tuple[int, ...]
    children: list[Row] = field(default_factory=list)


def families(as_of: date) -> list[Family]:
    """Every council's children: families of brothers and sisters first, then one by one, 60 in all."""
    choices = stream("children")
    made: list[Family] = []
    serial = 0
    for council in COUNCILS:
        number = 0
        for wish in wishes.of_council(council.ons_code, council.children):
            family = Family(council, wish, wish.ages)
            home = postcode_in(choices, council.ons_code, *wish.home_districts)
            ethnic, pool = _ethnic(choices, wish)
            # What brothers and sisters share: name, order, reason for care, and the school of their age.
            shared: Row = {
                "family_name": choices.choice(names.FAMILIES[pool]),
                "LS": wish.legal_status or choices.choices(("C1", "C2", "V2"), (45, 30, 25))[0],
                "CIN": wish.category or choices.choices(("N1", "N3", "N4", "N5"), (62, 10, 12, 16))[0],
            }
            primary, secondary = choices.choice(names.PRIMARY), choices.choice(names.SECONDARY)
            for place, age in enumerate(wish.ages):
                serial, number = serial + 1, number + 1
                sex = wish.sexes[place] if wish.sexes else choices.choice("MF")
                row = _child(choices, as_of, council, age, sex, wish)
                row |= {"CHILD": f"{council.upn_number}{number:04d}", "ETHNIC": ethnic, "HOME_POST": home.text} | shared
                row["school"] = _school(age, wish, primary, secondary)
                row |= {"given_names": _given(choices, sex, pool, family.children), "nhs_number": nhs_number(serial)}
                started = as_of.year - age + YOUNGEST_PUPIL
                row["UPN"] = upn(council.upn_number, started, serial) if age >= YOUNGEST_PUPIL else NOT_YET_AT_SCHOOL
                family.children.append(row)
            made.append(family)
    return made


def _child(choices: Random, as_of: date, council: Council, age: int, sex: str, wish: Wish) -> Row:
    # Born so that the child is this age on the day and stays so for five months.
    born = date(as_of.year - age, as_of.month, min(as_of.day, 28)) - timedelta(days=choices.randint(20, 200))
    mother = wish.mother and sex == "F"
    return {
        "council": council.ons_code,
        "SEX": sex,
        "DOB": f"{born:%d/%m/%Y}",
        "MOTHER": (1 if mother else 0) if sex == "F" else "",
        "MC_DOB": f"{as_of - timedelta(days=choices.randint(40, 120)):%d/%m/%Y}" if mother else "",
    }


def _ethnic(choices: Random, wish: Wish) -> tuple[str, str]:
    if wish.ethnic:
        return wish.ethnic
    code, _, pool = choices.choices(names.ETHNIC, [share for _, share, _ in names.ETHNIC])[0]
    return code, pool


def _given(choices: Random, sex: str, pool: str, siblings: list[Row]) -> str:
    taken = {str(sibling["given_names"]).split()[0] for sibling in siblings}
    first = choices.choice([name for name in (names.BOYS if sex == "M" else names.GIRLS)[pool] if name not in taken])
    middle = choices.choice(names.MIDDLE[sex])
    return first if middle in ("", first) else f"{first} {middle}"


def _school(age: int, wish: Wish, primary: str, secondary: str) -> str:
    if age < YOUNGEST_PUPIL:
        return names.NURSERY if age == YOUNGEST_PUPIL - 1 else ""
    if wish.lot == "disabled_children":
        return names.SPECIAL
    return primary if age < 11 else secondary


def child_rows(made: list[Family]) -> list[Row]:
    """``children.csv``."""
    return [child for family in made for child in family.children]


def referral_rows(made: list[Family]) -> list[Row]:
    """``referrals.csv``: one for each family."""
    choices = stream("referrals")
    rows: list[Row] = []
    for family in made:
        wish, home = family.wish, str(family.children[0]["HOME_POST"]).split()[0]
        near = [f"home:{home}"]
        if max(wish.ages) >= YOUNGEST_PUPIL:
            near.append(f"school:{_school_district(choices, family.council, home)}")
        near += [f"{what}:{postcode_in(choices, family.council.ons_code).district}" for what in wish.also_near]
        rows.append(
            {
                "council": family.council.ons_code,
                "CHILD": ";".join(str(child["CHILD"]) for child in family.children),
                "lot": wish.lot,
                "PLACE": wish.place,
                "kind": wish.kind,
                "urgency": wish.urgency,
                "planned": "true" if wish.urgency in ("planned", "long_term") else "false",
                "needed_by": f"+{wish.needed_in}d",
                "expected_weeks": wish.weeks,
                "siblings": wish.siblings,
                "languages": ";".join(wish.languages),
                "religion": wish.religion,
                "essential_needs": ";".join(wish.essential),
                "preferred_needs": ";".join(wish.preferred),
                "risks_to_child": ";".join(wish.risks_to_child),
                "risks_to_others": ";".join(wish.risks_to_others),
                "near": ";".join(near),
                "avoid_districts": ";".join(_avoid(choices, family.council, near) if wish.avoids else ()),
                "preferred_miles": wish.miles,
                **_IN_WORDS.get(len(rows), _NOTHING_SAID),
            }
        )
    return rows


_NOTHING_SAID = {"about_contact": "", "what_matters": "", "about_the_child": "", "routines": ""}
_IN_WORDS = {
    0: {
        "about_contact": "Sees both parents, apart, once a week at the family centre; a grandparent may visit.",
        "what_matters": "Staying at the same school until the summer matters more than anything else.",
        "about_the_child": "Kind to smaller children, slow to trust men, laughs easily once settled.",
        "routines": "Breakfast before talking; tea at five; a story and a light left on at night.",
    },
    1: _NOTHING_SAID
    | {
        "about_contact": "The two of them see an older brother every other Saturday.",
        "what_matters": "They have never slept apart and should share a room or have rooms side by side.",
    },
}
"""What is said in words on the first two referrals: it names nobody, so they can be sent as they are."""


def _school_district(choices: Random, council: Council, home: str) -> str:
    """A district of the council within a school run of the child's home."""
    while True:
        district = postcode_in(choices, council.ons_code).district
        apart = about_miles(home, district)
        if apart is not None and apart <= SCHOOL_RUN_MILES:
            return district


def _avoid(choices: Random, council: Council, near: list[str]) -> tuple[str, ...]:
    wanted = {place.split(":")[1] for place in near}
    while (district := postcode_in(choices, council.ons_code).district) in wanted:
        pass
    return (district,)
