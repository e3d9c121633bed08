"""From a child's record to an ended placement, in the shared database and in a database of the council's own."""

from __future__ import annotations

from shared import clock
from tests.referrals.council import AGENCY, CHILD, OTHER_AGENCY, Council, days_from_today


async def test_a_child_is_referred_placed_and_known_to_the_one_chosen_agency(council_either_way: Council) -> None:
    council = council_either_way
    child = await council.child()
    referral = await council.referral(child)
    preview = (await council.client().get(f"/referrals/{referral}/preview")).json()
    assert preview["next"] is not None, "a draft says what must be done before it can be broadcast"
    assert (await council.does(referral, "in-house"))["state"] == "in_house"
    decided = await council.does(referral, "in-house-decision", outcome="no_match", reason="needs_not_met")
    assert decided["state"] == "in_house_decided"
    sent = await council.does(referral, "broadcast")
    assert sent["state"] == "broadcast"
    assert sent["closes_at_words"].endswith("UTC)")

    broadcast = (await council.service.published("referral.broadcast"))[0]
    assert broadcast.council == council.code
    assert broadcast.data["in_house_reason"] == "needs_not_met"
    assert broadcast.data["view"] == (await council.client().get(f"/referrals/{referral}/preview")).json()["view"]

    agency = council.service.as_(AGENCY)
    assert (await agency.get("/placements")).json()["items"] == []
    confirmed = council.confirmed(referral)
    await council.hears(confirmed)
    placement = (await agency.get("/placements")).json()["items"][0]
    assert placement["state"] == "agreed"
    assert placement["provider_name"] == "Harbour Fostering"
    assert placement["starts_on"] == clock.today().isoformat()
    assert (await council.client().get(f"/referrals/{referral}")).json()["state"] == "placed"

    address = f"/placements/{placement['id']}"
    told = (await agency.get(f"{address}/child")).json()["children"][0]
    assert (told["given_names"], told["family_name"]) == (CHILD["given_names"], CHILD["family_name"])
    assert "home_address" not in told
    assert "upn" not in told
    other = council.service.as_(OTHER_AGENCY)
    for route in (address, f"{address}/child"):
        assert (await other.get(route)).status_code == 404

    started = await agency.post(f"{address}/start", json={"started_on": clock.today().isoformat()})
    assert started.status_code == 200, started.text
    ended = await council.client().post(
        f"{address}/ending", json={"ended_on": clock.today().isoformat(), "planned": False, "reason": "CREQB"}
    )
    assert ended.status_code == 200, ended.text
    assert ended.json()["total_to_date"] == "0.00"
    assert (await agency.get(f"{address}/child")).status_code == 403, "the right to know the child ends with the placement"

    said = [envelope.type for envelope in await council.service.published()]
    assert said == [
        "referral.created",
        "referral.sent_in_house",
        "referral.broadcast",
        "placement.agreed",
        "placement.started",
        "placement.ended",
    ]
    assert (await council.service.published("placement.started"))[0].data["numbers_in_year"] == [1]


async def test_a_carer_of_the_councils_own_is_taken_and_no_agency_learns_of_it(council_either_way: Council) -> None:
    council = council_either_way
    referral = await council.referral(await council.child())
    await council.does(referral, "in-house")
    taken = await council.does(
        referral,
        "in-house-decision",
        outcome="match_taken",
        vacancy="0192f3a0-0000-7000-8000-000000000001",
        pounds_per_week="408.00",
        starts_on=days_from_today(0).isoformat(),
    )
    assert taken["state"] == "in_house_bed_asked"
    asked = (await council.service.published("in_house_match.taken"))[0]
    assert asked.data["beds"] == 1
    await council.hears(council.held(referral, asked.data["match"], vacancy=asked.data["vacancy"]))
    detail = (await council.client().get(f"/referrals/{referral}")).json()
    assert (detail["state"], detail["in_house_match"]["state"]) == ("placed", "held")
    placement = (await council.client().get(f"/placements/{detail['placement']}")).json()
    assert (placement["provider"], placement["offer"], placement["tier"]) == (council.organisation, None, None)
    agreed = (await council.service.published("placement.agreed"))[0]
    assert agreed.data["pounds_per_week"] == "408.00"
    assert (await council.client("fostering_service").get(f"/placements/{detail['placement']}/child")).status_code == 200
    assert await council.service.published("referral.broadcast") == []
