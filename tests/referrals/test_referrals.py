"""A referral's way: in-house first, one demand for one child, amended and withdrawn in words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from shared import clock
from shared.contracts.providers import HoldFor, VacancyRefused
from tests.referrals.council import HAMPSHIRE, SENT_ALL_THE_SAME, Council, days_from_today

STEPS = {
    "draft": (),
    "in_house": (("in-house", {}),),
    "decided": (("in-house", {}), ("in-house-decision", {"outcome": "no_match", "reason": "too_far"})),
    "broadcast": (("in-house", {}), ("in-house-decision", {"outcome": "no_match", "reason": "too_far"}), ("broadcast", {})),
    "withdrawn": (("withdrawal", {"reason": "plan_changed"}),),
}
MATCH = {"outcome": "match_taken", "vacancy": str(uuid4()), "pounds_per_week": "408.00"}


async def brought_to(council: Council, state: str) -> str:
    referral = await council.referral(await council.child())
    for what, body in STEPS[state]:
        await council.does(referral, what, **body)
    return referral


@pytest.mark.parametrize(
    ("state", "act", "body", "words"),
    [
        ("draft", "broadcast", {}, "own fostering service first"),
        ("in_house", "broadcast", {}, "record it first"),
        ("broadcast", "broadcast", {}, "choose one of the offers"),
        ("withdrawn", "broadcast", {}, "make a new referral"),
        ("withdrawn", "in-house", {}, "make a new referral"),
        ("withdrawn", "withdrawal", {"reason": "plan_changed"}, "make a new referral"),
        ("draft", "in-house-decision", {"outcome": "no_match", "reason": "too_far"}, "own fostering service first"),
        ("decided", "in-house", {}, "broadcast the referral"),
    ],
)
async def test_a_step_out_of_turn_is_refused_and_says_what_to_do(
    council: Council, state: str, act: str, body: dict[str, Any], words: str
) -> None:
    referral = await brought_to(council, state)
    before = (await council.client().get(f"/referrals/{referral}")).json()
    reply = await council.client().post(f"/referrals/{referral}/{act}", json=body)
    assert reply.status_code == 409
    assert words in reply.json()["detail"]
    assert (await council.client().get(f"/referrals/{referral}")).json() == before


async def test_an_emergency_out_of_hours_is_decided_in_one_step_but_still_decided(council: Council) -> None:
    urgent = {"urgency": "emergency", "planned": False, "needed_by": clock.today().isoformat()}
    referral = await council.referral(await council.child(), **urgent)
    assert (await council.client().post(f"/referrals/{referral}/broadcast", json={})).status_code == 409
    await council.does(referral, "in-house-decision", outcome="no_match", reason="out_of_hours_emergency")
    sent = await council.does(referral, "broadcast")
    length = datetime.fromisoformat(sent["closes_at"]) - datetime.fromisoformat(sent["broadcast_at"])
    assert length.total_seconds() == 2 * 3600


async def test_a_planned_referral_cannot_claim_an_emergency_out_of_hours(council: Council) -> None:
    referral = await brought_to(council, "in_house")
    reply = await council.client().post(
        f"/referrals/{referral}/in-house-decision", json={"outcome": "no_match", "reason": "out_of_hours_emergency"}
    )
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (422, "only_when_urgent")


async def test_a_refused_bed_comes_back_to_the_council_which_decides_again(council: Council) -> None:
    referral = await brought_to(council, "in_house")
    await council.does(referral, "in-house-decision", **MATCH, starts_on=clock.today().isoformat())
    match = (await council.service.published("in_house_match.taken"))[0].data["match"]
    refused = VacancyRefused(
        vacancy=uuid4(),
        provider=council.organisation,
        held_for=HoldFor.IN_HOUSE_MATCH,
        asked_by=match,
        referral=referral,
        council=council.code,
        reasons=("no_free_bed",),
    )
    assert (await council.client().post(f"/referrals/{referral}/broadcast", json={})).status_code == 409
    await council.hears(refused)
    detail = (await council.client().get(f"/referrals/{referral}")).json()
    assert detail["state"] == "in_house"
    assert (detail["in_house_match"]["state"], detail["in_house_match"]["reasons"]) == ("refused", ["no_free_bed"])
    await council.hears(council.held(referral, match))
    assert (await council.client().get(f"/referrals/{referral}")).json()["state"] == "in_house", "an answer counts once"
    await council.does(referral, "in-house-decision", outcome="no_match", reason="bed_lost")
    await council.does(referral, "broadcast")


async def test_one_child_has_one_open_demand_unless_the_second_says_that_it_is_the_same(council: Council) -> None:
    child = await council.child()
    first = await council.referral(child)
    second = await council.client().post("/referrals", json=council.referral_body(child))
    assert (second.status_code, second.json()["errors"][0]["rule"]) == (409, "one_open_referral")
    assert first in second.json()["errors"][0]["message"]
    linked = await council.referral(child, re_referral_of=first)
    assert (await council.service.published("referral.created"))[1].data["re_referral_of"] == first
    assert (await council.client().get(f"/referrals/{linked}")).json()["re_referral_of"] == first
    assert len(await council.service.published("referral.created")) == 2, "what was refused said nothing"


async def test_of_many_officers_referring_one_child_at_once_one_succeeds(council: Council) -> None:
    child = await council.child()
    bodies = [council.client().post("/referrals", json=council.referral_body(child)) for _ in range(6)]
    replies = await asyncio.gather(*bodies)
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409, 409, 409]


async def test_a_past_success_never_blocks_a_new_referral(council: Council) -> None:
    child = await council.child()
    await council.placement(child)
    assert await council.referral(child)
    withdrawn = await council.another_child()
    first = await council.referral(withdrawn)
    await council.does(first, "withdrawal", reason="returned_home")
    assert await council.referral(withdrawn)


async def test_an_amendment_tells_providers_what_changed_in_a_new_version(council: Council) -> None:
    referral = await brought_to(council, "broadcast")
    before = (await council.client().get(f"/referrals/{referral}")).json()
    reply = await council.client().patch(
        f"/referrals/{referral}", json={"preferred_miles": 25, "expected_weeks": None}, headers={"If-Match": f'"{before["version"]}"'}
    )
    assert reply.status_code == 200, reply.text
    told = (await council.service.published("referral.amended"))[0]
    assert told.data["changed"] == ["preferred_miles"]
    assert told.data["view"]["preferred_miles"] == 25
    assert told.version == before["version"] + 1
    assert reply.json()["closes_at"] == before["closes_at"], "an amendment does not move the closing time"
    stale = await council.client().patch(
        f"/referrals/{referral}", json={"preferred_miles": 5}, headers={"If-Match": f'"{before["version"]}"'}
    )
    assert stale.status_code == 412


async def test_a_corrected_record_reaches_providers_with_the_next_amendment(council: Council) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await council.client().patch(f"/children/{child}", json={"home_postcode": "PO1 2AB", "sex": "M"}, headers={"If-Match": "*"})
    await council.client().patch(f"/referrals/{referral}", json={}, headers={"If-Match": "*"})
    told = (await council.service.published("referral.amended"))[0].data
    assert told["changed"] == ["children", "home_district"]
    assert (told["view"]["children"][0]["sex"], told["view"]["home_district"]) == ("M", "PO1")


async def test_what_only_the_council_sees_changes_without_a_word_to_providers(council: Council) -> None:
    referral = await brought_to(council, "broadcast")
    reply = await council.client().patch(f"/referrals/{referral}", json={"place": "U3"}, headers={"If-Match": "*"})
    assert (reply.status_code, reply.json()["place"]) == (200, "U3")
    assert await council.service.published("referral.amended") == []


async def test_a_more_urgent_referral_or_a_restarted_clock_has_a_new_closing_time(council: Council) -> None:
    referral = await brought_to(council, "broadcast")
    urgent = {"urgency": "emergency", "planned": False, "needed_by": clock.today().isoformat()}
    reply = await council.client().patch(f"/referrals/{referral}", json=urgent, headers={"If-Match": "*"})
    closes = datetime.fromisoformat(reply.json()["closes_at"])
    assert 7100 < (closes - datetime.now(UTC)).total_seconds() <= 7200
    assert "closes_at" in (await council.service.published("referral.amended"))[0].data["changed"]
    again = await council.client().patch(f"/referrals/{referral}", json={"restart_clock": True}, headers={"If-Match": "*"})
    assert datetime.fromisoformat(again.json()["closes_at"]) > closes


async def test_a_draft_is_changed_without_anybody_being_told(council: Council) -> None:
    referral = await brought_to(council, "draft")
    reply = await council.client().patch(f"/referrals/{referral}", json={"kind": "long_term"}, headers={"If-Match": '"1"'})
    assert reply.json()["place"] == "U4", "a new kind brings its PLACE code"
    assert [each.type for each in await council.service.published()] == ["referral.created"]


async def test_a_broadcast_referral_cannot_go_to_another_lot(council: Council) -> None:
    referral = await brought_to(council, "broadcast")
    reply = await council.client().patch(f"/referrals/{referral}", json={"lot": "disabled_children"}, headers={"If-Match": "*"})
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (409, "lot")


async def test_a_withdrawal_is_coded_and_says_whose_side_it_is_on(council: Council) -> None:
    referral = await brought_to(council, "broadcast")
    withdrawn = await council.does(referral, "withdrawal", reason="no_suitable_offer")
    assert (withdrawn["state"], withdrawn["withdrawal_side"]) == ("withdrawn", "provider")
    said = (await council.service.published("referral.withdrawn"))[0]
    assert (said.data["reason"], said.data["side"], said.version) == ("no_suitable_offer", "provider", withdrawn["version"])


async def test_every_event_of_a_referral_has_a_higher_version_than_the_one_before(council: Council) -> None:
    referral = await brought_to(council, "broadcast")
    await council.client().patch(f"/referrals/{referral}", json={"preferred_miles": 3}, headers={"If-Match": "*"})
    await council.does(referral, "withdrawal", reason="court_decided_otherwise")
    versions = [each.version for each in await council.service.published() if each.subject == referral]
    assert versions == sorted(set(versions))


async def test_brothers_and_sisters_go_together_in_one_referral(council: Council) -> None:
    one = await council.child()
    two = await council.child(
        child_id="SOU2", given_names="Bo", upn=None, nhs_number=None, date_of_birth="2025-10-01", confirmed_new=True,
        confirmation_reason="twin_or_sibling",
    )  # fmt: skip
    await council.broadcast_referral(one, two)
    view = (await council.service.published("referral.broadcast"))[0].data["view"]
    assert [child["child_number"] for child in view["children"]] == [1, 2]
    assert view["siblings"] == "together"
    assert view["children"][0]["age_months"] is None
    assert view["children"][1]["age_months"] is not None
    assert view["home_district"] == "SO14"


async def test_the_list_of_referrals_pages_newest_first_and_by_state(council: Council) -> None:
    made = []
    for number in range(3):
        made.append(await council.referral(await council.another_child(number)))
    await council.does(made[0], "withdrawal", reason="plan_changed")
    client = council.client("reader")
    first = (await client.get("/referrals", params={"limit": 2})).json()
    rest = (await client.get("/referrals", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next_cursor"] is None
    assert [each["id"] for each in (await client.get("/referrals", params={"state": "withdrawn"})).json()["items"]] == [made[0]]
    assert (await Council(council.service, HAMPSHIRE).client().get("/referrals")).json()["items"] == []


async def test_the_same_key_sends_once_and_replays_the_reply(council: Council) -> None:
    referral = await brought_to(council, "decided")
    replies = [
        await council.client().post(f"/referrals/{referral}/broadcast", json=SENT_ALL_THE_SAME, headers={"Idempotency-Key": "go"})
        for _ in range(2)
    ]
    assert replies[0].json() == replies[1].json()
    assert len(await council.service.published("referral.broadcast")) == 1


async def test_a_child_who_needs_a_home_later_than_tomorrow_is_no_emergency(council: Council) -> None:
    body = council.referral_body(await council.child(), urgency="emergency", planned=True, needed_by=days_from_today(5).isoformat())
    reply = await council.client().post("/referrals", json=body)
    assert {error["rule"] for error in reply.json()["errors"]} == {"urgent_means_now", "urgent_is_not_planned"}
