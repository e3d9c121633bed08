"""What must be true at every moment of every run, and what once nothing is on its way; looked at from outside, in the committed rows."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from shared.contracts import HEARD_BY, SERVICES
from tests.simulation.founding import AGENCIES
from tests.simulation.world import World

Told = dict[str, Any]
OVER = ("released", "withdrawn", "refused", "confirmed")


class Broken(Exception):
    """An invariant does not hold; the text says which, and on what."""


def events_of(world: World, service: str) -> list[Told]:
    """Everything a service ever said, as envelopes."""
    return [json.loads(row["envelope"]) for row in world.databases[service].told("outbox")]


# --- at every moment ---


def no_bed_is_taken_twice(world: World) -> Iterator[str]:
    """Beds free, held and filled of a home never exceed the beds it has."""
    holds = world.databases["providers"].told("holds")
    for vacancy in world.databases["providers"].told("vacancies"):
        home = next(one for one in world.founded.homes if one.vacancy == vacancy["id"])
        taken = sum(hold["beds"] for hold in holds if hold["vacancy"] == vacancy["id"] and hold["state"] != "freed")
        if taken + vacancy["free_beds"] > home.beds:
            yield f"{home.reference} has {home.beds} beds, of which {taken} are taken and {vacancy['free_beds']} free"


def one_live_hold_an_asker(world: World) -> Iterator[str]:
    """An offer holds beds once."""
    live = Counter(hold["asked_by"] for hold in world.databases["providers"].told("holds") if hold["state"] != "freed")
    yield from (f"offer {asker} holds beds {number} times" for asker, number in live.items() if number > 1)


def one_accepted_offer_a_referral(world: World) -> Iterator[str]:
    """Of a referral's offers one at most is chosen or confirmed."""
    found = Counter(one["referral"] for one in world.databases["matching"].told("offers") if one["state"] in ("selected", "confirmed"))
    yield from (f"referral {referral} has {number} accepted offers" for referral, number in found.items() if number > 1)


def one_placement_a_referral(world: World) -> Iterator[str]:
    """A referral has one placement that was not cancelled, at most."""
    found = Counter(one["referral"] for one in world.databases["referrals"].told("placements") if one["state"] != "cancelled")
    yield from (f"referral {referral} has {number} placements" for referral, number in found.items() if number > 1)


def identities_are_known_to_the_chosen_alone(world: World) -> Iterator[str]:
    """Every right to know a child is of the provider of a placement of the same referral."""
    providers = {one["id"]: (one["council"], one["provider"]) for one in world.databases["referrals"].told("placements")}
    for grant in world.databases["referrals"].told("identity_grants"):
        if providers.get(grant["placement"]) != (grant["council"], grant["provider"]):
            yield f"{grant['provider']} may know a child of placement {grant['placement']}, which is not its own"


def nobody_has_anothers_rows(world: World) -> Iterator[str]:
    """What matching and monitoring keep for an organisation is about it: its own offers, opportunities, placements."""
    offers = {one["offer"]: one for one in world.databases["matching"].told("offers")}
    for notice in world.databases["matching"].told("notices"):
        offer = offers.get(notice["offer"])
        if offer is not None and notice["organisation"] not in (offer["council"], offer["provider"]):
            yield f"{notice['organisation']} was told of offer {offer['offer']} of {offer['provider']}"
    for placement in world.databases["monitoring"].told("placements"):
        if placement["organisation"] in AGENCIES and placement["provider"] not in (None, placement["organisation"]):
            yield f"{placement['organisation']} sees a placement of {placement['provider']}"


def nothing_of_ours_fails(world: World) -> Iterator[str]:
    """No request meets a fault of ours, no process ends by itself, no event is given up."""
    for service, database in world.databases.items():
        yield from (f"the model of {service}'s database is at fault: {puzzle}" for puzzle in database.puzzles)
    yield from world.errors
    for service, dead in world.broker.dead.items():
        yield from (f"{service} gave up on {one.message.type}: {one.reason}" for one in dead)


