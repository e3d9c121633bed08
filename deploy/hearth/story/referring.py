"""From a child who needs a home to a referral that every agency of the lot can see."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hearth.story.account import Account, until
from hearth.story.cast import AGE, KIND, Cast
from hearth.story.homes import NEED, birth_date
from hearth.story.people import Person
from shared import clock

SENT_ALL_THE_SAME = {"acknowledged_small_cell": "needed_to_match"}
"""Few looked-after children share what these referrals show; the officer says why they are sent as they are."""


@dataclass(frozen=True)
class Asked:
    """A referral that was sent out, and who it is for."""

    officer: Person
    child: str
    given_names: str
    family_name: str
    id: str
    reference: str


async def refer(account: Account, cast: Cast) -> Asked:
    """The first council: search, record, draft, preview, own carers first, then everybody at once."""
    account.chapter("A council looks for a home")
    officer = cast.officer
    given, family = cast.telling.given_names, cast.telling.family_name
    found = await officer.post("referrals", "/children/search", {"family_name": family, "date_of_birth": birth_date(AGE)})
    account.say(f"{officer.title} searches before making a second record: {len(found['items'])} found.")
    asked = await _draft(officer, cast, f"{cast.telling.mark}-1", given, family, "SO14 7LY")
    account.say(f"Drafts referral {asked.reference} for a child of {AGE}.")

    preview = await officer.get("referrals", f"/referrals/{asked.id}/preview")
    told = str(preview["view"])
    account.check_that(
        "the preview names nobody and no place more exactly than its district",
        not any(secret in told for secret in (given, family, "SO14 7LY", birth_date(AGE), "Larkfield")),
    )
    account.say(f"Previews exactly what agencies will see: age {AGE}, district SO14, needs and timing; {preview['closes_at_words']}.")
    few = preview["small_cells"]
    account.check_that("the preview says how many looked-after children share what it shows", few["threshold"] == 10 and few["how"] != [])
    account.say(f"Before sending: {few['words']}")

    await _say_in_words(account, officer, asked)
    await officer.post("referrals", f"/referrals/{asked.id}/in-house", {})
    candidates, _ = await until(
        lambda: officer.ask("GET", "matching", f"/referrals/{asked.id}/candidates"),
        lambda reply: reply.status == 200,
        "That matching hears of the referral",
    )
    own = [home for home in candidates.body["items"] if home["in_house"] and home["suitable"]]
    account.say(f"Sends it to the council's own fostering service first: {len(own)} own homes could take the child.")
    refused = await officer.refused("POST", "referrals", f"/referrals/{asked.id}/broadcast", 409, {})
    account.say(f"Sending it to agencies before the own service has answered is refused: {refused.detail}")
    await cast.fostering_service.post(
        "referrals", f"/referrals/{asked.id}/in-house-decision", {"outcome": "no_match", "reason": "carer_declined"}
    )
    account.say(f"{cast.fostering_service.title} answers with a coded reason: carer_declined.")
    return asked


async def _say_in_words(account: Account, officer: Person, asked: Asked) -> None:
    """A name slips into the officer's words; the referral is held until it is out, and a finding that names nobody is cleared."""
    words, findings = f"/referrals/{asked.id}/words", f"/referrals/{asked.id}/findings"
    await officer.put("referrals", words, {"what_matters": f"{asked.given_names} likes the playground in Kestrel Gardens."})
    held = await officer.refused("POST", "referrals", f"/referrals/{asked.id}/in-house", 409, {})
    account.check("the findings that hold the referral", len(held.body["errors"]), 2)
    account.check_that("the refusal repeats no name", asked.given_names not in str(held.body))
    account.say(f"Writes the child's name into the words on it; sending it is refused: {held.body['errors'][0]['message']}")
    await officer.put("referrals", words, {"what_matters": "Likes the playground in Kestrel Gardens."})
    left = (await officer.get("referrals", findings))["items"]
    account.check("what is found without the name", [one["why"] for one in left], ["looks_like_a_street"])
    await officer.post("referrals", f"{findings}/clearings", {"findings": [left[0]["id"]], "reason": "public_place"})
    account.say("Takes the name out, and clears what looks like a street with a coded reason: public_place.")


