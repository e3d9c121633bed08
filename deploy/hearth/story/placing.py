"""The placement: one agency learns who the child is, the others are told why not, the child arrives, the figures move."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hearth.story.account import Account, until
from hearth.story.cast import Cast
from hearth.story.choosing import PRICE, Offers, Outcome
from hearth.story.homes import Homes
from hearth.story.people import Person
from hearth.story.referring import Asked
from shared import clock
from shared.clock import UK
from shared.organisation import Role

FIGURES = (
    "referrals",
    "offers_made",
    "offers_per_referral",
    "placements",
    "placed_tier_one",
    "agreed_below_baseline",
    "beds_vacant",
    "beds_filled",
)

HALF_A_DAY = timedelta(hours=12)
"""So a story told over midnight still sees all of itself."""

MOVED = {"referrals": 2, "offers_made": 3, "placements": 1}
"""By how much the story moves each figure: no less (nothing is lost) and no more (nothing is counted twice)."""


async def disclose(account: Account, cast: Cast, outcome: Outcome, offers: Offers) -> str:
    """The chosen agency, and nobody else, reads the child's name; the council can see who did. The placement's id."""
    account.chapter("One agency learns who the child is")
    winner = outcome.winner
    placements, _ = await until(
        lambda: winner.officer.get("referrals", f"/placements?referral={winner.id}"),
        lambda page: len(page["items"]) == 1,
        "That the placement is agreed",
    )
    placement: dict[str, Any] = placements["items"][0]
    account.check("the agreed price", placement["pounds_per_week"], PRICE)
    path = f"/placements/{placement['id']}/child"
    child = (await cast.first_tier.get("referrals", path))["children"][0]
    account.check(
        "the name the chosen agency reads", (child["given_names"], child["family_name"]), (winner.given_names, winner.family_name)
    )
    account.say(f"{cast.first_tier.title} reads: {child['given_names']} {child['family_name']}.")
    for other in (cast.lower_tier, outcome.loser.officer):
        refused = await other.refused("GET", "referrals", path, 404)
        account.say(f"{other.title} gets 404: {refused.detail}")
    known = await winner.officer.get("referrals", f"/children/{winner.child}/disclosures")
    readers = [entry for entry in known["items"] if entry["organisation"] == cast.first_tier.organisation]
    account.check_that("the agency is in the record of who knows about the child", len(readers) > 0)
    account.say(
        "Who knows about this child, in one call: "
        + "; ".join(sorted({f"{entry['organisation']} ({entry['right']})" for entry in known["items"]}))
        + "."
    )
    account.check_that(
        "nobody else is", {entry["organisation"] for entry in known["items"]} <= {winner.officer.organisation, cast.first_tier.organisation}
    )
    administrator = replace(winner.officer, role=Role.ADMINISTRATOR)
    proof = await administrator.get("referrals", "/ledger/verification")
    account.check_that("that record is a whole chain", proof["whole"] and proof["lines"] >= len(known["items"]))
    account.say(f"That record is a chain of {proof['lines']} lines of this council; followed from the first to the last, it is whole.")
    await _others_told(account, cast, outcome, offers)
    return str(placement["id"])


async def _others_told(account: Account, cast: Cast, outcome: Outcome, offers: Offers) -> None:
    """Offers not chosen are released with the reason; the council that lost the bed keeps its other options."""
    if outcome.winning_offer != offers.wanted:
        return  # the second council won the race: nobody else had offered to it
    told, _ = await until(
        lambda: cast.lower_tier.get("matching", f"/offers/{offers.cheaper}"),
        lambda offer: offer["state"] == "released",
        "That the agency not chosen is told",
    )
    account.say(f"{cast.lower_tier.title} is told why its offer was not chosen: {' '.join(told['words'])}")


async def start(account: Account, cast: Cast, homes: Homes, winner: Asked, placement: str) -> None:
    """The child arrives: the placement starts and the bed is filled."""
    account.chapter("The child arrives")
    today = clock.today().isoformat()
    started = await winner.officer.post("referrals", f"/placements/{placement}/start", {"started_on": today})
    account.check("the placement's state", started["state"], "started")
    filled, _ = await until(
        lambda: cast.first_tier.get("providers", f"/vacancies/{homes.wanted['reference']}"),
        lambda vacancy: _states(vacancy) == ["filled"],
        "That the agency's bed is shown as filled",
    )
    account.check("free beds after the child arrived", filled["free_beds"], 0)
    account.say(f"The placement is {started['state']}; the agency's bed is filled.")


def _states(vacancy: dict[str, Any]) -> list[str]:
    return [hold["state"] for hold in vacancy.get("holds", [])]


async def figures(manager: Person) -> dict[str, Any]:
    """The project manager's page, of today alone: a past may be coming in meanwhile, and no day of it is today."""
    since = (clock.now() - HALF_A_DAY).astimezone(UK).date()
    summary = await manager.get("monitoring", f"/summary?from={since}&to={clock.today()}")
    return dict(summary["figures"])


async def figures_at_rest(manager: Person) -> dict[str, Any]:
    """The same once nothing moves any more: what was loaded a moment ago may still be on its way."""
    seen = await figures(manager)
    while True:
        await asyncio.sleep(0.3)
        again = await figures(manager)
        if all(again[name] == seen[name] for name in MOVED):
            return seen
        seen = again


async def figures_moved(account: Account, cast: Cast, before: dict[str, Any], winner: Asked) -> None:
    """What the project manager sees before and after; never a child."""
    account.chapter("The project manager's figures move")
    after, _ = await until(
        lambda: figures(cast.project_manager),
        lambda now: all(_number(now, name) >= _number(before, name) + more for name, more in MOVED.items()),
        "That the story's referrals, offers and placement are counted",
    )
    for name, more in MOVED.items():
        account.check(f"how far the figure {name} moved", _number(after, name) - _number(before, name), more)
    account.table(
        ("figure", "before", "after", "in words"),
        (
            (name, before[name]["value"] or "no records", after[name]["value"] or "no records", after[name]["words"])
            for name in FIGURES
            if name in after
        ),
    )
    refused = await cast.project_manager.refused("GET", "referrals", f"/children/{winner.child}", 403)
    account.say(f"The project manager cannot see a child: {refused.detail}")


def _number(figures: dict[str, Any], name: str) -> int:
    return int(float(figures[name]["value"] or 0))
