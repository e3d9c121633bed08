"""Offers, options with their reasons, and two councils choosing one bed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from hearth.story.account import Account, until
from hearth.story.cast import Cast
from hearth.story.homes import NEED, Homes
from hearth.story.people import Person
from hearth.story.referring import Asked
from shared import clock

PRICE = "745.00"
"""What the tier-one agency asks a week."""

A_MOMENT = 0.02
"""Seconds by which the second council chooses later than the first."""

CONSIDERED = {
    "near_home": "met",
    "schooling_unbroken": "met",
    "siblings_together": "does_not_apply",
    "disability_met": "does_not_apply",
    "inside_area": "met",
}


@dataclass(frozen=True)
class Offers:
    """The offers made, by id."""

    wanted: str
    cheaper: str
    elsewhere: str
    """The wanted home's, for the second council."""


async def offer(account: Account, cast: Cast, homes: Homes, asked: Asked, elsewhere: Asked) -> Offers:
    """Agencies of two tiers offer; one offer the law blocks; the wanted bed is offered to both councils."""
    account.chapter("Agencies offer")
    offers = Offers(
        cheaper=await _offer(cast.lower_tier, asked, homes.cheaper, "640.00"),
        wanted=await _offer(cast.first_tier, asked, homes.wanted, PRICE),
        elsewhere=await _offer(cast.first_tier, elsewhere, homes.wanted, PRICE),
    )
    account.say(f"{cast.lower_tier.title} offers £640.00 a week, {cast.first_tier.title} £{PRICE}.")
    await _offer_refused(account, cast.first_tier, asked, homes.too_young)
    account.say(f"{cast.first_tier.title} offers the same bed to {cast.names[elsewhere.officer.organisation]} as well.")
    foreign = await cast.lower_tier.refused("GET", "matching", f"/offers/{offers.wanted}", 404)
    account.say(f"No agency sees another's offer: {foreign.detail}")
    return offers


def _terms(asked: Asked, vacancy: dict[str, Any], pounds: str) -> dict[str, Any]:
    return {
        "referral": asked.id,
        "vacancy": vacancy["id"],
        "pounds_per_week": pounds,
        "available_on": clock.today().isoformat(),
        "needs": [{"need": NEED, "met": True}, {"need": "school_transport", "met": True}],
    }


async def _offer_refused(account: Account, agency: Person, asked: Asked, vacancy: dict[str, Any]) -> None:
    """A home outside the carers' terms of approval cannot be offered: this is no emergency."""
    reply, _ = await until(
        lambda: agency.ask("POST", "matching", "/offers", _terms(asked, vacancy, "590.00")),
        lambda reply: "own_published_vacancy" not in reply.rules,
        "That matching hears of the vacancy",
    )
    account.check("offering a home outside the carers' terms of approval", (reply.status, reply.rules), (422, {"within_terms_of_approval"}))
    account.say(f"Its home for under-fives cannot be offered: {reply.detail}")


async def _offer(agency: Person, asked: Asked, vacancy: dict[str, Any], pounds: str) -> str:
    terms = _terms(asked, vacancy, pounds)
    # The vacancy was published a moment ago in another service: until the news is here the offer is refused.
    made, _ = await until(
        lambda: agency.ask("POST", "matching", "/offers", terms),
        lambda reply: reply.status != 422 and reply.status != 404,
        "That matching hears of the vacancy",
    )
    if made.status >= 300:
        return str((await agency.post("matching", "/offers", terms))["offer"])
    return str(made.body["offer"])


