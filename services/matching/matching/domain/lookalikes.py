"""Could two open referrals of different councils be joined up as one family by somebody who sees both? Declared points, in words.

Every provider of a lot sees all councils' referrals side by side. Two that share enough of what is shown could be taken, rightly or
wrongly, for brothers and sisters or for one child, and each would then tell more than its own council meant to. What counts is what
is shown; the judgement is the same whichever of the two is looked at first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from matching.domain.referral import Child, Referral
from shared.contracts.words import Religion, Siblings


class Coincidence(StrEnum):
    """What coincides in two referrals."""

    SAME_HOME_DISTRICT = "same_home_district"
    NEIGHBOURING_HOMES = "neighbouring_homes"
    SHARED_PLACE = "shared_place"
    SHARED_DISTRICT_TO_AVOID = "shared_district_to_avoid"
    SAME_LANGUAGE = "same_language"
    SAME_RELIGION = "same_religion"
    SAME_CHILDREN = "same_children"
    ONE_FAMILYS_AGES = "one_familys_ages"
    APART_FROM_SIBLINGS = "apart_from_siblings"
    CLOSE_DATES = "close_dates"


@dataclass(frozen=True, slots=True)
class Rule:
    """Points for a coincidence; what of the council's own referral it is, in words; and the blur that takes it away, where one does."""

    points: int
    words: str
    blur: str | None = None


RULES: Mapping[Coincidence, Rule] = {
    Coincidence.SAME_HOME_DISTRICT: Rule(4, "the home district shown", "home_district"),
    Coincidence.NEIGHBOURING_HOMES: Rule(2, "the home district shown, which lies beside theirs", "home_district"),
    Coincidence.SHARED_PLACE: Rule(2, "a district the home should be near", "near_districts"),
    Coincidence.SHARED_DISTRICT_TO_AVOID: Rule(3, "a district to avoid"),
    Coincidence.SAME_LANGUAGE: Rule(4, "a language other than English", "languages"),
    Coincidence.SAME_RELIGION: Rule(2, "a religion few people have", "religion"),
    Coincidence.SAME_CHILDREN: Rule(4, "how many children there are, their ages and sexes", "age_band"),
    Coincidence.ONE_FAMILYS_AGES: Rule(1, "ages that brothers and sisters could have", "age_band"),
    Coincidence.APART_FROM_SIBLINGS: Rule(1, "that brothers and sisters may live apart"),
    Coincidence.CLOSE_DATES: Rule(1, "the day the home is needed"),
}
"""The declared points. Of the two about homes only the nearer counts, of the two about ages only the closer."""

THRESHOLD = 7
"""From so many points two referrals could be joined up. Place and ages alone do not reach it: neighbours' children are no family."""

NEIGHBOURS_MILES = Decimal(5)
"""Middles of districts so near to each other are neighbours."""

CLOSE = timedelta(days=14)
WIDEST_FAMILY_YEARS = 12
COMMON_RELIGIONS = frozenset({Religion.NONE, Religion.CHRISTIAN})
"""What more than one in ten people in England have tells two families apart from nobody."""

ENGLISH = "en"


def coincidences(one: Referral, other: Referral, home_miles: Decimal | None) -> frozenset[Coincidence]:
    """What coincides in the two. ``home_miles``: between the middles of the home districts, None where not both are shown."""
    return frozenset(_coinciding(one, other, home_miles))


def points(found: frozenset[Coincidence]) -> int:
    """The sum of the declared points."""
    return sum(RULES[each].points for each in found)


def could_be_joined_up(found: frozenset[Coincidence]) -> bool:
    """Whether so much coincides that somebody who sees both referrals could take them for one family."""
    return points(found) >= THRESHOLD


def _coinciding(one: Referral, other: Referral, home_miles: Decimal | None) -> Iterator[Coincidence]:
    if one.home_district is not None and one.home_district == other.home_district:
        yield Coincidence.SAME_HOME_DISTRICT
    elif home_miles is not None and home_miles <= NEIGHBOURS_MILES:
        yield Coincidence.NEIGHBOURING_HOMES
    if (_near(one) & _places(other)) | (_near(other) & _places(one)):
        yield Coincidence.SHARED_PLACE
    if one.avoid_districts & other.avoid_districts:
        yield Coincidence.SHARED_DISTRICT_TO_AVOID
    if _languages(one) & _languages(other):
        yield Coincidence.SAME_LANGUAGE
    if _religions(one) & _religions(other):
        yield Coincidence.SAME_RELIGION
    if _same_children(one, other):
        yield Coincidence.SAME_CHILDREN
    elif _one_familys_ages(one, other):
        yield Coincidence.ONE_FAMILYS_AGES
    if Siblings.APART_IF_NEEDED in (one.siblings, other.siblings):
        yield Coincidence.APART_FROM_SIBLINGS
    if abs(one.needed_by - other.needed_by) <= CLOSE:
        yield Coincidence.CLOSE_DATES


def _near(referral: Referral) -> frozenset[str]:
    return frozenset(district for _, district in referral.near)


def _places(referral: Referral) -> frozenset[str]:
    return frozenset(district for _, district in referral.places)


def _languages(referral: Referral) -> frozenset[str]:
    return frozenset(language for child in referral.children for language in child.languages) - {ENGLISH}


def _religions(referral: Referral) -> frozenset[Religion]:
    return frozenset(child.religion for child in referral.children if child.religion) - COMMON_RELIGIONS


def _same_children(one: Referral, other: Referral) -> bool:
    """As many children, and each in turn by age could be the other: of the same sex, and no more than a year apart in what is shown."""
    if one.beds != other.beds:
        return False
    pairs = zip(sorted(one.children, key=_by_age), sorted(other.children, key=_by_age), strict=True)
    return all(a.sex == b.sex and a.age - 1 <= b.oldest and b.age - 1 <= a.oldest for a, b in pairs)


def _by_age(child: Child) -> tuple[int, int, str]:
    return child.age, child.oldest, str(child.sex)


def _one_familys_ages(one: Referral, other: Referral) -> bool:
    """Together no further apart than brothers and sisters are, and no child of one as old as one of the other."""
    children = (*one.children, *other.children)
    widest = max(child.oldest for child in children) - min(child.age for child in children)
    return widest <= WIDEST_FAMILY_YEARS and not {child.age for child in one.children} & {child.age for child in other.children}


@dataclass(frozen=True, slots=True)
class Marks:
    """By what a referral is found again among the open ones: ``own`` are its marks, ``sought`` those of referrals worth judging."""

    own: frozenset[str]
    sought: frozenset[str]


def marks(referral: Referral, neighbours: frozenset[str]) -> Marks:
    """The marks of what is shown. Without one in common two referrals cannot reach the threshold.

    ``neighbours``: the districts that lie beside the home district, itself included.
    """
    at = {f"at:{district}" for district in _places(referral)}
    others = {
        *(f"avoid:{district}" for district in referral.avoid_districts),
        *(f"speaks:{language}" for language in _languages(referral)),
        *(f"religion:{religion}" for religion in _religions(referral)),
    }
    return Marks(frozenset(at | others), frozenset(at | others | {f"at:{district}" for district in neighbours}))


def pair_of(one: UUID, other: UUID) -> UUID:
    """One name for two referrals, the same from either side, from which neither can be told."""
    first, second = sorted((one.bytes, other.bytes))
    return UUID(bytes=sha256(b"hearth/1/lookalikes\0" + first + second).digest()[:16], version=5)