ALWAYS: tuple[Callable[[World], Iterator[str]], ...] = (
    no_bed_is_taken_twice,
    one_live_hold_an_asker,
    one_accepted_offer_a_referral,
    one_placement_a_referral,
    identities_are_known_to_the_chosen_alone,
    nobody_has_anothers_rows,
    nothing_of_ours_fails,
)


# --- once nothing is on its way ---


def every_event_is_heard_once_by_each_who_hears_it(world: World) -> Iterator[str]:
    """Each service's inbox holds exactly the events that the others said to it."""
    said: dict[str, set[str]] = defaultdict(set)
    for service in SERVICES:
        for event in events_of(world, service):
            for hearer in HEARD_BY[event["type"]]:
                said[hearer].add(event["id"])
    for service in world.broker.queues:
        inbox = {str(row["event_id"]) for row in world.databases[service].told("inbox")}
        before = {str(row["event_id"]) for row in world.founded.databases[service].told("inbox")}
        if lost := said[service] - inbox:
            yield f"{service} never heard {len(lost)} events"
        if phantom := inbox - said[service] - before:
            yield f"{service} heard {len(phantom)} events that nobody said"


def every_referral_reached_every_provider_once(world: World) -> Iterator[str]:
    """A broadcast referral has one opportunity for each provider of its lot, and no other has any."""
    sent = {event["subject"] for event in events_of(world, "referrals") if event["type"] == "referral.broadcast"}
    found: dict[str, list[str]] = defaultdict(list)
    for one in world.databases["matching"].told("opportunities"):
        found[str(one["referral"])].append(one["provider"])
    for referral in sent | set(found):
        wanted = sorted(AGENCIES) if referral in sent else []
        if sorted(found[referral]) != wanted and referral not in _withdrawn(world):
            yield f"referral {referral} reached {sorted(found[referral])}"
    told = Counter(
        (str(one["referral"]), one["organisation"])
        for one in world.databases["matching"].told("notices")
        if one["type"] == "opportunity.sent"
    )
    yield from (
        f"{provider} was told {number} times that {referral} was sent" for (referral, provider), number in told.items() if number > 1
    )


def _withdrawn(world: World) -> set[str]:
    """Referrals whose withdrawal may have been heard before their broadcast."""
    return {event["subject"] for event in events_of(world, "referrals") if event["type"] == "referral.withdrawn"}


def each_offer_stands_on_an_open_referral_or_has_ended(world: World) -> Iterator[str]:
    """A chosen offer's bed has been answered for; an offer on a referral that is over has ended."""
    states = {one["referral"]: one["state"] for one in world.databases["matching"].told("referrals")}
    for offer in world.databases["matching"].told("offers"):
        if offer["state"] in OVER:
            continue
        if offer["state"] == "selected":
            yield f"offer {offer['offer']} is chosen and its bed was never answered for"
        elif states[offer["referral"]] != "open":
            yield f"offer {offer['offer']} stands on a referral that is {states[offer['referral']]}"


def every_hold_belongs_to_a_placement(world: World) -> Iterator[str]:
    """A bed that is held or filled is so for one placement that is agreed or begun, and that placement's bed is held."""
    holds = {one["id"]: one for one in world.databases["providers"].told("holds")}
    live = {one["hold"]: one for one in world.databases["referrals"].told("placements") if one["state"] in ("agreed", "started")}
    for hold in holds.values():
        if hold["state"] != "freed" and hold["id"] not in live:
            yield f"{hold['beds']} beds are {hold['state']} for no placement (hold {hold['id']})"
    for number, placement in live.items():
        if holds[number]["state"] == "freed" and holds[number]["freed_because"] is None:
            yield f"placement {placement['id']} is {placement['state']} and its bed was given to others"
        if placement["state"] == "started" and holds[number]["state"] == "held":
            yield f"placement {placement['id']} has begun and its bed counts as kept"


