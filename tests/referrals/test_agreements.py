"""The individual placement agreement over HTTP: proposed, signed by both, varied, declined, priced, ended by notice, due."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from referrals.actions.time_passes import sweep
from shared import clock, tenancy
from shared.contracts.providers import CouncilRecorded
from shared.organisation import Organisation
from tests.referrals.agreed import DOCUMENTS, agree, fee, proposed, says, signed, started
from tests.referrals.council import AGENCY, HAMPSHIRE, OTHER_AGENCY, SOUTHAMPTON, Council, days_from_today


async def read(council: Council, placement: str, who: str | None = None) -> dict[str, Any]:
    client = council.service.as_(who) if who else council.client()
    reply = await client.get(f"/placements/{placement}/agreement")
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


async def test_an_agreement_is_drafted_from_the_placement_and_in_force_when_both_have_signed(council_either_way: Council) -> None:
    council = council_either_way
    placement = await started(council)
    version = await proposed(council.client(), placement)
    today = clock.today().isoformat()
    assert (version["state"], version["form"], version["effective_from"], version["notice_days"]) == ("proposed", "full", today, 28)
    assert [(line["kind"], line["pounds_per_week"], line["until"]) for line in version["lines"]] == [("base_fee", "812.50", None)]
    first = await signed(council.client(), placement, version)
    assert (first["versions"][0]["state"], first["in_force"]) == ("proposed", None)
    both = await signed(council.service.as_(AGENCY), placement, version)
    assert (both["versions"][0]["state"], both["in_force"], both["due"]) == ("in_force", 1, None)
    assert [(act["organisation"], act["act"], act["by"], act["content_hash"]) for act in both["versions"][0]["acts"]] == [
        (each, "signed", f"person@{each}", version["content_hash"]) for each in (council.organisation, AGENCY)
    ]
    assert both == await read(council, placement) == await read(council, placement, AGENCY)


async def test_both_sides_see_it_and_it_names_no_child(council: Council) -> None:
    placement = await started(council)
    await agree(council, placement)
    shown = await council.service.as_(AGENCY).get(f"/placements/{placement}/agreement")
    assert (shown.json()["council"], shown.json()["provider"], shown.json()["provider_name"]) == (
        council.organisation, AGENCY, "Harbour Fostering",
    )  # fmt: skip
    assert "Marrowby" not in shown.text
    assert shown.headers["etag"] == '"3"'


async def test_a_variation_leaves_what_was_agreed_as_it_was_until_both_have_signed_it(council: Council) -> None:
    placement = await started(council, 21)
    first = (await agree(council, placement))["versions"][0]
    from_on = days_from_today(-7)
    lines = [fee("700.00", from_on)]
    variation = await proposed(council.service.as_(AGENCY), placement, effective_from=from_on.isoformat(), lines=lines, notice_days=14)
    before = await says(council.service.as_(AGENCY), placement, "versions/2/signature", content_hash=variation["content_hash"])
    assert (before["in_force"], before["versions"][1]["state"]) == (1, "proposed")
    cost = f"/placements/{placement}/agreement/cost"
    assert (await council.client().get(cost)).json()["to_date"]["total"] == "2437.50"  # three weeks at 812.50
    after = await signed(council.client(), placement, variation)
    assert (after["in_force"], [version["state"] for version in after["versions"]]) == (2, ["in_force", "in_force"])
    assert after["versions"][0] == first
    costs = (await council.service.as_(AGENCY).get(cost)).json()
    assert costs["to_date"]["total"] == "2325.00"  # two weeks at 812.50, one at 700.00
    assert [(line["version"], line["nights"], line["pounds"]) for line in costs["to_date"]["lines"]] == [
        (1, 14, "1625.00"),
        (2, 7, "700.00"),
    ]
    part = (
        await council.client().get(cost, params={"from": days_from_today(-10).isoformat(), "until": days_from_today(-3).isoformat()})
    ).json()
    assert (part["part"]["nights"], part["part"]["total"]) == (7, "748.21")  # 3 / 7 of 812.50 and 4 / 7 of 700.00
    assert part["to_expected_end"] is None


async def test_a_declined_version_is_proposed_again(council: Council) -> None:
    placement = await started(council)
    agency = council.service.as_(AGENCY)
    version = await proposed(council.client(), placement, lines=[fee("600.00", clock.today())])
    answer = await says(agency, placement, "versions/1/decline", reason="fee_not_as_offered")
    assert (answer["versions"][0]["state"], answer["versions"][0]["acts"][0]["reason"]) == ("declined", "fee_not_as_offered")
    reply = await council.client().post(
        f"/placements/{placement}/agreement/versions/1/signature", json={"content_hash": version["content_hash"]}
    )
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (409, "open")
    again = await proposed(agency, placement)
    assert (again["number"], again["proposed_by"]) == (2, AGENCY)
    await signed(agency, placement, again)
    assert (await signed(council.client(), placement, again))["in_force"] == 2


async def test_a_version_in_force_can_be_declined_by_nobody(council: Council) -> None:
    placement = await started(council)
    await agree(council, placement)
    for who in (council.client(), council.service.as_(AGENCY)):
        assert (await says(who, placement, "versions/1/decline", 409, reason="entered_in_error"))["errors"][0]["rule"] == "open"


async def test_what_was_read_is_what_is_signed(council: Council) -> None:
    placement = await started(council)
    version = await proposed(council.client(), placement)
    wrong = await says(council.client(), placement, "versions/1/signature", 409, content_hash="0" * 64)
    assert wrong["errors"][0]["rule"] == "same_content"
    await signed(council.client(), placement, version)
    twice = await says(council.client(), placement, "versions/1/signature", 409, content_hash=version["content_hash"])
    assert twice["errors"][0]["rule"] == "signed_once"
    await says(council.client(), placement, "versions/7/signature", 404, content_hash=version["content_hash"])


async def test_both_sides_signing_at_once_both_sign(council: Council) -> None:
    placement = await started(council)
    version = await proposed(council.client(), placement)
    body = {"content_hash": version["content_hash"]}
    replies = await asyncio.gather(
        *(
            client.post(f"/placements/{placement}/agreement/versions/1/signature", json=body)
            for client in (council.client(), council.service.as_(AGENCY)) * 3
        )
    )
    assert sorted(reply.status_code for reply in replies) == [200, 200, 409, 409, 409, 409]
    shown = await read(council, placement)
    assert (shown["in_force"], sorted(act["organisation"] for act in shown["versions"][0]["acts"])) == (1, [AGENCY, council.organisation])


async def test_of_a_signature_and_a_new_proposal_at_once_the_second_sees_the_first(council: Council) -> None:
    """Either the signature came first, and stands under a version that is now replaced; or it came second and is refused."""
    agency = council.service.as_(AGENCY)
    for number in range(2, 6):
        placement = await started(council, 0, await council.another_child(number))
        version = await proposed(council.client(), placement)
        await signed(council.client(), placement, version)
        signature, proposal = await asyncio.gather(
            agency.post(f"/placements/{placement}/agreement/versions/1/signature", json={"content_hash": version["content_hash"]}),
            council.client().post(f"/placements/{placement}/agreement/versions", json={"documents": DOCUMENTS, "notice_days": 7}),
        )
        assert proposal.status_code == 201
        shown = await read(council, placement)
        if signature.status_code == 200:
            assert (shown["in_force"], shown["versions"][0]["state"]) == (1, "in_force")
        else:
            assert (signature.status_code, signature.json()["errors"][0]["rule"]) == (409, "open")
            assert (shown["in_force"], shown["versions"][0]["state"]) == (None, "replaced")


async def test_who_read_an_earlier_state_of_the_agreement_is_told(council: Council) -> None:
    placement = await started(council)
    etag = (await council.client().get(f"/placements/{placement}/agreement")).headers["etag"]
    bodies = [{"documents": DOCUMENTS, "notice_days": days} for days in (7, 14)]
    replies = await asyncio.gather(
        *(
            client.post(f"/placements/{placement}/agreement/versions", json=body, headers={"If-Match": etag})
            for client, body in zip((council.client(), council.service.as_(AGENCY)), bodies, strict=True)
        )
    )
    assert sorted(reply.status_code for reply in replies) == [201, 412]
    assert len((await read(council, placement))["versions"]) == 1


async def test_a_proposal_sent_twice_under_one_key_is_made_once(council: Council) -> None:
    placement = await started(council)
    headers = {"Idempotency-Key": "once"}
    for _ in range(2):
        reply = await council.client().post(f"/placements/{placement}/agreement/versions", json={"documents": DOCUMENTS}, headers=headers)
        assert (reply.status_code, reply.headers["etag"]) == (201, '"1"')
    assert len((await read(council, placement))["versions"]) == 1


async def test_for_anybody_else_there_is_no_such_agreement(council: Council) -> None:
    placement = await started(council)
    version = (await agree(council, placement))["versions"][0]
    for who in (f"council:{HAMPSHIRE}", OTHER_AGENCY):
        await sees_none(council.service.as_(who), placement, version)


async def sees_none(client: httpx.AsyncClient, placement: str, version: dict[str, Any]) -> None:
    for path in ("", "/cost"):
        assert (await client.get(f"/placements/{placement}/agreement{path}")).status_code == 404
    for path, body in (
        ("versions", {"documents": DOCUMENTS}),
        ("versions/1/signature", {"content_hash": version["content_hash"]}),
        ("versions/1/decline", {"reason": "entered_in_error"}),
        ("notice", {"given_on": clock.today().isoformat(), "reason": "returning_home"}),
        ("notice/withdrawal", {}),
    ):
        reply = await client.post(f"/placements/{placement}/agreement/{path}", json=body)
        assert reply.status_code == 404, (path, reply.text)
    assert (await client.get("/placements/agreements-due")).json()["items"] == []


async def test_row_security_lets_no_side_sign_for_the_other(council: Council) -> None:
    placement = await started(council)
    await proposed(council.client(), placement)
    forged = (
        "INSERT INTO agreement_acts (council, placement, number, author, act, provider, content_hash, recorded_by, at)"
        " SELECT council, placement, number, '{}', 'signed', provider, content_hash, 'forger', now() FROM agreement_versions"
    )
    databases = council.service.databases
    for asking, author in ((Organisation.council(SOUTHAMPTON), AGENCY), (Organisation.parse(AGENCY), council.organisation)):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with tenancy.transaction(databases, asking) as transaction:
                await transaction.execute(text(forged.format(author)))
    for asking in (Organisation.council(SOUTHAMPTON), Organisation.parse(AGENCY)):
        for statement in (
            "UPDATE agreement_versions SET content_hash = 'x'",
            "DELETE FROM agreement_versions",
            "DELETE FROM agreement_acts",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with tenancy.transaction(databases, asking) as transaction:
                    await transaction.execute(text(statement))
    for asking in (Organisation.council(HAMPSHIRE), Organisation.parse(OTHER_AGENCY)):
        async with tenancy.transaction(databases, asking) as transaction:
            assert await transaction.scalar(text("SELECT count(*) FROM agreement_versions")) == 0


async def test_notice_ends_the_agreement_and_says_the_last_night_charged(council: Council) -> None:
    placement = await started(council, 10)
    await agree(council, placement, notice_days=14, expected_end_on=days_from_today(300).isoformat())
    agency = council.service.as_(AGENCY)
    given = days_from_today(-4)
    answer = await says(agency, placement, "notice", 201, given_on=given.isoformat(), reason="carer_cannot_go_on")
    notice = answer["notices"][0]
    assert (notice["organisation"], notice["ends_on"]) == (AGENCY, days_from_today(10).isoformat())
    assert notice["last_night_charged"] == days_from_today(9).isoformat()
    costs = (await council.client().get(f"/placements/{placement}/agreement/cost")).json()
    assert (costs["to_expected_end"]["nights"], costs["to_expected_end"]["total"]) == (20, "2321.43")
    again = await says(council.client(), placement, "notice", 422, given_on=given.isoformat(), reason="returning_home")
    assert again["errors"][0]["rule"] == "one_notice"
    assert (await says(council.client(), placement, "notice/withdrawal", 409))["errors"][0]["rule"] == "own_notice_stands"
    withdrawn = await says(agency, placement, "notice/withdrawal")
    assert withdrawn["notices"][0]["withdrawn_at"] is not None
    assert withdrawn["expected_end"] == days_from_today(300).isoformat()
    await says(council.client(), placement, "notice", 201, given_on=given.isoformat(), reason="returning_home")


async def test_of_two_sides_giving_notice_at_once_one_notice_stands(council: Council) -> None:
    placement = await started(council)
    body = {"given_on": clock.today().isoformat(), "reason": "child_asks_to_move"}
    replies = await asyncio.gather(
        *(client.post(f"/placements/{placement}/agreement/notice", json=body) for client in (council.client(), council.service.as_(AGENCY)))
    )
    assert sorted(reply.status_code for reply in replies) == [201, 422]


async def test_a_placement_begun_on_the_emergency_form_is_due_until_the_full_agreement_is_signed(council: Council) -> None:
    placement = await started(council, 1)
    version = await proposed(council.client(), placement, form="emergency", documents=[])
    await signed(council.client(), placement, version)
    answer = await signed(council.service.as_(AGENCY), placement, version)
    assert answer["in_force"] == 1
    assert answer["due"]["state"] == "due"
    for client in (council.client(), council.service.as_(AGENCY)):
        items = (await client.get("/placements/agreements-due")).json()["items"]
        assert [(item["placement"], item["form"], item["proposed"]) for item in items] == [(placement, "emergency", False)]
    missing = await council.client().post(f"/placements/{placement}/agreement/versions", json={})
    assert (missing.status_code, missing.json()["errors"][0]["rule"]) == (422, "given_with_the_agreement")
    assert (await agree(council, placement))["due"] is None
    assert (await council.client().get("/placements/agreements-due")).json()["items"] == []


async def test_overdue_agreements_are_listed_by_their_first_day_and_asked_for_once_a_stage(council: Council) -> None:
    young = await started(council, 0)
    old = await started(council, 30, await council.another_child(2))
    older = await started(council, 40, await council.another_child(3))
    client, agency = council.client(), council.service.as_(AGENCY)
    first = (await client.get("/placements/agreements-due", params={"limit": 1})).json()
    assert [item["placement"] for item in first["items"]] == [older]
    rest = (await agency.get("/placements/agreements-due", params={"cursor": first["next_cursor"]})).json()
    assert ([item["placement"] for item in rest["items"]], rest["next_cursor"]) == ([old, young], None)
    overdue = (await client.get("/placements/agreements-due", params={"state": "overdue", "limit": 2})).json()
    assert [(item["placement"], item["due"]["state"]) for item in overdue["items"]] == [(older, "overdue"), (old, "overdue")]
    due = (await client.get("/placements/agreements-due", params={"state": "due", "limit": 1})).json()
    assert ([item["placement"] for item in due["items"]], due["next_cursor"]) == ([young], None)

    async def remind() -> set[tuple[str, str]]:
        reply = await client.post("/placements/agreements-due/reminders", json={})
        assert reply.status_code == 200, reply.text
        return {(each["placement"], each["stage"]) for each in reply.json()["reminders"]}

    told = await asyncio.gather(remind(), remind())
    assert sorted(told, key=len) == [set(), {(each, stage) for each in (old, older) for stage in ("due_soon", "overdue")}]
    assert await remind() == set()
    shown = (await agency.get("/placements/agreements-due", params={"state": "overdue"})).json()["items"][0]
    assert {reminder["stage"] for reminder in shown["reminders"]} == {"due_soon", "overdue"}


async def test_reminders_are_recorded_as_time_passes_without_anybodys_asking_once_a_stage(council: Council) -> None:
    await started(council, 30)
    register = CouncilRecorded(council=council.code, name="Southampton City", joined_on=clock.today())
    await council.service.deliver(register, subject=council.code, organisation="consortium")
    assert await sweep(council.service.databases) == 2
    assert await sweep(council.service.databases) == 0
    [shown] = (await council.client().get("/placements/agreements-due")).json()["items"]
    assert {reminder["stage"] for reminder in shown["reminders"]} == {"due_soon", "overdue"}


async def test_the_days_and_the_notice_are_the_councils_own_setting(council: Council) -> None:
    placement = await started(council)
    settings = {"placements": {"agreement_working_days": 10, "notice_days": 7}}
    reply = await council.client("administrator").patch("/settings", json=settings, headers={"If-Match": "*"})
    assert (reply.status_code, reply.json()["placements"]["reminder_working_days"]) == (200, 1)
    before = (await council.service.as_(AGENCY).get("/placements/agreements-due")).json()["items"][0]["due"]["due_on"]
    assert before >= (clock.today() + timedelta(10)).isoformat()
    assert (await proposed(council.service.as_(AGENCY), placement))["notice_days"] == 7
    wrong = {"placements": {"agreement_working_days": 0, "watch_days": 1000}}
    refused = await council.client("administrator").patch("/settings", json=wrong, headers={"If-Match": "*"})
    assert {error["field"] for error in refused.json()["errors"]} >= {"placements.agreement_working_days", "placements.watch_days"}


async def test_a_cancelled_placement_and_an_own_carers_have_no_agreement(council: Council) -> None:
    placement = await council.placement()
    await council.client().post(f"/placements/{placement}/cancellation", json={"reason": "plan_changed"})
    assert (await says(council.client(), placement, "versions", 409, documents=DOCUMENTS))["errors"][0]["rule"] == "has_an_agreement"
    child = await council.another_child(5)
    referral = await council.referral(child)
    await council.does(referral, "in-house")
    taken = {"outcome": "match_taken", "vacancy": str(uuid4()), "pounds_per_week": "400.00", "starts_on": clock.today().isoformat()}
    answer = await council.does(referral, "in-house-decision", **taken)
    match = (await council.service.published("in_house_match.taken"))[-1].data["match"]
    assert answer["state"] == "in_house_bed_asked"
    await council.hears(council.held(referral, match))
    own = (await council.client().get(f"/referrals/{referral}")).json()["placement"]
    assert (await says(council.client(), own, "versions", 409, documents=DOCUMENTS))["errors"][0]["rule"] == "has_an_agreement"
    assert (await read(council, own))["due"] is None
    assert own not in {item["placement"] for item in (await council.client().get("/placements/agreements-due")).json()["items"]}


BAD = [
    ("versions", {"notes": "SENT"}, "body", "known_field"),
    ("versions", {"form": "SENT"}, "form", "known_code"),
    ("versions", {"lines": []}, "lines", "enough"),
    ("versions", {"notice_days": 0}, "notice_days", "at_least"),
    ("versions", {"documents": ["SENT"]}, "documents.0", "known_code"),
    ("versions", {"effective_from": "2026-02-30"}, "effective_from", "date"),
    ("versions", {"effective_from": "2020-01-01"}, "effective_from", "not_before_the_placement"),
    ("versions", {"lines": [fee("0.00", clock.today())]}, "lines.0.pounds_per_week", "greater_than"),
    ("versions", {"lines": [fee("10.005", clock.today())]}, "lines.0.pounds_per_week", "decimal_places"),
    ("versions/1/signature", {"content_hash": "SENT"}, "content_hash", "pattern"),
    ("versions/1/signature", {}, "content_hash", "required"),
    ("versions/1/decline", {"reason": "SENT"}, "reason", "known_code"),
    ("notice", {"given_on": "2040-01-01", "reason": "returning_home"}, "given_on", "not_in_the_future"),
    ("notice", {"given_on": "2020-01-01", "reason": "returning_home"}, "given_on", "not_before_agreed"),
    ("notice", {"given_on": "2026-11-01", "reason": "SENT"}, "reason", "known_code"),
]
BAD_PARTS = ("from=2026-13-01", "from=2026-01-02&until=2026-01-02", "from=2000-01-01&until=2040-01-01", "until=x")


async def test_bad_input_is_refused_in_words_and_nothing_is_written(council: Council) -> None:
    placement = await started(council)
    await proposed(council.client(), placement)
    before = await read(council, placement)
    for what, body, field, rule in BAD:
        sent = {"documents": DOCUMENTS, **body} if what == "versions" else body
        answer = await says(council.client(), placement, what, 422, **sent)
        assert (field, rule) in {(error["field"], error["rule"]) for error in answer["errors"]}, (body, answer["errors"])
        assert "SENT" not in str(answer)
    for query in BAD_PARTS:
        assert (await council.client().get(f"/placements/{placement}/agreement/cost?{query}")).status_code == 422, query
    assert await read(council, placement) == before


async def test_a_reader_reads_and_changes_nothing(council: Council) -> None:
    placement = await started(council)
    version = await proposed(council.client(), placement)
    for who in (council.client("reader"), council.service.as_(AGENCY, "reader"), council.client("fostering_service")):
        assert (await who.get(f"/placements/{placement}/agreement")).status_code == 200
        await says(who, placement, "versions/1/signature", 403, content_hash=version["content_hash"])
