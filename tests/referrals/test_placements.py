"""A placement, from the held bed to the last night; and what happens when news comes late, twice or too late."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared import clock, tenancy
from shared.organisation import Organisation
from tests.referrals.council import AGENCY, HAMPSHIRE, OTHER_AGENCY, SOUTHAMPTON, Council, days_from_today


async def test_an_offer_confirmed_twice_makes_one_placement_and_one_disclosure(council: Council) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    confirmed = council.confirmed(referral)
    await asyncio.gather(council.hears(confirmed), council.hears(confirmed))
    await council.hears(confirmed)
    assert len(await council.service.published("placement.agreed")) == 1
    lines = (await council.client().get(f"/children/{child}/disclosures")).json()["items"]
    assert [(line["act"], line["organisation"], line["right"]) for line in lines] == [("granted", AGENCY, "placement_agreed")]
    assert "home_address" not in lines[0]["fields"]


async def test_the_agreed_placement_says_what_the_offer_said(council: Council) -> None:
    referral = await council.broadcast_referral()
    confirmed = council.confirmed(referral, available_on=days_from_today(4), district="SO15")
    await council.hears(confirmed)
    agreed = (await council.service.published("placement.agreed"))[0]
    assert (agreed.organisation, agreed.council, agreed.version) == (council.organisation, council.code, 1)
    said = agreed.data
    assert (said["provider"], said["tier"], said["pounds_per_week"]) == (AGENCY, 1, "812.50")
    assert (said["offer"], said["hold"]) == (str(confirmed.offer), str(confirmed.hold))
    assert said["starts_on"] == days_from_today(4).isoformat()
    assert said["within_20_miles"] == "yes", "SO14 and SO15 lie side by side"


@pytest.mark.parametrize(("district", "answer"), [("SO15", "yes"), ("OX4", "no"), ("PO1", "undecided"), (None, "undecided")])
async def test_without_a_measurement_districts_decide_only_what_is_beyond_doubt(
    council: Council, district: str | None, answer: str
) -> None:
    referral = await council.broadcast_referral()
    await council.hears(council.confirmed(referral, district=district))
    assert (await council.service.published("placement.agreed"))[0].data["within_20_miles"] == answer


async def test_a_bed_held_for_a_withdrawn_referral_is_given_back_and_nobody_learns_who_the_child_is(council: Council) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await council.does(referral, "withdrawal", reason="returned_home")
    confirmed = council.confirmed(referral)
    await council.hears(confirmed)
    assert await council.service.published("placement.agreed") == []
    cancelled = (await council.service.published("placement.cancelled"))[0].data
    assert (cancelled["reason"], cancelled["hold"]) == ("referral_withdrawn", str(confirmed.hold))
    placement = (await council.service.as_(AGENCY).get("/placements")).json()["items"][0]
    assert (placement["state"], placement["cancellation_side"]) == ("cancelled", "council")
    assert (await council.service.as_(AGENCY).get(f"/placements/{placement['id']}/child")).status_code == 403
    assert (await council.client().get(f"/children/{child}/disclosures")).json()["items"] == []


async def test_of_two_confirmed_offers_one_becomes_the_placement_and_the_others_bed_is_given_back(council: Council) -> None:
    referral = await council.broadcast_referral()
    first, second = council.confirmed(referral), council.confirmed(referral, provider=OTHER_AGENCY)
    await asyncio.gather(council.hears(first), council.hears(second))
    assert len(await council.service.published("placement.agreed")) == 1
    assert (await council.service.published("placement.cancelled"))[0].data["reason"] == "already_placed"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"started_on": days_from_today(1).isoformat()}, "not_in_the_future"),
        ({"started_on": days_from_today(-1).isoformat()}, "not_before_agreed"),
    ],
)
async def test_a_start_in_the_future_or_before_the_agreed_day_is_refused(council: Council, body: dict[str, Any], rule: str) -> None:
    placement = await council.placement()
    reply = await council.client().post(f"/placements/{placement}/start", json=body)
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (422, rule)
    assert await council.service.published("placement.started") == []


async def test_an_agency_cannot_make_a_stay_begin_before_the_agreed_day(council: Council) -> None:
    placement = await council.placement()
    body = {"started_on": days_from_today(-3).isoformat(), "earlier_than_agreed": True}
    reply = await council.service.as_(AGENCY).post(f"/placements/{placement}/start", json=body)
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (403, "earlier_than_agreed")


async def started_days_ago(council: Council, days: int, *, placement: str | None = None) -> str:
    placement = placement or await council.placement()
    body = {"started_on": days_from_today(-days).isoformat(), "earlier_than_agreed": True}
    reply = await council.client().post(f"/placements/{placement}/start", json=body)
    assert reply.status_code == 200, reply.text
    return placement


async def test_the_total_to_date_counts_the_nights_slept(council: Council) -> None:
    placement = await started_days_ago(council, 10)
    shown = (await council.client().get(f"/placements/{placement}")).json()
    assert (shown["nights"], shown["total_to_date"], shown["pounds_per_week"]) == (10, "1160.71", "812.50")
    ended = await council.client().post(
        f"/placements/{placement}/ending", json={"ended_on": days_from_today(-3).isoformat(), "planned": True, "reason": "CARPL"}
    )
    assert (ended.json()["nights"], ended.json()["total_to_date"]) == (7, "812.50")
    said = (await council.service.published("placement.ended"))[0].data
    assert (said["planned"], said["reason"], said["children"]) == (True, "CARPL", 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ended_on": days_from_today(-11).isoformat()}, "ended_on"),
        ({"ended_on": days_from_today(1).isoformat()}, "ended_on"),
        ({"reason": "BORED"}, "reason"),
        ({"episode_ceased": "E99"}, "episode_ceased"),
        ({"planned": None}, "planned"),
    ],
)
async def test_an_ending_before_the_start_or_without_its_codes_is_refused_and_nothing_is_written(
    council: Council, change: dict[str, Any], field: str
) -> None:
    placement = await started_days_ago(council, 10)
    body = {"ended_on": clock.today().isoformat(), "planned": True, "reason": "CARPL", "episode_ceased": "E4A"} | change
    reply = await council.client().post(f"/placements/{placement}/ending", json=body)
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, field)
    assert (await council.client().get(f"/placements/{placement}")).json()["state"] == "started"


async def test_the_next_placement_of_the_year_is_the_childs_second(council: Council) -> None:
    child = await council.child()
    first = await council.placement(child)
    await started_days_ago(council, 2, placement=first)
    await council.client().post(
        f"/placements/{first}/ending", json={"ended_on": clock.today().isoformat(), "planned": False, "reason": "ALLEG"}
    )
    second = await council.placement(child)
    await council.client().post(f"/placements/{second}/start", json={"started_on": clock.today().isoformat()})
    assert [each.data["numbers_in_year"] for each in await council.service.published("placement.started")] == [[1], [2]]


@pytest.mark.parametrize(
    ("states", "act", "words"),
    [
        ((), "ending", "has not started"),
        (("start",), "start", "record how it ended"),
        (("start",), "cancellation", "record how it ended"),
        (("start", "ending"), "ending", "make a new referral"),
        (("cancellation",), "start", "make a new referral"),
    ],
)
async def test_a_step_of_a_placement_out_of_turn_is_refused_in_words(
    council: Council, states: tuple[str, ...], act: str, words: str
) -> None:
    today = clock.today().isoformat()
    bodies = {
        "start": {"started_on": today},
        "ending": {"ended_on": today, "planned": True, "reason": "CARPL"},
        "cancellation": {"reason": "carer_unavailable"},
    }
    placement = await council.placement()
    for state in states:
        assert (await council.client().post(f"/placements/{placement}/{state}", json=bodies[state])).status_code == 200
    reply = await council.client().post(f"/placements/{placement}/{act}", json=bodies[act])
    assert reply.status_code == 409
    assert words in reply.json()["detail"]


async def test_a_cancelled_placement_frees_the_bed_and_ends_the_right_to_know_the_child(council: Council) -> None:
    placement = await council.placement()
    agency = council.service.as_(AGENCY)
    assert (await agency.get(f"/placements/{placement}/child")).status_code == 200
    reply = await council.client().post(f"/placements/{placement}/cancellation", json={"reason": "carer_unavailable"})
    assert (reply.json()["state"], reply.json()["cancellation_side"]) == ("cancelled", "provider")
    assert (await council.service.published("placement.cancelled"))[0].data["placement"] == placement
    assert (await agency.get(f"/placements/{placement}/child")).status_code == 403
    assert (await agency.post(f"/placements/{placement}/cancellation", json={"reason": "plan_changed"})).status_code == 403


@pytest.mark.parametrize("reason", ["referral_withdrawn", "already_placed"])
async def test_nobody_gives_a_reason_that_only_the_software_finds(council: Council, reason: str) -> None:
    placement = await council.placement()
    reply = await council.client().post(f"/placements/{placement}/cancellation", json={"reason": reason})
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "reason")


async def test_the_agencys_reading_is_written_down_for_the_council_in_the_same_transaction(council_either_way: Council) -> None:
    council = council_either_way
    child = await council.child()
    placement = await council.placement(child)
    await council.service.as_(AGENCY).get(f"/placements/{placement}/child")
    line = (await council.client().get(f"/children/{child}/disclosures")).json()["items"][-1]
    assert (line["act"], line["organisation"], line["right"]) == ("read", AGENCY, "placement_agreed")
    assert (line["subject"], line["placement"]) == (f"person@{AGENCY}", placement)
    assert set(line["fields"]) == {
        "sex", "given_names", "family_name", "date_of_birth", "nhs_number", "school", "ethnicity", "legal_status",
    }  # fmt: skip


async def test_an_agency_reader_sees_the_placement_but_not_who_the_child_is(council: Council) -> None:
    placement = await council.placement()
    reader = council.service.as_(AGENCY, "reader")
    assert (await reader.get(f"/placements/{placement}")).status_code == 200
    assert (await reader.get(f"/placements/{placement}/child")).status_code == 403


async def test_the_in_house_service_knows_the_children_of_its_own_carers_only(council: Council) -> None:
    placement = await council.placement()
    fostering_service = council.client("fostering_service")
    assert (await fostering_service.get(f"/placements/{placement}/child")).status_code == 403
    assert (await council.client("social_worker").get(f"/placements/{placement}/child")).status_code == 200


async def test_an_agency_pages_through_its_placements_of_councils_in_every_database(running: Any) -> None:
    service = await running("referrals", own=(SOUTHAMPTON,))
    southampton, hampshire = Council(service), Council(service, HAMPSHIRE)
    await southampton.hears_of_the_framework()
    expected = [await one.placement() for one in (southampton, hampshire)]
    agency, found, cursor = service.as_(AGENCY), [], ""
    while True:
        reply = (await agency.get("/placements", params={"limit": 1, **({"cursor": cursor} if cursor else {})})).json()
        found += [each["id"] for each in reply["items"]]
        if not (cursor := reply["next_cursor"]):
            break
    assert found == expected[::-1]
    for placement in expected:
        assert (await agency.get(f"/placements/{placement}/child")).status_code == 200
        started = await agency.post(
            f"/placements/{placement}/start", json={"started_on": clock.today().isoformat()}, headers={"Idempotency-Key": placement}
        )
        assert started.status_code == 200
    own = service.databases.for_organisation(Organisation.council(SOUTHAMPTON))
    assert own is not service.databases.shared
    async with tenancy.transaction_on(service.databases, service.databases.shared, Organisation.council(SOUTHAMPTON)) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM placements")) == 0, "nothing of this council lies in the shared database"


async def test_two_officers_recording_the_start_at_once_record_it_once(council: Council) -> None:
    placement = await council.placement()
    body = {"started_on": clock.today().isoformat()}
    replies = await asyncio.gather(*(council.client().post(f"/placements/{placement}/start", json=body) for _ in range(4)))
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409]
    assert len(await council.service.published("placement.started")) == 1


async def test_a_stale_version_is_refused(council: Council) -> None:
    placement = await council.placement()
    body = {"started_on": clock.today().isoformat()}
    reply = await council.client().post(f"/placements/{placement}/start", json=body, headers={"If-Match": '"7"'})
    assert reply.status_code == 412


async def test_late_news_of_a_lot_is_ignored(council: Council) -> None:
    from tests.referrals.council import lot

    await council.service.deliver(lot(ends_on=clock.today() - timedelta(days=1)), subject="general", organisation="consortium", version=3)
    await council.service.deliver(lot(), subject="general", organisation="consortium", version=2)
    reply = await council.client().post("/referrals", json=council.referral_body(await council.child()))
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (422, "not_ended")


async def test_a_placement_nobody_has_is_not_found(council: Council) -> None:
    for who in (council.client(), council.service.as_(AGENCY)):
        assert (await who.get(f"/placements/{uuid4()}")).status_code == 404
