"""An erased child's record can be read by nobody, in live data or in an older copy, while counts and ledger stay whole."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from referrals.domain.search_terms import terms
from referrals.store import children, vault
from referrals.store.erasing import FATES
from referrals.store.vault import Keyring, Wrapped
from referrals.tables import metadata
from shared import clock, tenancy
from shared.organisation import Organisation
from tests.referrals.council import AGENCY, CHILD, HAMPSHIRE, SOUTHAMPTON, Council, days_from_today
from tests.referrals.test_vault import everything_stored, new_key
from tests.running.services import RunningService

Running = Callable[..., Awaitable[RunningService]]

WORDS = "A calm home matters most, with room for her to be loud."

WISH = "I want to stay with Ottoline and keep my rabbit."

OF_KEYS = ("data_keys", "search_keys", "erasures")
"""What is backed up apart from the data."""

SAID_OF_THE_CHILD = (
    "marrowby",
    "zephyrine",
    "bargate",
    "bevois",
    "sou0001",
    "h801200001001",
    "9434765919",
    "2016-02-29",
    "so14",
    "so15 5ss",
    "rabbit",
)


def administrator(council: Council, person: str = "ruth") -> httpx.AsyncClient:
    return council.service.as_(council.organisation, "administrator", sub=person)


async def ask(council: Council, child: str, ground: str = "kept_elsewhere", person: str = "ruth") -> httpx.Response:
    return await administrator(council, person).post(f"/children/{child}/erasure", json={"ground": ground})


async def confirm(council: Council, child: str, person: str = "omar") -> httpx.Response:
    return await administrator(council, person).post(f"/children/{child}/erasure/confirmation", json={}, headers={"Idempotency-Key": child})


async def erase(council: Council, child: str) -> dict[str, Any]:
    asked = await ask(council, child)
    assert asked.status_code == 201, asked.text
    done = await confirm(council, child)
    assert done.status_code == 200, done.text
    answer: dict[str, Any] = done.json()
    return answer


async def in_the_way(reply: httpx.Response) -> set[str]:
    assert reply.status_code == 409, reply.text
    return {each["rule"] for each in reply.json()["errors"]}


async def ended_placement(council: Council, *named: str) -> str:
    """A placement with an agency that came and went, its postcode said."""
    client, today = council.client(), clock.today().isoformat()
    referral = await council.referral(*named)
    wrote = await client.put(f"/referrals/{referral}/words", json={"what_matters": WORDS}, headers={"If-Match": '"1"'})
    assert wrote.status_code == 200, wrote.text
    for child in named:
        said = {"child": child, "words": WISH, "given": "said", "language": "en", "heard_by": "Ms Tollgate", "heard_on": today}
        heard = await client.post(f"/referrals/{referral}/wishes", json=said)
        assert heard.status_code == 201, heard.text
    await council.does(referral, "in-house")
    await council.does(referral, "in-house-decision", outcome="no_match", reason="no_carer_with_vacancy")
    await council.does(referral, "broadcast")
    await council.hears(council.confirmed(referral))
    placement = str((await client.get(f"/referrals/{referral}")).json()["placement"])
    for what, body in (
        ("start", {"started_on": today}),
        ("events", {"kind": "disruption_meeting", "on": today}),
        ("ending", {"ended_on": today, "planned": True, "reason": "CARPL", "episode_ceased": "E13"}),
    ):
        reply = await client.post(f"/placements/{placement}/{what}", json=body)
        assert reply.status_code in (200, 201), reply.text
    reply = await client.put(f"/placements/{placement}/address", json={"postcode": "SO15 5SS"})
    assert reply.status_code == 200, reply.text
    return placement


async def with_a_whole_story(council: Council) -> tuple[str, str]:
    """A child of whom everything there is was recorded, all of it over; and its placement."""
    client = council.client()
    child = (await client.post("/children", json=CHILD, headers={"Idempotency-Key": "the child"})).json()["id"]
    began = days_from_today(-30).isoformat()
    for what, body in (
        ("care-periods", {"began_on": began, "legal_status": "C1", "category_of_need": "N1"}),
        ("legal-statuses", {"from_on": days_from_today(-20).isoformat(), "legal_status": "C2"}),
        ("reviews", {"held_on": days_from_today(-10).isoformat(), "participation": "PN1"}),
    ):
        reply = await client.post(f"/children/{child}/{what}", json=body)
        assert reply.status_code == 201, reply.text
    placement = await ended_placement(council, child)
    assert (await client.get(f"/placements/{placement}/child")).json()
    assert (await council.service.as_(AGENCY).get(f"/placements/{placement}/child")).status_code == 403, (
        "its right ended with the placement"
    )
    return child, placement


async def rows_of(council: Council, *tables: str) -> dict[str, list[asyncpg.Record]]:
    """Every row of these tables, as their owner finds them."""
    connection = await asyncpg.connect(council.service.owner_urls[None])
    try:
        found = {}
        for table in tables:
            await connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            found[table] = await connection.fetch(f"SELECT * FROM {table}")
            await connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        return found
    finally:
        await connection.close()


async def put_back(council: Council, copy: dict[str, list[asyncpg.Record]]) -> None:
    """Put an older copy of these tables in the place of what they hold."""
    connection = await asyncpg.connect(council.service.owner_urls[None])
    try:
        for table, rows in copy.items():
            await connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            await connection.execute(f"DELETE FROM {table}")
            if rows:
                columns = list(rows[0].keys())
                await connection.copy_records_to_table(table, records=[tuple(row.values()) for row in rows], columns=columns)
            await connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    finally:
        await connection.close()


async def test_nothing_of_an_erased_child_can_be_read_in_any_table(council: Council) -> None:
    child, placement = await with_a_whole_story(council)
    before = (await everything_stored(council.service)).lower()
    assert b"so14" in before, "the district that providers were told; so what follows could fail"
    done = await erase(council, child)
    assert (done["children_erased"], done["erasure"]["state"]) == (1, "done")
    assert done["keys_destroyed"] == 4, "the child's, its care period's home, its placement's postcode, its referral's words"
    stored = (await everything_stored(council.service)).lower()
    for value in SAID_OF_THE_CHILD:
        # What every provider was told went out as news; the copy for the bus is cleared away with the bus's own retention.
        assert value.encode() not in await without_news(council, stored), value
    left = await rows_of(council, "children", "child_terms", "care_periods", "legal_statuses", "reviews", "postcodes", "data_keys")
    left |= await rows_of(council, "referral_words", "placement_events", "distances", "outcomes")
    assert {name: len(rows) for name, rows in left.items()} == dict.fromkeys(left, 0) | {"children": 1}
    (row,) = left["children"]
    assert (row["sealed"], row["confirmation_reason"]) == (b"", None)
    assert (await council.client().get(f"/placements/{placement}")).json()["children"] == 1, "counted still"


async def without_news(council: Council, stored: bytes) -> bytes:
    for row in (await rows_of(council, "outbox"))["outbox"]:
        stored = stored.replace(row["envelope"].lower().encode(), b"")
    return stored


async def test_every_address_says_that_the_record_is_gone_and_the_ledger_answers_still(council: Council) -> None:
    child, placement = await with_a_whole_story(council)
    await erase(council, child)
    client = council.client()
    episode = {"held_on": days_from_today(-9).isoformat(), "participation": "PN1"}
    gone = [
        await client.get(f"/children/{child}"),
        await client.patch(f"/children/{child}", json={"school": "Another"}, headers={"If-Match": '"1"'}),
        await client.get(f"/children/{child}/episodes"),
        await client.post(f"/children/{child}/reviews", json=episode),
        await client.get(f"/placements/{placement}/child"),
        await client.put(f"/placements/{placement}/address", json={"postcode": "SO15 5SS"}),
        await client.post("/referrals", json=council.referral_body(child)),
        await ask(council, child),
    ]
    assert [reply.status_code for reply in gone] == [410] * len(gone), [reply.text for reply in gone]
    assert all("nobody can read it any more" in reply.json()["detail"] for reply in gone)
    found = await client.post("/children/search", json={"family_name": CHILD["family_name"]})
    assert found.json()["items"] == []
    lines = (await client.get(f"/children/{child}/disclosures")).json()["items"]
    assert [line["act"] for line in lines][-1] == "erased"
    assert (lines[-1]["subject"], lines[-1]["right"], lines[-1]["fields"]) == ("omar", "erasure", [])
    assert (await administrator(council).get("/ledger/verification")).json()["whole"]
    assert [(item["state"], item["children"]) for item in (await client.get("/placements")).json()["items"]] == [("ended", 1)]
    (referral,) = (await client.get("/referrals")).json()["items"]
    assert referral["state"] == "placed"
    whole = (await client.get(f"/referrals/{referral['id']}")).json()
    assert (whole["lot"], whole["urgency"], len(whole["children"])) == ("general", "planned", 1)
    assert whole["children"][0]["essential_needs"] == []
    returned = await client.get("/returns/ssda903/2027")
    assert returned.status_code == 200, returned.text


async def test_an_older_copy_of_the_data_without_its_keys_cannot_be_read_again(council: Council) -> None:
    child, _ = await with_a_whole_story(council)
    other = await council.another_child()
    tables = [name for name in FATES if name not in (*OF_KEYS, "outbox", "inbox")]
    backup = await rows_of(council, *tables)
    old_search_key = (await rows_of(council, "search_keys"))["search_keys"][0]
    await erase(council, child)
    await put_back(council, backup)
    client = council.client()
    reply = await client.get(f"/children/{child}")
    assert reply.status_code == 503, "the record is back, its key is not"
    assert CHILD["family_name"] not in reply.text
    assert (await client.get(f"/children/{other}")).json()["child_id"] == "OTHER2", "nobody else's record is lost"
    searched = await client.post("/children/search", json={"child_id": CHILD["child_id"]})
    assert searched.json()["items"] == [], "the terms of the copy answer no guess under the new search key"
    ring, me = Keyring("", development=True), Organisation.council(SOUTHAMPTON)
    guess = list(terms(child_id=CHILD["child_id"]))
    kept = {row["term"] for row in backup["child_terms"]}
    assert vault.blind_terms(ring, me, Wrapped(old_search_key["key_id"], old_search_key["wrapped_key"]), guess)[0][1] in kept
    new_search_key = (await rows_of(council, "search_keys"))["search_keys"][0]
    assert vault.blind_terms(ring, me, Wrapped(new_search_key["key_id"], new_search_key["wrapped_key"]), guess)[0][1] not in kept
    again = await administrator(council).post("/settings/erasures-again", json={})
    assert again.json() == {"children_erased": 1}
    assert (await client.get(f"/children/{child}")).status_code == 410
    assert (await rows_of(council, "care_periods"))["care_periods"] == [], "the plain rows are out again too"
    assert (await administrator(council).post("/settings/erasures-again", json={})).json() == {"children_erased": 0}


async def test_after_a_rotation_not_even_an_old_copy_of_the_keys_opens_it(running: Running, tmp_path: Path) -> None:
    old, new, file = new_key("2026-04"), new_key("2026-11"), tmp_path / "keys.json"
    file.write_text(json.dumps({SOUTHAMPTON: [old]}))
    council = Council(await running("referrals", vault_keys_file=str(file), development=False))
    child = await council.child()
    copies = await rows_of(council, "children", "data_keys")
    await erase(council, child)
    file.write_text(json.dumps({SOUTHAMPTON: [new, old]}))
    assert (await council.client().post("/settings/key-rotation", json={})).json()["keys_no_longer_used"] == ["2026-04"]
    file.write_text(json.dumps({SOUTHAMPTON: [new]}))
    council.service.app.state.keyring = Keyring(str(file), development=False)
    await put_back(council, copies)
    assert (await council.client().get(f"/children/{child}")).status_code == 503
    file.write_text(json.dumps({SOUTHAMPTON: [new, old]}))
    council.service.app.state.keyring = Keyring(str(file), development=False)
    assert (await council.client().get(f"/children/{child}")).status_code == 200, "with the old key kept it opens: so it must be destroyed"


async def test_the_one_who_asks_cannot_confirm_and_nobody_outside_learns_of_it(council: Council) -> None:
    child = await council.child()
    assert (await ask(council, child)).status_code == 201
    assert await in_the_way(await ask(council, child, person="omar")) == {"asked_once"}
    assert await in_the_way(await confirm(council, child, person="ruth")) == {"another_person"}
    assert (await council.client().get(f"/children/{child}")).status_code == 200
    elsewhere = Council(council.service, HAMPSHIRE)
    for reply in (
        await ask(elsewhere, child),
        await confirm(elsewhere, child),
        await administrator(elsewhere).get(f"/children/{child}/erasure"),
    ):
        assert reply.status_code == 404
    officer = council.client("placements_officer", "social_worker")
    assert (await officer.post(f"/children/{child}/erasure", json={"ground": "kept_elsewhere"})).status_code == 403
    taken_back = await administrator(council, "omar").post(f"/children/{child}/erasure/withdrawal", json={})
    assert taken_back.json()["state"] == "withdrawn"
    assert await in_the_way(await confirm(council, child)) == {"asked"}
    assert (await ask(council, child)).status_code == 201, "and may be asked for again"
    assert (await confirm(council, child)).status_code == 200
    assert (await administrator(council).get(f"/children/{child}/erasure")).json()["settled_by"] == "omar"


async def test_all_that_stands_in_the_way_of_an_erasure_is_named_at_once(council: Council) -> None:
    child = await council.child()
    assert (await council.client().post(f"/children/{child}/care-periods", json={
        "began_on": days_from_today(-30).isoformat(), "legal_status": "C1", "category_of_need": "N1"})).status_code == 201  # fmt: skip
    await council.placement(child)
    held = await administrator(council).post(f"/children/{child}/legal-hold", json={"reason": "court_proceedings"})
    assert held.status_code == 201
    assert await in_the_way(await administrator(council).post(f"/children/{child}/legal-hold", json={"reason": "inquiry"})) == {"one_hold"}
    await council.referral(child)
    assert await in_the_way(await ask(council, child, "retention_over")) == {
        "open_referral", "current_placement", "looked_after", "legal_hold", "retention_not_over",
    }  # fmt: skip
    lifted = await administrator(council).post(f"/children/{child}/legal-hold/lifting", json={})
    assert lifted.status_code == 204
    assert "legal_hold" not in await in_the_way(await ask(council, child))


async def test_what_came_in_the_way_meanwhile_is_found_when_it_is_confirmed(council: Council) -> None:
    child = await council.child()
    await ask(council, child)
    await council.referral(child)
    assert await in_the_way(await confirm(council, child)) == {"open_referral"}
    assert (await council.client().get(f"/children/{child}")).status_code == 200


async def test_a_brothers_address_outlives_his_sisters_record(council: Council) -> None:
    sister, brother = await council.child(), await council.another_child()
    placement = await ended_placement(council, sister, brother)
    await erase(council, sister)
    assert [row["subject"] for row in (await rows_of(council, "postcodes"))["postcodes"]], "his address too"
    shown = (await council.client().get(f"/placements/{placement}/child")).json()["children"]
    assert [each["id"] for each in shown] == [brother]
    assert (await council.client().get(f"/placements/{placement}")).json()["children"] == 2
    await erase(council, brother)
    assert (await rows_of(council, "postcodes", "data_keys")) == {"postcodes": [], "data_keys": []}


async def test_what_is_due_for_erasure_follows_the_councils_retention(council: Council) -> None:
    child, never_in_care = await council.child(), await council.another_child()
    begins = {"began_on": days_from_today(-30).isoformat(), "legal_status": "C1", "category_of_need": "N1"}
    assert (await council.client().post(f"/children/{child}/care-periods", json=begins)).status_code == 201
    async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
        await transaction.execute(text("UPDATE children SET created_at = created_at - interval '2 years'"))
    due = administrator(council)
    assert (await due.get("/children/due-for-erasure")).json()["items"] == []
    assert (await due.patch("/settings", json={"retention_years": 1}, headers={"If-Match": '"1"'})).status_code == 200
    (found,) = (await due.get("/children/due-for-erasure")).json()["items"]
    assert found["child"] == never_in_care, "whoever was looked after is kept until the seventy-fifth birthday, by law"
    assert found["in_the_way"] == []
    assert await in_the_way(await ask(council, child, "retention_over")) == {"looked_after", "retention_not_over"}
    assert (await ask(council, never_in_care, "retention_over")).status_code == 201
    assert (await council.client().get(f"/children/{never_in_care}")).status_code == 200, "nothing is erased without a second person"


async def test_a_child_recorded_while_another_is_erased_is_found_afterwards(council: Council) -> None:
    child, other = await council.child(), {**CHILD, "child_id": "SOU0002", "family_name": "Tollgate", "upn": None, "nhs_number": None}
    await ask(council, child)
    me = Organisation.council(SOUTHAMPTON)
    ring = Keyring("", development=True)
    async with tenancy.transaction(council.service.databases, me) as transaction:
        await children.hash_terms_anew(transaction, ring)  # as an erasure does, and has not yet committed
        recording = asyncio.create_task(
            council.client().post("/children", json={**other, "confirmed_new": True, "confirmation_reason": "twin_or_sibling"})
        )
        done, _ = await asyncio.wait({recording}, timeout=0.3)
        assert not done, "it waits, or its terms would be kept under the search key that was just replaced"
    assert (await recording).status_code == 201
    found = await council.client().post("/children/search", json={"family_name": "Tollgate"})
    assert len(found.json()["items"]) == 1


async def test_a_council_that_leaves_has_its_key_destroyed_by_two_people(running: Running, tmp_path: Path) -> None:
    file, key = tmp_path / "keys.json", new_key("2026-04")
    file.write_text(json.dumps({SOUTHAMPTON: [key], HAMPSHIRE: [new_key("theirs")]}))
    council = Council(await running("referrals", vault_keys_file=str(file), development=False))
    await council.hears_of_the_framework()
    child, placement = await with_a_whole_story(council)
    hampshire = Council(council.service, HAMPSHIRE)
    theirs = await hampshire.child()
    referral = await council.referral(await council.another_child())
    ruth, omar = administrator(council), administrator(council, "omar")
    body = {"council": SOUTHAMPTON, "ground": "kept_elsewhere"}
    wrong = await ruth.post("/settings/key-destruction", json={**body, "council": HAMPSHIRE})
    assert (wrong.status_code, wrong.json()["errors"][0]["rule"]) == (422, "your_own_code")
    assert await in_the_way(await ruth.post("/settings/key-destruction", json=body)) == {"open_referral"}
    await council.does(referral, "withdrawal", reason="plan_changed")
    assert (await ruth.post("/settings/key-destruction", json=body)).status_code == 201
    confirmation = "/settings/key-destruction/confirmation"
    assert await in_the_way(await ruth.post(confirmation, json={"council": SOUTHAMPTON})) == {"another_person"}
    assert (await omar.post(confirmation, json={"council": HAMPSHIRE})).status_code == 422
    done = await omar.post(confirmation, json={"council": SOUTHAMPTON})
    assert done.status_code == 200, done.text
    assert done.json()["children_erased"] == 2
    client = council.client()
    assert (await client.get(f"/children/{child}")).status_code == 410
    refused = await client.post("/children", json=CHILD)
    assert (refused.status_code, "makes a new one" in refused.json()["detail"]) == (410, True)
    left = await rows_of(council, "data_keys", "search_keys", "child_terms")
    assert {row["organisation"] for rows in left.values() for row in rows} == {f"council:{HAMPSHIRE}"}
    stored = await without_news(council, (await everything_stored(council.service)).lower())
    assert (await hampshire.client().get(f"/children/{theirs}")).status_code == 200
    assert base64.b64decode(key["key"]) not in stored
    assert (await ruth.get("/ledger/verification")).json()["whole"]
    assert (await client.get(f"/placements/{placement}")).json()["state"] == "ended"
    assert len((await client.get("/referrals")).json()["items"]) == 2
    file.write_text(json.dumps({SOUTHAMPTON: [new_key("2027-01")], HAMPSHIRE: json.loads(file.read_text())[HAMPSHIRE]}))
    fresh = await client.post("/children", json=CHILD)
    assert fresh.status_code == 201, "with a new key the council may come back"


def test_every_table_says_what_becomes_of_its_rows_when_a_child_is_erased() -> None:
    unnamed, gone = set(metadata.tables) - set(FATES), set(FATES) - set(metadata.tables)
    assert not unnamed, "say in referrals/store/erasing.py what becomes of these tables' rows about an erased child"
    assert not gone


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/children/{child}/erasure", {"ground": "because"}, 422),
        ("/children/{child}/erasure", {}, 422),
        ("/children/{child}/legal-hold", {"reason": "SECRET"}, 422),
        ("/children/not-an-id/erasure", {"ground": "kept_elsewhere"}, 422),
        ("/children/{child}/erasure/confirmation", {}, 404),
        ("/children/{child}/erasure/withdrawal", {}, 404),
        ("/children/{child}/legal-hold/lifting", {}, 404),
        ("/settings/key-destruction", {"council": "Southampton", "ground": "kept_elsewhere"}, 422),
        ("/settings/key-destruction/confirmation", {"council": SOUTHAMPTON}, 404),
        ("/settings/key-destruction/confirmation", {}, 422),
    ],
)
async def test_bad_input_about_erasure_is_refused_in_words(council: Council, path: str, body: dict[str, str], status: int) -> None:
    child = await council.child()
    reply = await administrator(council).post(path.replace("{child}", child), json=body)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert "SECRET" not in reply.text
    assert (await council.client().get(f"/children/{child}")).status_code == 200
