"""What was decided, tied into the ledger; and the children's own words, which no other service ever holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from shared import clock, tenancy
from shared.contracts.matching import OfferConfirmed, OfferSelected
from shared.organisation import Organisation
from tests.architecture.catalogue import as_superuser, connected
from tests.matching.events import OAK
from tests.matching.scene import Scene
from tests.referrals.council import AGENCY, HAMPSHIRE, SOUTHAMPTON, Council, days_from_today
from tests.running.services import RunningService

WORDS = "I want to stay near Nana Blodwen and keep my dog Biscuit <b>always</b>"
HASH = "ab" * 32


def selected(referral: str, **changes: Any) -> OfferSelected:
    """A council chose."""
    told = {"offer": uuid4(), "referral": UUID(referral), "council": SOUTHAMPTON, "provider": AGENCY, "vacancy": uuid4(), "beds": 1}
    return OfferSelected(**{**told, "decision": uuid4(), "decision_hash": HASH, **changes})


async def hears(council: Council, event: OfferSelected | OfferConfirmed) -> None:
    await council.service.deliver(event, subject=str(event.offer), organisation=council.organisation, council=council.code)


async def wish(council: Council, referral: str, child: str, **changes: Any) -> Any:
    body = {
        "child": child,
        "words": WORDS,
        "given": "said",
        "language": "en",
        "heard_by": "Perpetua Quillfeather, social worker",
        "heard_on": clock.today().isoformat(),
    } | changes
    return await council.client().post(f"/referrals/{referral}/wishes", json=body)


async def whole(council: Council) -> bool:
    return bool((await council.client("administrator").get("/ledger/verification")).json()["whole"])


async def lines_of(council: Council, child: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await council.client().get(f"/children/{child}/disclosures")).json()["items"]
    return items


async def record_of(council: Council, referral: str) -> dict[str, Any]:
    reply = await council.client().get(f"/referrals/{referral}/decision-record")
    assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


async def test_a_decision_heard_is_a_line_of_the_ledger_for_each_child_once_whichever_news_comes_first(council: Council) -> None:
    one, other = await council.child(), await council.another_child()
    referral = await council.broadcast_referral(one, other)
    event = selected(referral)
    confirmed = council.confirmed(referral, offer=event.offer, decision=event.decision, decision_hash=HASH)
    for heard in (event, event, confirmed, event):
        await hears(council, heard)
    for child in (one, other):
        decided = [line for line in await lines_of(council, child) if line["act"] == "decided"]
        assert [(line["decision"], line["decision_hash"], line["right"], line["fields"]) for line in decided] == [
            (str(event.decision), HASH, "placement_decided", [])
        ]
    assert await whole(council)
    shown = await record_of(council, referral)
    [decision] = shown["decisions"]
    placement = (await council.client().get(f"/referrals/{referral}")).json()["placement"]
    assert (decision["hash"], decision["placement"], len(decision["ledger"])) == (HASH, placement, 2)
    known = (await council.client().get(f"/children/{one}/disclosures/summary")).json()["known_by"]
    assert "placement_decided" not in {each["right"] for each in known}, "a decision discloses nothing"


async def test_a_confirmation_that_overtakes_the_choice_writes_the_line_and_one_without_a_hash_none(council: Council) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await hears(council, council.confirmed(referral, decision_hash=HASH))
    assert [line["act"] for line in await lines_of(council, child)] == ["decided", "granted"]
    another = await council.another_child()
    second = await council.broadcast_referral(another)
    await hears(council, selected(second, decision_hash=None))
    assert await lines_of(council, another) == []


async def test_who_alters_the_hash_in_the_ledger_is_found_out(council: Council, admin_url: str) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await hears(council, selected(referral))
    assert await whole(council)
    for statement in ("decision_hash = sha256('x')", "decision = gen_random_uuid()", "decision = NULL, decision_hash = NULL"):
        async with connected(as_superuser(admin_url, council.service.owner_urls[None])) as superuser:
            before = await superuser.fetchrow("SELECT decision, decision_hash FROM disclosures")
            await superuser.execute(f"UPDATE disclosures SET {statement}")
            told = (await council.client("administrator").get("/ledger/verification")).json()
            assert (told["whole"], told["first_broken"]["line"], told["first_broken"]["rule"]) == (False, 1, "as_written"), statement
            await superuser.execute("UPDATE disclosures SET decision = $1, decision_hash = $2", *before)


async def test_a_record_of_matching_is_held_against_the_ledger_and_one_altered_byte_is_found(
    council: Council, running: Callable[..., Awaitable[RunningService]], admin_url: str
) -> None:
    """Both services, joined by the event itself: matching decides, referrals hears of it, and the record is asked for and checked."""
    referral = await council.broadcast_referral(await council.child())
    scene = await Scene.set(await running("matching"))
    view = await scene.broadcast(council.organisation, referral=UUID(referral))
    await scene.choose(view, await scene.offer(view, await scene.vacancy(OAK)), council.organisation)
    [event] = await scene.service.published("offer.selected")
    early = await verified(council, referral, {"decision": event.data["decision"]})
    assert (early["whole"], early["verdict"]) == (False, "not_in_ledger")
    await council.service.deliver_again(event)

    async def record() -> dict[str, Any]:
        reply = await scene.ask(council.organisation, "GET", f"/referrals/{referral}/decision")
        found: dict[str, Any] = reply.json()["items"][0]
        return found

    honest = await record()
    told = await verified(council, referral, honest["record"])
    assert (told["whole"], told["hash"], told["decision"]) == (True, honest["hash"], honest["decision"])
    async with connected(as_superuser(admin_url, scene.service.owner_urls[None])) as superuser:
        forged = json.loads(await superuser.fetchval("SELECT record FROM decisions"))
        forged["wishes"] = "Followed"
        await superuser.execute("UPDATE decisions SET record = $1", json.dumps(forged))
    found = await record()
    assert (found["as_written"], found["altered"]) == (False, ["record"])
    told = await verified(council, referral, found["record"])
    assert (told["whole"], told["verdict"], told["decision"], len(told["ledger"])) == (False, "altered", honest["decision"], 1)
    assert "altered" in told["message"]


async def verified(council: Council, referral: str, record: dict[str, Any]) -> dict[str, Any]:
    reply = await council.client().post(f"/referrals/{referral}/decision-record/verification", json={"record": record})
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


async def test_a_childs_words_are_kept_in_versions_and_each_reading_is_in_the_ledger(council_either_way: Council) -> None:
    council = council_either_way
    child = await council.child()
    referral = await council.referral(child)
    made = await wish(council, referral, child)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert WORDS not in made.text, "a kept reply must not hold what the child said"
    assert (await wish(council, referral, child, words="Blodwen is ill, so not there", given="through_advocate")).json()["version"] == 2
    assert await lines_of(council, child) == []
    items = (await council.client().get(f"/referrals/{referral}/wishes")).json()["items"]
    assert [(one["version"], one["given"], one["words"]) for one in items] == [
        (2, "through_advocate", "Blodwen is ill, so not there"),
        (1, "said", WORDS),
    ]
    assert items[1]["heard_by"] == "Perpetua Quillfeather, social worker"
    await record_of(council, referral)
    assert [(line["act"], line["fields"]) for line in await lines_of(council, child)] == [("read", ["wishes"])] * 2
    assert await whole(council)


async def test_two_who_record_at_once_get_two_versions(council: Council) -> None:
    child = await council.child()
    referral = await council.referral(child)
    replies = await asyncio.gather(*(wish(council, referral, child) for _ in range(6)))
    assert sorted(reply.json()["version"] for reply in replies) == [1, 2, 3, 4, 5, 6]


async def test_no_word_of_the_child_lies_open_in_the_database_or_on_the_bus(council: Council, admin_url: str) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await wish(council, referral, child)
    await council.client().get(f"/referrals/{referral}/wishes")
    await hears(council, selected(referral))
    async with connected(as_superuser(admin_url, council.service.owner_urls[None])) as superuser:
        for row in await superuser.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            for line in await superuser.fetch(f"SELECT t::text AS said FROM {row['tablename']} t"):
                for secret in ("Blodwen", "Biscuit", "Quillfeather"):
                    assert secret not in line["said"], row["tablename"]
    said = b"".join(envelope.to_json() for envelope in await council.service.published())
    assert said
    assert b"Blodwen" not in said


async def test_nobody_but_the_councils_own_officers_reads_or_records_what_a_child_said(council: Council) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await wish(council, referral, child)
    await hears(council, council.confirmed(referral))
    calls = [("GET", "wishes", None), ("GET", "decision-record", None), ("POST", "decision-record/verification", {"record": {}})]
    others = Council(council.service, HAMPSHIRE)
    for method, path, body in calls:
        address = f"/referrals/{referral}/{path}"
        for who in (council.client("administrator"), council.client("fostering_service"), council.client("reader"),
                    council.client("panel_member"), council.service.as_(AGENCY), council.service.as_("consortium")):  # fmt: skip
            assert (await who.request(method, address, json=body)).status_code == 403, path
        assert (await others.client().request(method, address, json=body)).status_code == 404, path
    assert (await wish(others, referral, child)).status_code == 404
    for wrong in (Organisation.council(HAMPSHIRE), Organisation.parse(AGENCY), Organisation.parse("consortium")):
        async with tenancy.transaction(council.service.databases, wrong) as transaction:
            for table in ("wishes", "decisions"):
                assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0


async def test_once_the_childs_key_is_destroyed_its_words_are_gone_and_the_ledger_is_whole(council: Council, admin_url: str) -> None:
    child = await council.child()
    referral = await council.referral(child)
    await wish(council, referral, child)
    await council.client().get(f"/referrals/{referral}/wishes")
    async with connected(as_superuser(admin_url, council.service.owner_urls[None])) as superuser:
        await superuser.execute("DELETE FROM data_keys WHERE subject = $1", UUID(child))
    [said] = (await council.client().get(f"/referrals/{referral}/wishes")).json()["items"]
    assert (said["version"], said["words"], said["heard_by"], said["language"]) == (1, None, None, None)
    assert (await wish(council, referral, child)).status_code == 410
    assert await whole(council)


async def test_a_change_of_the_childs_record_leaves_its_words_readable(council: Council) -> None:
    child = await council.child()
    referral = await council.referral(child)
    await wish(council, referral, child)
    assert (
        await council.client().patch(f"/children/{child}", json={"school": "Other Quay Primary"}, headers={"If-Match": '"1"'})
    ).is_success
    [said] = (await council.client().get(f"/referrals/{referral}/wishes")).json()["items"]
    assert said["words"] == WORDS


async def test_the_page_shows_a_childs_words_as_words_and_asks_for_nothing(council: Council) -> None:
    child = await council.child()
    referral = await council.broadcast_referral(child)
    await wish(council, referral, child)
    await hears(council, selected(referral))
    reply = await council.client().get(f"/referrals/{referral}/decision-record", headers={"Accept": "text/html"})
    assert reply.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "&lt;b&gt;always&lt;/b&gt;" in reply.text
    assert "<b>" not in reply.text
    assert HASH in reply.text
    assert [line["fields"] for line in await lines_of(council, child) if line["act"] == "read"] == [["wishes"]]


async def test_bad_wishes_are_refused_with_every_rule_and_nothing_is_kept(council: Council) -> None:
    child, stranger = await council.child(), await council.another_child()
    referral = await council.referral(child)
    tomorrow = days_from_today(1).isoformat()
    bad: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
        ({"words": ""}, {("words", "long_enough")}),
        ({"words": "   "}, {("words", "something_heard")}),
        ({"words": "x" * 8_001}, {("words", "short_enough")}),
        ({"given": "by telepathy Blodwen"}, {("given", "known_code")}),
        ({"language": "English"}, {("language", "pattern")}),
        ({"heard_by": " "}, {("heard_by", "long_enough")}),
        ({"heard_on": tomorrow}, {("heard_on", "not_in_the_future")}),
        ({"heard_on": "2026-02-30"}, {("heard_on", "date")}),
        ({"child": stranger}, {("child", "child_of_the_referral")}),
        (
            {"child": stranger, "words": " ", "heard_on": tomorrow},
            {("child", "child_of_the_referral"), ("words", "something_heard"), ("heard_on", "not_in_the_future")},
        ),
        ({"childs_name": "Blodwen"}, {("body", "known_field")}),
    ]  # fmt: skip
    for changes, expected in bad:
        reply = await wish(council, referral, **{"child": child} | changes)
        assert reply.status_code == 422, (changes, reply.text)
        assert {(error["field"], error["rule"]) for error in reply.json()["errors"]} == expected, changes
        assert "Blodwen" not in reply.text
    assert (await wish(council, str(uuid4()), child)).status_code == 404
    assert (await council.client().get(f"/referrals/{referral}/wishes")).json()["items"] == []
    for body in ({}, {"record": 7}, {"record": {}, "x": 1}):
        reply = await council.client().post(f"/referrals/{referral}/decision-record/verification", json=body)
        assert reply.status_code == 422
    odd = {"decision": None, "x": [1.5, "\ud800", {"y": [[[]]]}]}
    raw = json.dumps({"record": odd}).encode()
    reply = await council.client().post(
        f"/referrals/{referral}/decision-record/verification", content=raw, headers={"Content-Type": "application/json"}
    )
    assert (reply.status_code, reply.json()["verdict"]) == (200, "not_in_ledger")
