"""Who needs a home in a made-up past: ages, urgency, how many brothers and sisters, for how long. No name, no identity: nobody is real."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from hearth.simulate.chance import one_of, poisson
from hearth.simulate.districts import districts_of
from hearth.simulate.found import Found
from hearth.simulate.market import share_of
from hearth.simulate.old_beds import OldBed
from hearth.simulate.shares import (
    AGE_GROUPS,
    ESSENTIAL_NEEDS,
    LOTS,
    MONTHS,
    NEEDS_OF_A_CHILD,
    SIBLING_GROUPS,
    STAY_DAYS,
    URGENCIES,
    WEEKDAYS,
)
from shared.contracts.words import PlacementKind, Urgency

FIRST_NEEDS = 0.6
"""Of all referrals, those that are no re-referral: the rest follow from the story of each child."""


@dataclass
class Need:
    """One child, or brothers and sisters who are placed together, through all their referrals and placements."""

    council: str
    lot: str
    ages: list[int]
    sexes: list[str]
    essential: list[list[str]] = field(default_factory=list)
    """Of each child what a home must bring."""
    district: str = ""
    referral: str | None = None
    """The latest referral, which the next one repeats."""
    referrals: int = 0
    moves: int = 0
    year: date | None = None
    number_in_year: int = 0
    lived_from: date | None = None
    left_on: date | None = None
    """The placement before: its first and last day."""
    old_bed: OldBed | None = None
    """The placement before, while it is still paid for."""

    def number_of(self, started_on: date) -> int:
        """Which placement of the return year this is for the child: one continuing over 1 April counts as its first."""
        year = date(started_on.year if started_on.month >= 4 else started_on.year - 1, 4, 1)
        if self.year != year:
            continued = self.lived_from is not None and self.left_on is not None and self.lived_from < year <= self.left_on
            self.year, self.number_in_year = year, int(continued)
        self.number_in_year += 1
        self.lived_from = started_on
        return self.number_in_year


@dataclass
class Demand:
    """How many new needs a day brings, and what each is."""

    found: Found
    chance: Random
    referrals_a_year: float
    _ages: list[int] = field(default_factory=list)
    _weights: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        for first, last, per_cent in AGE_GROUPS:
            years = last - first + 1
            self._ages += range(first, last + 1)
            self._weights += [per_cent / years] * years

    def of(self, day: date) -> list[tuple[datetime, Need]]:
        """The needs that begin on a day, with their moments."""
        found = []
        councils = self.found.councils
        whole = sum(share_of(code) for code in councils)
        usual = self.referrals_a_year * FIRST_NEEDS / 365.25 * MONTHS[day.month - 1] * WEEKDAYS[day.weekday()]
        for council in councils:
            for _ in range(poisson(usual * share_of(council) / whole, self.chance)):
                seconds = int(self.chance.triangular(7, 21, 12.5) * 3600)
                found.append((datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds), self.need(council)))
        return sorted(found, key=lambda pair: pair[0])

    def need(self, council: str) -> Need:
        """Somebody who needs a home."""
        chance = self.chance
        lots = sorted(lot.code for lot in self.found.lots)
        lot = chance.choices(lots, [LOTS.get(code, 10) for code in lots])[0]
        many = one_of(SIBLING_GROUPS, chance) if lot == "general" else 1
        eldest = chance.choices(self._ages, self._weights)[0]
        ages = [eldest] + [max(0, min(17, eldest - chance.randint(1, 5))) for _ in range(many - 1)]
        if lot == "parent_and_child":
            ages = [chance.choice((0, 0, 0, 1))]
        essential = [sorted({one_of(ESSENTIAL_NEEDS, chance) for _ in range(one_of(NEEDS_OF_A_CHILD, chance))}) for _ in ages]
        return Need(council, lot, ages, [chance.choice("MF") for _ in ages], essential, chance.choice(districts_of(council)))


def urgency(chance: Random) -> Urgency:
    """How soon the home is needed."""
    return one_of(URGENCIES, chance)


def kind(lot: str, how_soon: Urgency, ages: list[int], chance: Random) -> PlacementKind:
    """The kind of fostering asked for."""
    if lot == "parent_and_child":
        return PlacementKind.PARENT_AND_CHILD
    if lot == "disabled_children" and chance.random() < 0.35:
        return PlacementKind.SHORT_BREAK
    if how_soon is Urgency.EMERGENCY:
        return PlacementKind.EMERGENCY if chance.random() < 0.6 and lot == "general" else PlacementKind.SHORT_TERM
    if how_soon is Urgency.LONG_TERM:
        return PlacementKind.LONG_TERM
    if lot == "general" and max(ages) < 2 and chance.random() < 0.12:
        return PlacementKind.FOSTERING_FOR_ADOPTION
    return PlacementKind.LONG_TERM if chance.random() < 0.12 else PlacementKind.SHORT_TERM


def days_of_stay(of: PlacementKind, chance: Random, *, met: bool = False) -> int:
    """How many nights a stay lasts; of stays ``met`` on any one day, long ones are met more often than short ones."""
    usual, spread = STAY_DAYS[of]
    median = usual * math.exp(spread**2) if met else usual
    return max(1, min(1800, round(chance.lognormvariate(math.log(median), spread))))
