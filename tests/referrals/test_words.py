"""What is said in words: checked against all that is known of the children, held until it is clean, read by those it was sent to alone."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared import clock, tenancy
from shared.contracts.providers import CouncilRecorded, TierLine, TiersPublished
from shared.organisation import Organisation
from tests.referrals.council import AGENCY, CHILD, HAMPSHIRE, OTHER_AGENCY, Council, days_from_today

CLEAN = "She settles best with a story at bedtime and would like to keep her music lessons."
NAMING = "Zephyrine settles best with a story. Ring Ottoline on 07700 900123."


def published(*agencies: str, lot: str = "general") -> TiersPublished:
    """A lot's published list."""
    lines = tuple(TierLine(agency=urn, rank=rank, tier=1) for rank, urn in enumerate(agencies, start=1))
    return TiersPublished(framework="south-east", lot=lot, round=uuid4(), published_at=clock.now(), tiers=3, lines=lines)


async def publish(council: Council, *agencies: str, version: int = 1) -> None:
    await council.service.deliver(published(*agencies), subject="general", organisation="consortium", version=version)


async def say(council: Council, referral: str, **words: Any) -> dict[str, Any]:
    """Write words that must be taken."""
    reply = await council.client().put(f"/referrals/{referral}/words", json=words, headers={"If-Match": "*"})
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.json()
    return said


async def findings(council: Council, referral: str) -> list[dict[str, Any]]:
    reply = await council.client().get(f"/referrals/{referral}/findings")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


async def clear(council: Council, referral: str, *ids: str, reason: str = "somebody_else") -> Any:
    return await council.client().post(f"/referrals/{referral}/findings/clearings", json={"findings": list(ids), "reason": reason})


async def broadcast(council: Council, referral: str) -> None:
    await council.does(referral, "in-house")
    await council.does(referral, "in-house-decision", outcome="no_match", reason="no_carer_with_vacancy")
    await council.does(referral, "broadcast")


async def test_words_that_name_nobody_go_with_the_referral_and_an_agency_of_the_list_reads_them(council_either_way: Council) -> None:
    council = council_either_way
    await publish(council, "SC012345")
    child = await council.child()
    referral = await council.referral(child)
    said = await say(council, referral, what_matters=CLEAN, children=[{"child": child, "routines": "Tea at five, bed at eight."}])
    assert (said["findings"], said["held_by"]) == (0, 0)
    address = f"/referrals/{referral}/words"
    agency = council.service.as_(AGENCY)
    assert (await agency.get(address)).status_code == 404, "nothing was sent yet"
    await council.does(referral, "in-house")
    assert (await agency.get(address)).status_code == 404, "it is with the council's own service alone"
    own = (await council.client("fostering_service").get(address)).json()
    assert own["what_matters"] == CLEAN
    await council.does(referral, "in-house-decision", outcome="no_match", reason="no_carer_with_vacancy")
    await council.does(referral, "broadcast")
    told = (await agency.get(address)).json()
    assert told["what_matters"] == CLEAN
    assert told["children"] == [{"child_number": 1, "about_the_child": None, "routines": "Tea at five, bed at eight."}]
    preview = (await council.client().get(f"/referrals/{referral}/preview")).json()
    assert preview["words"] == told, "the preview showed exactly this"
    detail = (await council.client().get(f"/referrals/{referral}")).json()
    assert (detail["words"], detail["words_sent"]) == (told, True)
    assert (await council.client("reader").get(f"/referrals/{referral}")).json()["words"] is None


async def test_no_word_is_on_the_bus_which_says_only_that_there_are_some(council: Council) -> None:
    child = await council.child()
    referral = await council.referral(child)
    await say(council, referral, what_matters=CLEAN, children=[{"child": child, "about_the_child": CLEAN}])
    await broadcast(council, referral)
    for envelope in await council.service.published():
        assert "bedtime" not in json.dumps(envelope.data)
    sent = (await council.service.published("referral.broadcast"))[0]
    assert sent.data["view"]["has_words"] is True
    without = await council.broadcast_referral(await council.another_child(3))
    views = [each.data["view"] for each in await council.service.published("referral.broadcast")]
    assert {view["referral"]: view["has_words"] for view in views} == {referral: True, without: False}