def beds_add_up(world: World) -> Iterator[str]:
    """What a home has free, and what is taken of it, is what its provider published."""
    holds = world.databases["providers"].told("holds")
    for vacancy in world.databases["providers"].told("vacancies"):
        if vacancy["free_beds"] < 0:
            yield f"vacancy {vacancy['reference']} has {vacancy['free_beds']} free beds"
        taken = sum(hold["beds"] for hold in holds if hold["vacancy"] == vacancy["id"] and hold["state"] != "freed")
        if vacancy["status"] == "open" and not world.republished(vacancy["id"]):
            beds = next(one.beds for one in world.founded.homes if one.vacancy == vacancy["id"])
            if taken + vacancy["free_beds"] != beds:
                yield f"vacancy {vacancy['reference']}: {taken} taken and {vacancy['free_beds']} free of {beds}"


def matching_knows_the_beds(world: World) -> Iterator[str]:
    """Matching's copy of each vacancy is what its provider's row says, whatever order the news came in."""
    ours = {one["vacancy"]: one for one in world.databases["matching"].told("vacancies")}
    for vacancy in world.databases["providers"].told("vacancies"):
        known = ours[vacancy["id"]]
        if (vacancy["status"] == "open") != known["is_open"]:
            yield f"vacancy {vacancy['reference']} is {vacancy['status']}, and matching thinks otherwise"
        if vacancy["status"] == "open" and known["free_beds"] != vacancy["free_beds"]:
            yield f"vacancy {vacancy['reference']} has {vacancy['free_beds']} free beds and matching knows of {known['free_beds']}"


def both_sides_agree_on_a_referral(world: World) -> Iterator[str]:
    """A referral placed or withdrawn in referrals is so in matching."""
    theirs = {one["referral"]: one["state"] for one in world.databases["matching"].told("referrals")}
    for referral in world.databases["referrals"].told("referrals"):
        state = theirs.get(referral["id"])
        if referral["state"] == "withdrawn" and state not in ("withdrawn", "placed"):
            yield f"referral {referral['id']} is withdrawn and {state} in matching"
        if referral["state"] == "placed" and state not in ("placed",):
            yield f"referral {referral['id']} is placed and {state} in matching"


def prices_are_whole(world: World) -> Iterator[str]:
    """What was offered is what was agreed and what is told to those who count, to the penny."""
    offers = {one["offer"]: one["pounds_per_week"] for one in world.databases["matching"].told("offers")}
    for placement in world.databases["referrals"].told("placements"):
        if placement["offer"] is not None and placement["pounds_per_week"] != offers[placement["offer"]]:
            yield f"placement {placement['id']} costs {placement['pounds_per_week']}, offered for {offers[placement['offer']]}"
    agreed = {one["id"]: one["pounds_per_week"] for one in world.databases["referrals"].told("placements")}
    for known in world.databases["monitoring"].told("placements"):
        if known.get("pounds_per_week") is not None and known["pounds_per_week"] != agreed[known["id"]]:
            yield f"monitoring knows placement {known['id']} at {known['pounds_per_week']}, agreed at {agreed[known['id']]}"


AT_REST: tuple[Callable[[World], Iterator[str]], ...] = (
    every_event_is_heard_once_by_each_who_hears_it,
    every_referral_reached_every_provider_once,
    each_offer_stands_on_an_open_referral_or_has_ended,
    every_hold_belongs_to_a_placement,
    beds_add_up,
    matching_knows_the_beds,
    both_sides_agree_on_a_referral,
    prices_are_whole,
)


def look(world: World, which: tuple[Callable[[World], Iterator[str]], ...]) -> None:
    """Broken with the first that does not hold."""
    for one in which:
        for found in one(world):
            raise Broken(f"{one.__name__.replace('_', ' ')}: {found}")