async def compare(account: Account, homes: Homes, asked: Asked, offers: Offers) -> None:
    """The council sees who could take the child and why the rest could not, then the offers in order, each with its reasons."""
    account.chapter("The council compares explained options")
    candidates = await asked.officer.get("matching", f"/referrals/{asked.id}/candidates")
    most = sorted(candidates["why_not"], key=lambda why: -int(why["homes"]))[:3]
    account.say(
        f"Of {candidates['considered']} published vacancies {candidates['suitable']} could take the child. What rules out most others: "
        + ", ".join(f"{why['reason']} ({why['homes']})" for why in most)
        + "."
    )
    options = await asked.officer.get("matching", f"/referrals/{asked.id}/options")
    account.table(
        ("rank", "agency", "tier", "£ a week", "suitable", "fit", "miles", "why it stands there"),
        (
            (
                one["rank"],
                one["provider_name"],
                one["tier"],
                one["pounds_per_week"],
                "yes" if one["suitable"] else "no",
                one["fit"]["score"],
                one["about_miles"],
                " ".join(reason["words"] for reason in one["reasons"]) or " ".join(one["words"]),
            )
            for one in options["options"]
        ),
    )
    order = [one["offer"] for one in options["options"]]
    account.check(
        "the order: tier one before the cheaper tier two",
        order,
        [offers.wanted, offers.cheaper],
    )
    account.check_that("each is held against the law, check by check", all(len(one["checks"]) > 4 for one in options["options"]))
    why = await asked.officer.get("matching", f"/referrals/{asked.id}/why-not/{homes.too_young['id']}")
    account.check_that("the home for under-fives says why not, and what would change it", not why["suitable"] and why["smallest_set"])
    account.say(f"Why not the home for under-fives: {why['reasons'][0]['words']} What would change it: {why['smallest_set'][0]['words']}")
    refused = await _choose(asked, offers.cheaper)
    account.check("choosing past tier one without a reason", refused.status, 422)
    account.check_that("the refusal names the rule", "reason_for_passing_tier_one" in refused.rules)
    account.say(f"Choosing the cheaper tier-two home without a coded reason is refused: {refused.detail}")


async def _choose(asked: Asked, offer: str, approvals: tuple[dict[str, str], ...] = ()) -> Any:
    body = {"offer": offer, "considerations": CONSIDERED, "wishes": "followed", "approvals": approvals}
    return await asked.officer.ask("POST", "matching", f"/referrals/{asked.id}/choice", body)


@dataclass(frozen=True)
class Outcome:
    """Who got the bed, and who was told that it is gone."""

    winner: Asked
    loser: Asked
    winning_offer: str
    losing_offer: str


async def both_choose(account: Account, cast: Cast, homes: Homes, asked: Asked, elsewhere: Asked, offers: Offers) -> Outcome:
    """Two councils choose one bed: exactly one gets it, the other is told at once and keeps its other options."""
    account.chapter("Two councils choose the same bed")
    wanting = ((asked, offers.wanted), (elsewhere, offers.elsewhere))
    needed = await _approved(account, elsewhere, offers.elsewhere)
    # The second a moment after the first, and before the first has its answer: else it could already be told that the bed is gone.
    first = asyncio.create_task(_choose(asked, offers.wanted))
    await asyncio.sleep(A_MOMENT)
    second = await _choose(elsewhere, offers.elsewhere, needed)
    for one, reply in ((asked, await first), (elsewhere, second)):
        account.check(
            f"the choice of {one.officer.title} is taken down ({reply.detail or 'the bed is being asked for'})", reply.status, 202
        )
    confirmed: list[tuple[Asked, str]] = []
    refused: list[tuple[Asked, str]] = []
    reasons: list[str] = []
    for one, which in wanting:
        choice, waited = await until(partial(_what_came_of, one), lambda choice: choice["state"] != "pending", "That the council is told")
        account.say(f"{one.officer.title}: {choice['state']}, known {waited * 1000:.0f} ms later. {choice['words']}")
        (confirmed if choice["state"] == "confirmed" else refused).append((one, which))
        reasons.extend(choice["reasons"])
    account.check("councils that have the bed, councils that were refused it", (len(confirmed), len(refused)), (1, 1))
    account.say(f"The refused council is told why: {', '.join(reasons)}.")
    vacancy = await cast.first_tier.get("providers", f"/vacancies/{homes.wanted['reference']}")
    account.check("free beds of the vacancy both wanted", vacancy["free_beds"], 0)
    account.say("The bed both wanted was taken once: it has no free bed left.")
    return Outcome(winner=confirmed[0][0], loser=refused[0][0], winning_offer=confirmed[0][1], losing_offer=refused[0][1])


async def _approved(account: Account, elsewhere: Asked, offer: str) -> tuple[dict[str, str], ...]:
    """To the second council the home is outside its area: without its nominated officer's approval the choice is refused."""
    refused = await _choose(elsewhere, offer)
    account.check("choosing a home outside the area without a named approval", refused.rules, {"approval_for_out_of_area"})
    account.say(f"{elsewhere.officer.title} is told what is missing: {refused.detail}")
    officer = "Example assistant director"
    account.say(f"The nominated officer ({officer}) approves it; who, in which office, why and when is kept with the decision.")
    return (
        {
            "approved_for": "out_of_area",
            "officer": officer,
            "office": "nominated_officer",
            "reason": "no_suitable_home_nearer",
            "approved_on": clock.today().isoformat(),
        },
    )


async def _what_came_of(asked: Asked) -> Any:
    return await asked.officer.get("matching", f"/referrals/{asked.id}/choice")