async def test_an_agency_that_was_not_on_the_list_and_every_other_council_is_told_that_there_is_no_such_referral(council: Council) -> None:
    await publish(council, "SC012345")
    referral = await council.referral(await council.child())
    await say(council, referral, what_matters=CLEAN)
    await broadcast(council, referral)
    await publish(council, "SC012345", "SC054321", version=2)  # a list of later
    address = f"/referrals/{referral}/words"
    stranger = Council(council.service, HAMPSHIRE)
    for other in (council.service.as_(OTHER_AGENCY), stranger.client(), stranger.client("fostering_service")):
        reply = await other.get(address)
        assert reply.status_code == 404, reply.text
        assert "bedtime" not in reply.text
    assert (await stranger.client().get(f"/referrals/{referral}/findings")).status_code == 404
    assert (await clear(stranger, referral, "0" * 24)).status_code == 404
    assert (await stranger.client().put(address, json={}, headers={"If-Match": "*"})).status_code == 404
    assert (await council.service.as_(AGENCY).get(f"/referrals/{referral}/findings")).status_code == 403


async def test_a_list_published_before_the_broadcast_and_heard_after_it_opens_the_words_too(council: Council) -> None:
    early = published("SC012345")
    recorded = CouncilRecorded(council=council.code, name="Southampton", joined_on=days_from_today(-1000))
    await council.service.deliver(recorded, subject=council.code, organisation="consortium")
    referral = await council.referral(await council.child())
    await say(council, referral, what_matters=CLEAN)
    await broadcast(council, referral)
    late = published("SC054321")
    await council.service.deliver(early, subject="general", organisation="consortium", version=1)
    await council.service.deliver(late, subject="general", organisation="consortium", version=2)
    assert (await council.service.as_(AGENCY).get(f"/referrals/{referral}/words")).status_code == 200
    assert (await council.service.as_(OTHER_AGENCY).get(f"/referrals/{referral}/words")).status_code == 404


async def test_each_reading_by_an_agency_is_a_line_of_the_disclosure_ledger(council_either_way: Council) -> None:
    council = council_either_way
    await publish(council, "SC012345")
    child = await council.child()
    referral = await council.referral(child)
    await say(council, referral, what_matters=CLEAN)
    await broadcast(council, referral)
    for _ in range(2):
        assert (await council.service.as_(AGENCY).get(f"/referrals/{referral}/words")).status_code == 200
    lines = (await council.client().get(f"/children/{child}/disclosures")).json()["items"]
    read = [line for line in lines if line["right"] == "broadcast"]
    assert [(line["organisation"], line["act"], line["fields"]) for line in read] == [(AGENCY, "read", ["what_matters"])] * 2
    assert (await council.client().get("/ledger/verification")).json()["whole"] is True


async def test_a_referral_whose_words_name_the_child_is_not_sent_and_each_place_is_named_without_the_words(council: Council) -> None:
    child = await council.child()
    referral = await council.referral(child)
    said = await say(council, referral, about_contact=NAMING, children=[{"child": child, "routines": CLEAN + " Home is SO14 7LY."}])
    assert said["held_by"] == 4
    assert "ephyrine" not in json.dumps(said)
    refused = await council.client().post(f"/referrals/{referral}/in-house", json={})
    assert refused.status_code == 409
    errors = refused.json()["errors"]
    assert [error["field"] for error in errors] == ["words.about_contact"] * 3 + ["words.children.0.routines"]
    assert errors[0]["message"].startswith("Characters 1 to 9: a name. Take it out of the words, or clear it with a reason")
    assert "cannot be cleared" in errors[3]["message"]
    for secret in ("ephyrine", "Ottoline", "07700", "7LY"):
        assert secret not in refused.text
    assert (await council.client().get(f"/referrals/{referral}")).json()["state"] == "draft"
    preview = (await council.client().get(f"/referrals/{referral}/preview")).json()
    assert preview["held_by"] == 4


async def test_findings_are_shown_to_officers_with_their_place_what_stands_around_them_and_why(council: Council) -> None:
    referral = await council.referral(await council.child())
    await say(council, referral, about_contact=NAMING)
    first, second, third = await findings(council, referral)
    assert (first["field"], first["start"], first["end"], first["kind"]) == ("about_contact", 0, 9, "name")
    assert NAMING[second["start"] : second["end"]] == "Ottoline"
    assert third["kind"] == "telephone"
    assert first["snippet"] == "Zephyrine settles best with a story. Ri…"
    assert "records of these children" in first["why_words"]
    assert (first["holds"], first["cleared"]) == (True, None)


