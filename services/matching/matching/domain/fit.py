"""How well a home that may take the child suits it: 0 to 100, with what each part gave and why.

Ten parts, weighted by the council (its own tenancy's settings). All arithmetic is in whole tenths of a point, so the same
facts give the same fit on every machine, and the parts add up to the total exactly. A part about which the referral asks
nothing gives all its points: it tells no two homes apart. No score is learned, and nothing counts that is not named here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from matching.domain.distance import BAND_WORDS, band
from matching.domain.home import Home
from matching.domain.referral import Referral
from shared.contracts.words import Need, Religion

TENTHS = 1000
"""A full fit, in tenths of a point."""

NEAR_MILES = 10
"""Within this a home counts as near when the referral states no preferred distance. Configuration by referral (preferred_miles)."""

FAR_MILES = 20
"""So many miles beyond the preferred distance, nearness counts for nothing: the law's own line for a distant placement is 20."""

MANY_CHILDREN = 3
"""With so many other children at home, the part for a quieter home gives nothing: three is the usual fostering limit."""


RULES = "2026-11"
"""The name of these rules, kept with each decision: one made under other rules is not replayed under these."""


class Part(StrEnum):
    """The parts of fit, named as in a council's settings."""

    DISTANCE = "distance"
    """To the child's home, and to whatever else the referral wants near but school and contact."""
    SCHOOL = "school"
    CONTACT = "contact"
    SIBLINGS = "siblings"
    LANGUAGE = "language"
    CULTURE = "culture"
    RELIGION = "religion"
    SKILLS = "skills"
    OTHER_CHILDREN = "other_children"
    CARER_PREFERENCES = "carer_preferences"


CULTURAL = frozenset(
    {
        Need.HAIR_AND_SKIN_CARE,
        Need.HALAL_DIET,
        Need.KOSHER_DIET,
        Need.VEGETARIAN_DIET,
        Need.PLACE_OF_WORSHIP_NEARBY,
        Need.LINKS_TO_COMMUNITY,
        Need.TRAVELLER_WAY_OF_LIFE,
    }
)
"""Needs that are of the child's culture. What the home must do is said, never what the child's ethnicity is: that stays with
the council until a home is agreed."""

DEFAULT_WEIGHTS: dict[Part, Decimal] = {
    Part.DISTANCE: Decimal(15),
    Part.SCHOOL: Decimal(10),
    Part.CONTACT: Decimal(5),
    Part.SIBLINGS: Decimal(20),
    Part.LANGUAGE: Decimal(10),
    Part.CULTURE: Decimal(5),
    Part.RELIGION: Decimal(5),
    Part.SKILLS: Decimal(15),
    Part.OTHER_CHILDREN: Decimal(10),
    Part.CARER_PREFERENCES: Decimal(5),
}
"""What counts until a council sets its own: near equal, leaning to the order in which section 22C names them."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part gave: points of at most ``most``, both to a tenth, and why in words."""

    part: Part
    points: Decimal
    most: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class Fit:
    """The sum of the parts, 0.0 to 100.0."""

    score: Decimal
    parts: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """A council's weights as one version of its settings: from when they count; version 0, without a date, is the defaults."""

    version: int
    effective_from: datetime | None
    of: Mapping[Part, Decimal]


def shares_of_a_hundred(weights: Mapping[Part, Decimal]) -> dict[Part, int]:
    """The most each part can give, in tenths, adding up to 1000 exactly (largest remainders; ties in the order of ``Part``).

    Weights are any non-negative numbers; a part not named weighs nothing. When all are nothing, the defaults count.
    """
    given = {part: Fraction(max(weights.get(part, Decimal(0)), Decimal(0))) for part in Part}
    total = sum(given.values())
    if total == 0:
        return shares_of_a_hundred(DEFAULT_WEIGHTS)
    exact = {part: weight * TENTHS / total for part, weight in given.items()}
    whole = {part: int(share) for part, share in exact.items()}
    by_remainder = sorted(Part, key=lambda part: (whole[part] - exact[part], list(Part).index(part)))
    for part in by_remainder[: TENTHS - sum(whole.values())]:
        whole[part] += 1
    return whole


@lru_cache(maxsize=1024)
def _known_shares(weights: tuple[tuple[Part, Decimal], ...]) -> Mapping[Part, int]:
    """A council's shares, which are the same for every home of every list it looks at."""
    return shares_of_a_hundred(dict(weights))


def fit(home: Home, referral: Referral, miles: Sequence[Decimal | None], weights: Mapping[Part, Decimal]) -> Fit:
    """How well ``home`` suits ``referral``. ``miles``: to each of ``referral.places`` in order, None where not known."""
    judged = {
        Part.DISTANCE: _distance(referral, miles, lambda what: what not in _OWN_PART, "home"),
        Part.SCHOOL: _distance(referral, miles, lambda what: what == "school", "school"),
        Part.CONTACT: _distance(referral, miles, lambda what: what == "contact", "contact"),
        Part.SIBLINGS: _siblings(home, referral),
        Part.LANGUAGE: _language(home, referral),
        Part.CULTURE: _culture(home, referral),
        Part.RELIGION: _religion(home, referral),
        Part.SKILLS: _skills(home, referral),
        Part.OTHER_CHILDREN: _other_children(home),
        Part.CARER_PREFERENCES: _carer_preferences(home, referral),
    }
    most = _known_shares(tuple(weights.items()))
    parts = tuple(
        Contribution(part, Decimal(int(most[part] * share)).scaleb(-1), Decimal(most[part]).scaleb(-1), words)
        for part, (share, words) in judged.items()
    )
    return Fit(sum((part.points for part in parts), Decimal("0.0")), parts)


