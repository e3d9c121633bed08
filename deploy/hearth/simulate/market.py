"""The providers of a made-up past: how large each is, how soon it answers, how well its placements hold, what it charges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from hearth.simulate.chance import one_of
from hearth.simulate.districts import districts_of
from hearth.simulate.found import Found
from hearth.simulate.homes import Household
from hearth.simulate.planting import Plant, Planted
from hearth.simulate.shares import CHILDREN_BY_COUNCIL, LOTS, PLACES_FILLED_PER_CENT, PLACES_VACANT_PER_CENT
from hearth.simulate.telling import Teller

BEDS = 4_000
"""Published beds at scale 1 when the past begins."""
IN_HOUSE_SHARE = 0.34
"""Of them, councils' own: chosen."""
USUAL_SHARE = 3
SIZE_BY_TIER = {0: 0.3, 1: 2.6, 2: 1.3, 3: 0.8}
"""How large agencies of a tier are beside each other; 0: those outside the published lists, from whom councils buy now and then."""
PLACES_OF_A_HOME = ((1, 50), (2, 35), (3, 15))
AGES = (((0, 17), 45), ((0, 8), 15), ((5, 17), 20), ((8, 17), 20))
PUBLISHED = (PLACES_FILLED_PER_CENT + PLACES_VACANT_PER_CENT) / 100
"""Of a provider's approved places, those published as vacancies sooner or later; the others are not available."""


@dataclass
class Provider:
    """One agency, or a council's own fostering service."""

    code: str
    size: float
    tiers: dict[str, int]
    """Lot → tier of the published list; a lot left out: bought from outside the list."""
    hours_to_reply: float
    eagerness: float
    unplanned: float
    """Its usual share of endings that are unplanned."""
    price: float
    """Its price beside that of others of its tier."""
    growth: float
    """Homes gained in a year, as a share of those it has."""
    changes: tuple[Planted, ...] = ()
    homes: dict[str, list[Household]] = field(default_factory=dict)
    """By lot."""
    households: int = 0
    published: int = 0
    """Beds of all its homes."""

    @property
    def in_house(self) -> bool:
        """Whether it is a council's own fostering service."""
        return self.code.startswith("council:")

    def times(self, plant: Plant, day: date) -> float:
        """How many times its usual self it is on this day in what is planted."""
        return next((change.strength for change in self.changes if change.plant is plant and change.since <= day), 1.0)

    @property
    def approved(self) -> tuple[int, int]:
        """Households and approved places as it tells of them: those published and those not available."""
        return round(self.households / PUBLISHED), round(self.published / PUBLISHED)

    def open(self, home: Household) -> None:
        """One more home of its own."""
        self.homes.setdefault(home.lot, []).append(home)
        self.households += 1
        self.published += home.places

    def home_for(self, lot: str, ages: list[int], chance: Random) -> Household | None:
        """A home of its own that could take these children together today, if it has one."""
        homes = self.homes.get(lot, [])
        if not homes:
            return None
        start = chance.randrange(len(homes))
        return next((home for home in (*homes[start:], *homes[:start]) if home.fits(ages)), None)


def share_of(council: str) -> int:
    """A council's share of demand, beside the others'."""
    return CHILDREN_BY_COUNCIL.get(council, USUAL_SHARE)


def candidates(found: Found, chance: Random) -> tuple[str, ...]:
    """Agencies in the order of their size in this past: those of the first tiers first, and those who lead one after them.

    Something is planted in the largest only; who leads a tier stays as it is, because other stories are told of it.
    """
    listed = sorted({urn for _, urn in found.tiers})
    leading = {next((urn for (of, urn), tier in found.tiers.items() if (of, tier) == place), "") for place in _places(found)}
    rest = [urn for urn in listed if urn not in leading]
    chance.shuffle(rest)
    rest.sort(key=lambda urn: min(tier for (_, listed_urn), tier in found.tiers.items() if listed_urn == urn))
    led = sorted(leading & set(listed))
    return (*rest, *led, *(agency.urn for agency in found.agencies if agency.urn not in set(listed)))


def _places(found: Found) -> list[tuple[str, int]]:
    return sorted({(lot, tier) for (lot, _), tier in found.tiers.items()})


def providers(found: Found, order: Sequence[str], planted: Sequence[Planted], chance: Random) -> dict[str, Provider]:
    """Every provider with its character, by code; agencies in the order of their size, then councils' own services."""
    made: dict[str, Provider] = {}
    for place, urn in enumerate(order):
        tiers = {lot: tier for (lot, agency), tier in found.tiers.items() if agency == urn}
        made[f"agency:{urn}"] = Provider(
            code=f"agency:{urn}",
            size=SIZE_BY_TIER.get(min(tiers.values(), default=0), 0.6) / (place + 8) ** 0.5,
            tiers=tiers,
            hours_to_reply=chance.uniform(5, 14),
            eagerness=chance.uniform(0.8, 1.2),
            unplanned=chance.uniform(0.17, 0.27),
            price=chance.uniform(0.985, 1.015),
            growth=chance.uniform(0.01, 0.08),
            changes=tuple(one for one in planted if one.agency == urn),
        )
    for code in found.councils:
        made[f"council:{code}"] = Provider(
            code=f"council:{code}",
            size=share_of(code),
            tiers={},
            hours_to_reply=0,
            eagerness=1,
            unplanned=chance.uniform(0.14, 0.22),
            price=1,
            growth=chance.uniform(0.0, 0.04),
        )
    return made


@dataclass
class Builder:
    """Makes households."""

    found: Found
    teller: Teller
    chance: Random

    def fill(self, made: dict[str, Provider], moment: datetime, scale: float) -> list[tuple[Provider, Household]]:
        """The homes there are when the past begins: beds shared out by size, lots by demand."""
        homes = []
        for in_house, share in ((True, IN_HOUSE_SHARE), (False, 1 - IN_HOUSE_SHARE)):
            kind = [provider for provider in made.values() if provider.in_house is in_house]
            whole = sum(provider.size for provider in kind)
            for provider in kind:
                beds = max(2, round(BEDS * scale * share * provider.size / whole))
                while provider.published < beds:
                    homes.append((provider, self.home(provider, moment)))
        return homes

    def home(self, provider: Provider, moment: datetime) -> Household:
        """One more household of a provider."""
        chance = self.chance
        lots = sorted(lot.code for lot in self.found.lots)
        if provider.in_house:
            lot = lots[0] if "general" not in lots else "general"
        else:
            lot = chance.choices(lots, [LOTS.get(lot, 10) for lot in lots])[0]
        places = one_of(PLACES_OF_A_HOME, chance) if lot != "parent_and_child" else 1
        from_age, to_age = one_of(AGES, chance) if lot == "general" else (0, 17)
        area = provider.code.partition(":")[2] if provider.in_house else self._area()
        home = Household(
            provider.code,
            self.teller.id(moment),
            self.teller.id(moment),
            lot,
            places,
            places,
            from_age,
            to_age,
            chance.choice(districts_of(area)),
        )
        provider.open(home)
        return home

    def _area(self) -> str:
        councils = self.found.councils
        return self.chance.choices(councils, [share_of(code) for code in councils])[0]