async def test_the_referral_goes_once_each_finding_is_taken_out_or_cleared_and_the_clearing_stays_on_record(council: Council) -> None:
    referral = await council.referral(await council.child())
    await say(council, referral, about_contact="A friend of hers is called Ottoline, after the books.")
    (found,) = await findings(council, referral)
    reply = await clear(council, referral, found["id"])
    assert reply.json() == {"referral": referral, "held_by": 0}
    (found,) = await findings(council, referral)
    assert found["holds"] is False
    assert (found["cleared"]["reason"], found["cleared"]["by"]) == ("somebody_else", f"person@council:{council.code}")
    await broadcast(council, referral)
    assert (await clear(council, referral, found["id"], reason="ordinary_word")).status_code == 200
    (found,) = await findings(council, referral)
    assert found["cleared"]["reason"] == "somebody_else", "the first clearing stands"


async def test_a_clearing_is_void_once_anything_in_its_text_is_changed(council: Council) -> None:
    referral = await council.referral(await council.child())
    await say(council, referral, about_contact="Her friend is called Ottoline.", what_matters="Ottoline wrote her favourite book.")
    contact, book = await findings(council, referral)
    await clear(council, referral, contact["id"], book["id"])
    await say(council, referral, about_contact="Her friend is called Ottoline too.", what_matters="Ottoline wrote her favourite book.")
    assert [one["holds"] for one in await findings(council, referral)] == [True, False], "the untouched text stays cleared"
    stale = await clear(council, referral, contact["id"])
    assert stale.status_code == 409
    assert stale.json()["errors"][0]["rule"] == "in_the_words_as_they_stand"
    assert (await council.client().post(f"/referrals/{referral}/in-house", json={})).status_code == 409


async def test_a_number_held_of_the_child_can_be_taken_out_but_not_cleared(council: Council) -> None:
    referral = await council.referral(await council.child())
    await say(council, referral, what_matters=f"Her NHS number is {CHILD['nhs_number']}.")
    (found,) = await findings(council, referral)
    refused = await clear(council, referral, found["id"], reason="ordinary_word")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "may_be_cleared"