Judged = tuple[Fraction, str]
"""The share of a part that is earned, 0 to 1, and why."""

_ALL = Fraction(1)


_OWN_PART = ("school", "contact")


def _distance(referral: Referral, miles: Sequence[Decimal | None], counts: Callable[[str], bool], named: str) -> Judged:
    asked = [(what, distance) for (what, _), distance in zip(referral.places, miles, strict=True) if counts(what)]
    if not asked:
        return _ALL, f"The referral names no {named} to be near." if named != "home" else "The referral names no place to be near."
    near = Fraction(NEAR_MILES if referral.preferred_miles is None else referral.preferred_miles)
    shares = [
        Fraction(0) if distance is None else min(_ALL, max(Fraction(0), 1 - (Fraction(distance) - near) / FAR_MILES))
        for _, distance in asked
    ]
    words = [f"distance to {what} not known" if distance is None else f"{what}: {BAND_WORDS[band(distance)]}" for what, distance in asked]
    return sum(shares, Fraction(0)) / len(shares), _sentence(words) + " Measured from postcode districts."


def in_miles(distance: Decimal) -> str:
    """A distance as people say it, to the whole mile: ``1 mile``, ``12 miles``."""
    whole = distance.quantize(Decimal(1))
    return "1 mile" if whole == 1 else f"{whole} miles"


def _siblings(home: Home, referral: Referral) -> Judged:
    if referral.beds == 1:
        return _ALL, "One child is referred."
    if home.siblings_welcome and home.free_beds >= referral.beds:
        return _ALL, f"The {referral.beds} children can live together."
    return Fraction(0), f"The {referral.beds} children could not all live together here."


def _language(home: Home, referral: Referral) -> Judged:
    spoken = {(child.number, language): language in home.languages for child in referral.children for language in child.languages}
    if not spoken:
        return _ALL, "No language is asked for."
    missing = sorted({language for (_, language), there in spoken.items() if not there})
    words = f"Not spoken at home: {', '.join(missing)}." if missing else "Every language asked for is spoken at home."
    return Fraction(sum(spoken.values()), len(spoken)), words


def _religion(home: Home, referral: Referral) -> Judged:
    asked = [child.religion for child in referral.children if child.religion not in (None, Religion.NONE)]
    if not asked:
        return _ALL, "No religion is asked for."
    shared = sum(religion in home.religions for religion in asked)
    words = "The home shares the religion." if shared == len(asked) else "The home does not share the religion of every child."
    return Fraction(shared, len(asked)), words


def _culture(home: Home, referral: Referral) -> Judged:
    asked = (referral.essential_needs | referral.preferred_needs) & CULTURAL
    if not asked:
        return _ALL, "Nothing of the child's culture is asked for."
    met = asked & home.skills
    return Fraction(len(met), len(asked)), f"{len(met)} of {len(asked)} cultural needs met" + _but_not(asked - met)


def _skills(home: Home, referral: Referral) -> Judged:
    wanted = referral.preferred_needs - CULTURAL
    risks = len(referral.risks_to_child) + len(referral.risks_to_others)
    if not wanted and not risks:
        return _ALL, "No preferred need beyond the essential ones, and no risk to hold."
    met = {need for need in wanted if (home.children_at_home == 0 if need is Need.NO_OTHER_CHILDREN else need in home.skills)}
    held = len(referral.risks_to_child & home.risks_to_child) + len(referral.risks_to_others & home.risks_to_others)
    words = []
    if wanted:
        words.append(f"{len(met)} of {len(wanted)} preferred needs met" + _but_not(wanted - met))
    if risks:
        words.append(f"{held} of {risks} risks can be held.")
    return Fraction(len(met) + held, len(wanted) + risks), " ".join(words)


def _but_not(missing: Collection[Need]) -> str:
    return f"; not: {', '.join(sorted(need.replace('_', ' ') for need in missing))}." if missing else "."


def _other_children(home: Home) -> Judged:
    count = home.children_at_home
    words = "No other children at home." if count == 0 else f"{count} other child{'ren' if count > 1 else ''} at home."
    return Fraction(max(MANY_CHILDREN - count, 0), MANY_CHILDREN), words


def _carer_preferences(home: Home, referral: Referral) -> Judged:
    if not home.states_preferences:
        return _ALL, "The carers state no preference."
    wished = sum(home.prefers(child.age, child.sex) for child in referral.children)
    every = len(referral.children)
    if every == 1:
        words = "The carers would rather look after " + ("a child like this." if wished else "a child of another age or sex.")
    else:
        words = f"{wished} of {every} children are of the ages and sexes the carers would rather look after."
    return Fraction(wished, every), words


def _sentence(words: Sequence[str]) -> str:
    text = ", ".join(words)
    return text[0].upper() + text[1:] + "."