async def broadcast(account: Account, cast: Cast, asked: Asked) -> None:
    """Every agency with a published tier sees the referral, all tiers from the same moment."""
    account.chapter("Every agency of the lot sees it at once")
    await cast.officer.post("referrals", f"/referrals/{asked.id}/broadcast", SENT_ALL_THE_SAME)
    account.say("Sends it all the same, with a coded reason on record: agencies cannot judge without what it shows.")

    async def sees(agency: Person) -> Any:
        return await agency.ask("GET", "matching", f"/opportunities/{asked.id}")

    async def moment(agency: Person) -> tuple[Any, float]:
        return await until(lambda: sees(agency), lambda reply: reply.status == 200, f"That {agency.title} sees the referral")

    (first, first_wait), (lower, lower_wait) = await asyncio.gather(moment(cast.first_tier), moment(cast.lower_tier))
    account.check("the moment tier one and a lower tier see it", first.body["opened_at"], lower.body["opened_at"])
    account.check("the tiers they are in", (first.body["tier"], lower.body["tier"]), (1, 2))
    shown = str(first.body["view"])
    account.check_that("agencies are shown no name", asked.given_names not in shown and asked.family_name not in shown)
    account.say(
        f"{len(cast.lines)} agencies; {cast.first_tier.title} (tier 1) and {cast.lower_tier.title} (tier 2) see it from the same moment, "
        f"{max(first_wait, lower_wait) * 1000:.0f} ms after it was sent. It closes {first.body['closes_at_words']}."
    )
    told = await cast.first_tier.get("referrals", f"/referrals/{asked.id}/words")
    account.check("what the agency reads in words", told["what_matters"], "Likes the playground in Kestrel Gardens.")
    await cast.other_officer.refused("GET", "referrals", f"/referrals/{asked.id}/words", 404)
    await cast.first_tier.refused("GET", "referrals", f"/children/{asked.child}", 403)
    account.say("Asking for the child's record is refused to agencies.")


async def refer_elsewhere(account: Account, cast: Cast) -> Asked:
    """The second council goes the same way with a child of its own, and will want the same bed."""
    account.chapter("A second council looks for a home the same day")
    officer = cast.other_officer
    asked = await _draft(
        officer, cast, f"{cast.telling.mark}-2", cast.telling.other_given_names, cast.telling.other_family_name, "SO23 8UJ"
    )
    await officer.post("referrals", f"/referrals/{asked.id}/in-house", {})
    await officer.post("referrals", f"/referrals/{asked.id}/in-house-decision", {"outcome": "no_match", "reason": "no_carer_with_vacancy"})
    await officer.post("referrals", f"/referrals/{asked.id}/broadcast", SENT_ALL_THE_SAME)
    await until(
        lambda: cast.first_tier.ask("GET", "matching", f"/opportunities/{asked.id}"),
        lambda reply: reply.status == 200,
        "That the agency sees the second referral",
    )
    account.say(f"{officer.title} sends referral {asked.reference} to the same agencies.")
    await cast.officer.refused("GET", "referrals", f"/referrals/{asked.id}", 404)
    account.say("The first council cannot see it: to others it does not exist.")
    return asked


async def _draft(officer: Person, cast: Cast, number: str, given: str, family: str, postcode: str) -> Asked:
    child = await officer.post(
        "referrals",
        "/children",
        {
            "child_id": number,
            "given_names": given,
            "family_name": family,
            "date_of_birth": birth_date(AGE),
            "sex": "F",
            "home_postcode": postcode,
            "home_address": "12 Larkfield Example Road",
            "legal_status": "C2",
            "category_of_need": "N1",
        },
    )
    need = {"languages": ["en"], "essential_needs": [NEED], "preferred_needs": ["school_transport"]}
    district = postcode.split()[0]
    referral = await officer.post(
        "referrals",
        "/referrals",
        {
            "lot": cast.lot,
            "kind": KIND,
            "urgency": "planned",
            "planned": True,
            "needed_by": (clock.today() + timedelta(days=7)).isoformat(),
            "expected_weeks": 26,
            "siblings": "only_child",
            "children": [{"child": child["id"], "religion": None, "risks_to_child": [], "risks_to_others": [], **need}],
            "near": [{"what": "school", "district": district}],
            "preferred_miles": 20,
        },
    )
    return Asked(officer, child["id"], given, family, referral["id"], referral["reference"])