async def test_a_relative_recorded_later_holds_the_next_sending(council: Council) -> None:
    child = await council.child()
    referral = await council.referral(child)
    await say(council, referral, what_matters="Peregrine likes her music.")
    await council.does(referral, "in-house")
    await council.does(referral, "in-house-decision", outcome="no_match", reason="no_carer_with_vacancy")
    relatives = [*CHILD["relatives"], {"name": "Peregrine Marrowby", "relationship": "uncle"}]
    changed = await council.client().patch(f"/children/{child}", json={"relatives": relatives}, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    refused = await council.client().post(f"/referrals/{referral}/broadcast", json={})
    assert refused.status_code == 409
    assert [error["field"] for error in refused.json()["errors"]] == ["words.what_matters"]


async def test_words_changed_after_the_broadcast_reach_the_readers_only_when_nothing_holds_them(council: Council) -> None:
    await publish(council, "SC012345")
    child = await council.child()
    referral = await council.referral(child)
    await say(council, referral, what_matters=CLEAN)
    await broadcast(council, referral)
    agency, address = council.service.as_(AGENCY), f"/referrals/{referral}/words"
    assert (await say(council, referral, what_matters=NAMING))["held_by"] == 3
    assert (await agency.get(address)).json()["what_matters"] == CLEAN
    assert (await council.client().get(f"/referrals/{referral}")).json()["words_sent"] is False
    assert await council.service.published("referral.amended") == []
    held = await council.client().patch(f"/referrals/{referral}", json={"preferred_miles": 12}, headers={"If-Match": "*"})
    assert held.status_code == 409, "no amendment goes out while the words are held"
    await say(council, referral, what_matters="She would like a room of her own.")
    assert (await agency.get(address)).json()["what_matters"] == "She would like a room of her own."
    (amended,) = await council.service.published("referral.amended")
    assert amended.data["changed"] == ["words"]
    assert "room" not in json.dumps(amended.data)
    await say(council, referral, what_matters="")
    assert (await agency.get(address)).json()["what_matters"] is None
    assert (await council.service.published("referral.amended"))[-1].data["changed"] == ["has_words", "words"]


async def test_when_the_search_is_over_the_words_are_closed_to_all_but_the_agency_that_has_the_child(council_either_way: Council) -> None:
    council = council_either_way
    await publish(council, "SC012345", "SC054321")
    referral = await council.referral(await council.child())
    await say(council, referral, what_matters=CLEAN)
    await broadcast(council, referral)
    await council.hears(council.confirmed(referral, provider=AGENCY))
    address = f"/referrals/{referral}/words"
    assert (await council.service.as_(AGENCY).get(address)).json()["what_matters"] == CLEAN
    assert (await council.service.as_(OTHER_AGENCY).get(address)).status_code == 403
    other = await council.referral(await council.another_child())
    await say(council, other, what_matters=CLEAN)
    await broadcast(council, other)
    await council.does(other, "withdrawal", reason="returned_home")
    assert (await council.service.as_(AGENCY).get(f"/referrals/{other}/words")).status_code == 403


async def test_the_words_lie_sealed_and_go_with_the_referrals_key(council: Council) -> None:
    referral = await council.referral(await council.child())
    await say(council, referral, what_matters=CLEAN)
    async with tenancy.transaction(council.service.databases, Organisation.council(council.code)) as transaction:
        row = (await transaction.execute(text("SELECT * FROM referral_words"))).one()
        assert b"bedtime" not in bytes(row.sealed)
        await transaction.execute(text("DELETE FROM data_keys WHERE subject = :referral"), {"referral": referral})
    assert (await council.client().get(f"/referrals/{referral}/words")).json()["what_matters"] is None


async def test_a_clearing_can_be_neither_changed_nor_deleted_by_the_service(council: Council) -> None:
    referral = await council.referral(await council.child())
    await say(council, referral, what_matters="Ottoline wrote it.")
    (found,) = await findings(council, referral)
    await clear(council, referral, found["id"])
    for statement in ("UPDATE word_clearings SET reason = 'ordinary_word'", "DELETE FROM word_clearings"):
        with pytest.raises(Exception, match="permission denied"):
            async with tenancy.transaction(council.service.databases, Organisation.council(council.code)) as transaction:
                await transaction.execute(text(statement))


LONG = "word " * 401


BAD_WORDS: list[tuple[str, Any, str | None, str]] = [
    ("too long", {"what_matters": LONG}, "what_matters", "short_enough"),
    ("a control character", {"what_matters": "a\x07b"}, "what_matters", "pattern"),
    ("a mark that turns the direction", {"what_matters": "a\u202eb"}, "what_matters", "pattern"),
    ("not text", {"what_matters": 7}, "what_matters", "text"),
    ("a field nobody knows", {"notes": "Ottoline"}, None, "known_field"),
    ("a child of another referral", {"children": [{"child": str(uuid4()), "routines": "Ottoline"}]}, "children", "of_the_referral"),
    ("one child twice", {"children": [{"child": "{child}"}, {"child": "{child}"}]}, "children", "each_once"),
]

BAD_CLEARINGS: list[tuple[str, Any, int, str]] = [
    ("no finding named", {"findings": [], "reason": "ordinary_word"}, 422, "enough"),
    ("an id of another form", {"findings": ["Ottoline"], "reason": "ordinary_word"}, 422, "pattern"),
    ("a reason nobody knows", {"findings": ["0" * 24], "reason": "because"}, 422, "known_code"),
    ("a finding that never was", {"findings": ["0" * 24], "reason": "ordinary_word"}, 409, "in_the_words_as_they_stand"),
]


async def test_words_that_cannot_be_kept_are_refused_and_nothing_of_them_is_repeated(council: Council) -> None:
    child = await council.child()
    referral = await council.referral(child)
    for why, body, field, rule in BAD_WORDS:
        sent = json.loads(json.dumps(body).replace("{child}", child))
        refused = await council.client().put(f"/referrals/{referral}/words", json=sent, headers={"If-Match": "*"})
        assert refused.status_code == 422, why
        errors = refused.json()["errors"]
        assert any(field in (None, error["field"]) and rule == error["rule"] for error in errors), (why, errors)
        assert "Ottoline" not in refused.text
    assert (await council.client().get(f"/referrals/{referral}")).json()["words"] is None


async def test_a_clearing_that_makes_no_sense_is_refused(council: Council) -> None:
    referral = await council.referral(await council.child())
    await say(council, referral, what_matters="Ottoline wrote it.")
    for why, body, status, rule in BAD_CLEARINGS:
        refused = await council.client().post(f"/referrals/{referral}/findings/clearings", json=body)
        assert refused.status_code == status, why
        assert rule in [error["rule"] for error in refused.json()["errors"]]
    (found,) = await findings(council, referral)
    assert found["cleared"] is None


async def test_words_need_the_version_they_were_read_at(council: Council) -> None:
    referral = await council.referral(await council.child())
    address = f"/referrals/{referral}/words"
    assert (await council.client().put(address, json={})).status_code == 428
    assert (await council.client().put(address, json={}, headers={"If-Match": '"9"'})).status_code == 412
