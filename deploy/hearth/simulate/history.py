"""A whole past, day after day: pure, from one seed. The same consortium and plan give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random

from hearth.simulate import old_beds
from hearth.simulate.agenda import Agenda
from hearth.simulate.children import Demand, days_of_stay
from hearth.simulate.districts import districts_of
from hearth.simulate.found import Found
from hearth.simulate.homes import Beds
from hearth.simulate.living import Living, Stay
from hearth.simulate.market import Builder, Provider, candidates, providers, share_of
from hearth.simulate.monthly import Monthly
from hearth.simulate.old_beds import OldBed
from hearth.simulate.plan import REFERRALS_A_YEAR, Plan
from hearth.simulate.planting import Planted, planted
from hearth.simulate.searching import Searching
from hearth.simulate.telling import Teller
from hearth.simulate.world import World
from shared.contracts.words import PlacementKind, Urgency

FILLED_WHEN_IT_BEGINS = {1: 0.92, 2: 0.68, 3: 0.35, None: 0.15}
"""Of the published beds of each tier, those lived in on the first day: as full as the choices of councils keep them later."""
FILLED_IN_HOUSE = 0.76
LED_IN_DAYS = 540
"""Stays that go on from before the past began at most so long before it."""


@dataclass(frozen=True)
class Past:
    """What is planted, and the lines in the order of their times."""

    planted: tuple[Planted, ...]
    old_beds: list[OldBed]
    """Beds paid to the end of notice; all of them when the last month has been made."""
    months: Iterator[tuple[str, list[bytes]]]
    """Month by month, ``2024-05`` and its lines; made while they are asked for."""


def past(found: Found, plan: Plan) -> Past:
    """The past of this consortium. Each source of chance is its own, so that a planting changes only what it is about."""
    order = candidates(found, _source(plan, "order"))
    chosen = planted(plan.plant, order, plan.months, _source(plan, "planting"))
    chance = _source(plan, "past")
    teller = Teller(plan.ends, chance)
    made = providers(found, order, chosen, _source(plan, "providers"))
    beds = Beds(teller)
    world = World(found, chance, teller, Agenda(), beds, made)
    living = Living(world)
    searching = Searching(world, living)
    living.again = lambda moment, need, soon: world.agenda.at(moment, lambda due: searching.begin(due, need, soon))
    return Past(chosen, living.old_beds, _months(world, searching, living, plan))


def truth(found: Found, plan: Plan, made: Past, events: dict[str, int]) -> str:
    """The truth file: what was asked for, how much came of it, what was planted where, since when, to be seen in which figure, and which
    placements were paid for how many nights after the child had moved. For when every month has been made."""
    told = {
        "years": plan.years,
        "seed": plan.seed,
        "scale": plan.scale,
        "first_day": plan.first.isoformat(),
        "last_day": plan.until.isoformat(),
        "councils": len(found.councils),
        "agencies": len(found.agencies),
        "events": events,
        "planted": [one.as_told for one in made.planted],
        "paid_twice": old_beds.as_told(made.old_beds, plan.until),
    }
    return json.dumps(told, indent=2) + "\n"


def _months(world: World, searching: Searching, living: Living, plan: Plan) -> Iterator[tuple[str, list[bytes]]]:
    builder = Builder(world.found, world.teller, world.chance)
    monthly = Monthly(world, living, builder, plan.scale)
    _begin(world, living, builder, monthly, plan)
    demand = Demand(world.found, world.chance, REFERRALS_A_YEAR * plan.scale)
    day, last = plan.first, plan.until
    lines: list[bytes] = []
    while day <= last:
        for moment, need in demand.of(day):
            world.agenda.at(moment, lambda due, need=need: searching.begin(due, need))  # type: ignore[misc]
        over = datetime.combine(day + timedelta(days=1), time(0), UTC)
        world.agenda.do_before(over)
        if (day + timedelta(days=1)).day == 1 or day == last:
            monthly.end_of(day.replace(day=1), min(over, plan.ends) - timedelta(minutes=5))
            lines += world.teller.told_before(over)
            yield f"{day:%Y-%m}", lines
            lines = []
        else:
            lines += world.teller.told_before(over)
        day += timedelta(days=1)


def _begin(world: World, living: Living, builder: Builder, monthly: Monthly, plan: Plan) -> None:
    """Homes as they are on the first day, most of them lived in: stays that began before it, told with the days they began on."""
    chance = world.chance
    opened = plan.begins - timedelta(days=LED_IN_DAYS + 30)
    homes = builder.fill(world.providers, opened, plan.scale)
    for _, home in homes:
        world.beds.publish(opened, home)
    monthly.tell_places(opened + timedelta(minutes=1))
    demand = Demand(world.found, chance, 1)
    councils = list(world.found.councils)
    shares = [share_of(code) for code in councils]
    for provider, home in homes:
        filled = FILLED_IN_HOUSE if provider.in_house else FILLED_WHEN_IT_BEGINS.get(provider.tiers.get(home.lot), 0.45)
        beds = sum(chance.random() < filled for _ in range(home.places))
        for _ in range(beds):
            council = provider.code.partition(":")[2] if provider.in_house else chance.choices(councils, shares)[0]
            need = demand.need(council)
            need.lot = home.lot
            age = chance.randint(home.from_age, min(17, home.to_age)) if home.lot != "parent_and_child" else 0
            need.ages, need.sexes, need.essential = [age], need.sexes[:1], need.essential[:1]
            _goes_on(world, living, provider, Stay(need, "", PlacementKind.LONG_TERM, provider, home, "", None), plan)


def _goes_on(world: World, living: Living, provider: Provider, stay: Stay, plan: Plan) -> None:
    """One stay that began before the past and goes on into it."""
    chance, need = world.chance, stay.need
    stay.kind = PlacementKind.LONG_TERM if chance.random() < 0.6 else PlacementKind.SHORT_TERM
    if need.lot == "parent_and_child":
        stay.kind = PlacementKind.PARENT_AND_CHILD
    whole = days_of_stay(stay.kind, chance, met=True)
    gone = round(min(whole, LED_IN_DAYS) * chance.random())
    moment = plan.begins - timedelta(days=max(1, gone)) + timedelta(hours=chance.uniform(9, 16))
    stay.referral = need.referral = world.teller.id(moment)
    world.agenda.at(moment, lambda due: _moves_in(world, living, stay, due, whole - gone + 1, plan))


def _moves_in(world: World, living: Living, stay: Stay, moment: datetime, left: int, plan: Plan) -> None:
    council = stay.need.council
    hold = world.beds.hold(moment, stay.home, council, referral=stay.referral, asked_by=stay.referral, held_for="offer", beds=1)
    assert hold is not None, "a home is filled up to its places"
    stay.hold, stay.id = hold, world.teller.id(moment)
    price = str(world.pounds_per_week(stay.need, stay.provider, moment.date()))
    data = stay.about | {
        "offer": None,
        "lot": stay.need.lot,
        "kind": stay.kind,
        "children": 1,
        "ages": stay.need.ages,
        "tier": None if stay.provider.in_house else stay.provider.tiers.get(stay.need.lot),
        "pounds_per_week": price,
        "starts_on": moment.date().isoformat(),
        "within_20_miles": world.within_20_miles(stay.need, stay.home, set(districts_of(council))),
        "agreed_at": moment.isoformat(),
    }
    world.say(moment, "placement.agreed", stay.id, 1, stay.need, data)
    days = (plan.first - moment.date()).days + left
    world.agenda.at(world.after(moment, 0.1), lambda due: living.start(due, stay, days))  # in its turn: another may move in meanwhile


def _source(plan: Plan, part: str) -> Random:
    return Random(f"hearth past {plan.seed} {part}")  # noqa: S311 (a made-up past must come out the same every time)


__all__ = ["Past", "Urgency", "past", "truth"]
