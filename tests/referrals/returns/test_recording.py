"""Time in care recorded over HTTP: each rule refused in words, who may, what the record then shows, and who learns of it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from referrals.store.vault import Keyring
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.referrals.council import AGENCY, HAMPSHIRE, OTHER_AGENCY, SOUTHAMPTON, Council

BEGAN = "2025-06-02"
BEGINS = {"began_on": BEGAN, "legal_status": "C1", "category_of_need": "N1"}
PLACED = {"began_on": BEGAN, "place": "U6", "place_provider": "PR4", "urn": "SC012345", "postcode": "so15 5ss"}
LEFT = {"ended_on": "2025-12-01", "reason": "E4A"}


async def says(council: Council, child: str, what: str, method: str = "POST", **body: Any) -> dict[str, Any]:
    reply = await council.client().request(method, f"/children/{child}/{what}", json=body)
    assert reply.status_code in (200, 201), reply.text
    answer: dict[str, Any] = reply.json()
    return answer


async def refused(council: Council, child: str, what: str, method: str = "POST", **body: Any) -> set[tuple[str, str]]:
    reply = await council.client().request(method, f"/children/{child}/{what}", json=body)
    assert reply.status_code in (409, 422), reply.text
    return {(each["field"], each["rule"]) for each in reply.json()["errors"]}


async def in_care(council: Council, **changes: Any) -> str:
    child = await council.child(**changes)
    await says(council, child, "care-periods", **BEGINS)
    await says(council, child, "outside-placements", **PLACED)
    return child


async def test_what_is_recorded_shows_as_episodes(council_either_way: Council) -> None:
    council = council_either_way
    child = await in_care(council)
    await says(council, child, "legal-statuses", from_on="2025-09-01", legal_status="c2")
    shown = (await council.client().get(f"/children/{child}/episodes")).json()
    assert shown["missing"] == []
    assert [
        (row["decom"], row["rne"], row["ls"], row["dec"], row["rec"], row["home_post"], row["pl_post"]) for row in shown["episodes"]
    ] == [
        (BEGAN, "S", "C1", "2025-09-01", "X1", "SO14 7LY", "SO15 5SS"),
        ("2025-09-01", "L", "C2", None, None, "SO14 7LY", "SO15 5SS"),
    ]


async def test_coming_into_care_is_refused_with_every_rule_it_breaks(council: Council) -> None:
    child = await council.child()
    tomorrow = (clock.today() + timedelta(1)).isoformat()
    broken = await refused(council, child, "care-periods", began_on=tomorrow, legal_status="C9", category_of_need="N0")
    assert broken == {("began_on", "not_in_the_future"), ("legal_status", "ssda903_code"), ("category_of_need", "ssda903_code")}
    assert await refused(council, child, "care-periods", **BEGINS | {"began_on": "2010-01-01"}) == {("began_on", "not_before_birth")}
    await says(council, child, "care-periods", **BEGINS)
    assert await refused(council, child, "care-periods", **BEGINS | {"began_on": "2025-07-01"}) == {("began_on", "after_earlier_care")}


async def test_of_two_officers_who_record_at_once_that_a_child_came_into_care_one_is_refused(council: Council) -> None:
    child = await council.child()
    one, other = council.client(), council.client()
    replies = await asyncio.gather(
        *(
            client.post(f"/children/{child}/care-periods", json=BEGINS | {"began_on": f"2025-06-0{day}"})
            for day, client in ((2, one), (3, other))
        )
    )
    assert sorted(reply.status_code for reply in replies) == [201, 422]


async def test_leaving_care_legal_statuses_and_reviews_are_held_to_their_rules(council: Council) -> None:
    child = await in_care(council)
    assert await refused(council, child, "legal-statuses", from_on="2025-01-01", legal_status="C2") == {("from_on", "looked_after")}
    assert await refused(council, child, "legal-statuses", from_on=BEGAN, legal_status="C2") == {("from_on", "one_a_day")}
    assert await refused(council, child, "reviews", held_on="2025-06-30", participation="PN0") == {("participation", "pn0_under_four")}
    assert await refused(council, child, "reviews", held_on="2024-06-30", participation="PN9") == {
        ("held_on", "looked_after"), ("participation", "ssda903_code"),
    }  # fmt: skip
    await says(council, child, "reviews", held_on="2025-06-30", participation="PN1")
    assert await refused(council, child, "reviews", held_on="2025-06-30", participation="PN1") == {("held_on", "one_a_day")}
    ending = {"ended_on": "2025-05-01", "reason": "X1"}
    assert await refused(council, child, "care-periods/ending", **ending) == {("ended_on", "not_before_start"), ("reason", "care_ended")}
    await says(council, child, "care-periods/ending", **LEFT)
    assert await refused(council, child, "care-periods/ending", **LEFT) == {("child", "looked_after")}


async def test_a_placement_made_elsewhere_is_held_to_its_rules(council: Council) -> None:
    child = await council.child()
    await says(council, child, "care-periods", **BEGINS)
    wrong = PLACED | {"place": "P1", "place_provider": "PR3", "postcode": "QQ1 1QQ", "began_on": "2025-01-01"}
    assert await refused(council, child, "outside-placements", **wrong) == {
        ("place_provider", "goes_with_place"), ("urn", "registered_place"), ("postcode", "possible_postcode"), ("began_on", "looked_after"),
    }  # fmt: skip
    placement = (await says(council, child, "outside-placements", **PLACED))["id"]
    second = PLACED | {"began_on": "2025-08-01"}
    assert await refused(council, child, "outside-placements", **second) == {("began_on", "one_placement_at_a_time")}
    bad = {"ended_on": "2025-08-01", "reason": "NOPE"}
    assert await refused(council, child, f"outside-placements/{placement}/ending", **bad) == {("reason", "ssda903_code")}
    await says(council, child, f"outside-placements/{placement}/ending", ended_on="2025-08-01", reason="CREQB")
    await says(council, child, "outside-placements", **second)
    assert await refused(council, child, f"outside-placements/{placement}/ending", ended_on="2025-08-02") == {("placement", "lasts")}


async def test_outcomes_are_asked_by_age(council: Council) -> None:
    child = await in_care(council)  # born in February 2016: ten on 31 March 2026
    whole = {"immunisations": 1, "teeth_check": 1, "health_assessment": 0, "substance_misuse": 0, "sdq_score": 11, "convicted": 0}
    assert await refused(council, child, "outcomes/2026", "PUT", **whole | {"health_check": 1}) == {("health_check", "asked_of_this_child")}
    assert await refused(council, child, "outcomes/2026", "PUT", immunisations=1, substance_misuse=1, sdq_reason="SDQ1") == {
        ("teeth_check", "asked_of_this_child"), ("health_assessment", "asked_of_this_child"), ("convicted", "asked_of_this_child"),
        ("intervention_received", "asked_of_this_child"), ("intervention_offered", "asked_of_this_child"),
        ("sdq_reason", "no_form_returned"),
    }  # fmt: skip
    await says(council, child, "outcomes/2026", "PUT", **whole)


async def test_a_return_is_refused_while_a_record_lacks_something_and_can_leave_that_child_out(council: Council) -> None:
    whole, lacking = await in_care(council), await council.another_child(upn=None, home_postcode="SO16 9GQ")
    await says(council, lacking, "care-periods", **BEGINS)
    client = council.client()
    reply = await client.get("/returns/ssda903/2026")
    assert reply.status_code == 409
    named = {(each["field"], each["rule"]) for each in reply.json()["errors"]}
    assert named >= {(f"children.{lacking}", "no_placement"), (f"children.{lacking}", "no_upn")}
    listed = (await client.get("/returns/ssda903/2026/lacking")).json()
    assert {each["child"] for each in listed["items"]} == {lacking}
    kept = await client.get("/returns/ssda903/2026", params={"leave_out": True})
    archive = zipfile.ZipFile(io.BytesIO(kept.content))
    assert len(archive.read("2026/Header.csv").splitlines()) == 2
    assert {each["child"] for each in json.loads(archive.read("2026/left_out.json"))["items"]} == {lacking}
    told = (await client.get(f"/children/{whole}/disclosures")).json()["items"][-1]
    assert told["right"] == "national_return"
    assert not (await client.get(f"/children/{lacking}/disclosures")).json()["items"], "nothing of this child was shown"


async def test_each_child_of_a_return_is_written_to_the_disclosure_record(council: Council) -> None:
    child = await in_care(council, sex="M")
    before = len((await council.client().get(f"/children/{child}/disclosures")).json()["items"])
    reply = await council.client("administrator").get("/returns/ssda903/2026/Episodes.csv")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert len(reply.text.splitlines()) == 2
    lines = (await council.client().get(f"/children/{child}/disclosures")).json()["items"]
    assert len(lines) == before + 1
    assert (lines[-1]["right"], "home_postcode" in lines[-1]["fields"], "family_name" in lines[-1]["fields"]) == (
        "national_return",
        True,
        False,
    )


async def test_a_year_or_table_nobody_knows_is_refused_in_words(council: Council) -> None:
    client = council.client()
    assert (await client.get("/returns/ssda903/1999")).json()["errors"][0]["rule"] == "return_year"
    assert (await client.get("/returns/ssda903/2026/Adoption.csv")).status_code == 404


async def test_leaving_care_with_a_hearth_placement_ends_the_time_in_care(council: Council) -> None:
    child = await council.child(sex="M")
    placement = await council.placement(child)
    today = clock.today()
    await says(council, child, "care-periods", **BEGINS | {"began_on": today.isoformat()})
    client, anyway = council.client(), {"If-Match": "*"}
    assert (await client.post(f"/placements/{placement}/start", json={"started_on": today.isoformat()}, headers=anyway)).status_code == 200
    body = {"ended_on": today.isoformat(), "planned": True, "reason": "CARPL"}
    ended = await client.post(f"/placements/{placement}/ending", json=body | {"episode_ceased": "X1"}, headers=anyway)
    assert (ended.status_code, ended.json()["errors"][0]["field"]) == (422, "episode_ceased")
    ended = await client.post(f"/placements/{placement}/ending", json=body | {"episode_ceased": "E4A"}, headers=anyway)
    assert ended.status_code == 200, ended.text
    assert await refused(council, child, "care-periods/ending", **LEFT) == {("child", "looked_after")}


async def test_placements_made_elsewhere_count_in_a_childs_number_of_placements_of_the_year(council: Council) -> None:
    child, today = await council.child(sex="M"), clock.today()
    began = today - timedelta(3)
    await says(council, child, "care-periods", **BEGINS | {"began_on": began.isoformat()})
    ended = {"ended_on": today.isoformat(), "ending_reason": "CARPL"}
    await says(council, child, "outside-placements", **PLACED | {"began_on": began.isoformat()} | ended)
    placement = await council.placement(child)
    await council.client().post(f"/placements/{placement}/start", json={"started_on": today.isoformat()}, headers={"If-Match": "*"})
    event = (await council.service.published("placement.started"))[0]
    same_year = (began.month, began.day) >= (4, 1) or (today.month, today.day) < (4, 1)
    assert event.data["numbers_in_year"] == [2 if same_year or began < today else 1]


async def test_where_a_placement_is_its_provider_may_say_and_only_the_council_reads(council: Council) -> None:
    child, today = await council.child(), clock.today().isoformat()
    placement = await council.placement(child)
    agency = council.service.as_(AGENCY)
    await council.client().post(f"/placements/{placement}/start", json={"started_on": today}, headers={"If-Match": "*"})
    impossible = await agency.put(f"/placements/{placement}/address", json={"postcode": "QQ1 1QQ"})
    assert (impossible.status_code, "QQ1" in impossible.text) == (422, False)
    said = await agency.put(f"/placements/{placement}/address", json={"postcode": "rg11aa"})
    assert (said.status_code, said.json()) == (200, {"id": placement})
    for stranger in (OTHER_AGENCY, f"council:{HAMPSHIRE}"):
        assert (
            await council.service.as_(stranger).put(f"/placements/{placement}/address", json={"postcode": "RG1 1AA"})
        ).status_code == 404
    await says(council, child, "care-periods", **BEGINS | {"began_on": today})
    shown = (await council.client().get(f"/children/{child}/episodes")).json()
    assert shown["episodes"][0]["pl_post"] == "RG1 1AA"
    assert (await agency.get(f"/children/{child}/episodes")).status_code == 403
    assert "RG1" not in "".join(event.data.__repr__() for event in await council.service.published())
    async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
        kept = await transaction.execute(text("SELECT encode(sealed, 'escape') AS kept FROM postcodes"))
        assert all("RG1" not in row.kept for row in kept)


async def test_a_key_rotation_takes_the_postcodes_along(council: Council, tmp_path: Path) -> None:
    child = await in_care(council)
    old, new = ({"id": name, "key": base64.b64encode(os.urandom(32)).decode()} for name in ("old", "new"))
    file = tmp_path / "keys.json"
    development = Keyring("", development=True).newest(Organisation.council(SOUTHAMPTON))
    first = {"id": development.id, "key": base64.b64encode(development.key).decode()}
    file.write_text(json.dumps({SOUTHAMPTON: [new, old, first]}))
    council.service.app.state.keyring = Keyring(str(file), development=False)
    done = (await council.client("administrator").post("/settings/key-rotation", json={})).json()
    assert (done["others_rewrapped"], done["keys_no_longer_used"]) == (2, [development.id])
    file.write_text(json.dumps({SOUTHAMPTON: [new]}))
    council.service.app.state.keyring = Keyring(str(file), development=False)
    shown = (await council.client().get(f"/children/{child}/episodes")).json()
    assert shown["episodes"][0]["pl_post"] == "SO15 5SS"


TABLES = ("care_periods", "legal_statuses", "reviews", "outside_placements", "postcodes", "outcomes", "fostering_services")


@pytest.mark.parametrize("asking", [Organisation.council(HAMPSHIRE), Organisation.parse(AGENCY), CONSORTIUM])
async def test_a_childs_time_in_care_is_its_own_councils_rows(council: Council, asking: Organisation) -> None:
    child = await in_care(council)
    await says(council, child, "reviews", held_on="2025-06-30", participation="PN1")
    outcomes = {"immunisations": 1, "teeth_check": 1, "health_assessment": 0, "substance_misuse": 0, "sdq_score": 11, "convicted": 0}
    await says(council, child, "outcomes/2026", "PUT", **outcomes)
    assert (await council.client().put("/fostering-service", json={"urn": "SC950001"})).status_code == 200
    async with tenancy.transaction(council.service.databases, asking) as transaction:
        for table in TABLES:
            assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    forged = "INSERT INTO legal_statuses VALUES ('council:E06000045', gen_random_uuid(), '2025-01-01', 'C2', 'forger', now())"
    with pytest.raises(DBAPIError, match="row-level security"):
        async with tenancy.transaction(council.service.databases, asking) as transaction:
            await transaction.execute(text(forged))
    async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
        for table in TABLES:
            assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) > 0, f"the test proves nothing about an empty {table}"


async def test_another_councils_officer_finds_no_such_child(council: Council) -> None:
    child = await in_care(council)
    other = Council(council.service, HAMPSHIRE).client()
    for method, what, body in (
        ("GET", "episodes", None), ("POST", "care-periods", BEGINS), ("POST", "care-periods/ending", LEFT),
        ("POST", "legal-statuses", {"from_on": "2025-09-01", "legal_status": "C2"}),
        ("POST", "reviews", {"held_on": "2025-06-30", "participation": "PN1"}), ("POST", "outside-placements", PLACED),
    ):  # fmt: skip
        assert (await other.request(method, f"/children/{child}/{what}", json=body)).status_code == 404, what


async def test_a_child_with_a_carer_of_the_councils_own_has_pr1_and_the_number_of_its_fostering_service(council: Council) -> None:
    child, today = await council.child(), clock.today().isoformat()
    await says(council, child, "care-periods", **BEGINS | {"began_on": today})
    referral = await council.referral(child)
    await council.does(referral, "in-house")
    terms = {"vacancy": "0192f3a0-0000-7000-8000-000000000001", "pounds_per_week": "408.00", "starts_on": today}
    await council.does(referral, "in-house-decision", outcome="match_taken", **terms)
    asked = (await council.service.published("in_house_match.taken"))[0]
    await council.hears(council.held(referral, asked.data["match"], vacancy=asked.data["vacancy"]))
    client = council.client()
    placement = (await client.get(f"/referrals/{referral}")).json()["placement"]
    await client.post(f"/placements/{placement}/start", json={"started_on": today}, headers={"If-Match": "*"})
    missing = (await client.get(f"/children/{child}/episodes")).json()["missing"]
    assert {each["rule"] for each in missing} == {"no_urn", "no_placement_postcode"}
    await client.put("/fostering-service", json={"urn": "SC950001"})
    await client.put(f"/placements/{placement}/address", json={"postcode": "SO15 5SS"})
    shown = (await client.get(f"/children/{child}/episodes")).json()
    assert shown["missing"] == []
    assert (shown["episodes"][0]["place_provider"], shown["episodes"][0]["urn"]) == ("PR1", "SC950001")
