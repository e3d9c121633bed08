"""What happens in placements, reviews due and the stability watch over HTTP: who may record, who may read, what flags a placement."""

from __future__ import annotations

import asyncio
import itertools
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.referrals.agreed import agree, says, started
from tests.referrals.council import AGENCY, HAMPSHIRE, OTHER_AGENCY, SOUTHAMPTON, Council, days_from_today
from tests.running.work import Work


def ago(days: int) -> str:
    return days_from_today(-days).isoformat()


async def happens(client: httpx.AsyncClient, placement: str, status: int = 201, /, **body: Any) -> dict[str, Any]:
    reply = await client.post(f"/placements/{placement}/events", json=body)
    assert reply.status_code == status, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


async def looked_after(council: Council, child: str, began_on: str, *reviews: str) -> None:
    body = {"began_on": began_on, "legal_status": "C1", "category_of_need": "N1"}
    assert (await council.client().post(f"/children/{child}/care-periods", json=body)).status_code == 201
    for day in reviews:
        reply = await council.client().post(f"/children/{child}/reviews", json={"held_on": day, "participation": "PN1"})
        assert reply.status_code == 201, reply.text


async def watch(council: Council, **query: Any) -> list[dict[str, Any]]:
    reply = await council.client().get("/placements/watch", params=query)
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


def signs(item: dict[str, Any]) -> list[str]:
    return [reason["sign"] for reason in item["reasons"]]


async def settled(council: Council, days: int, child: str | None = None) -> str:
    """A placement that began so many days ago and whose agreement is signed: nothing about it needs looking at."""
    placement = await started(council, days, child or await council.child())
    await agree(council, placement)
    return placement


async def test_the_agency_records_a_missing_episode_and_its_end_and_both_sides_read_it(council_either_way: Council) -> None:
    council = council_either_way
    placement = await started(council, 30)
    agency = council.service.as_(AGENCY)
    event = await happens(agency, placement, kind="missing_episode", on=ago(6))
    assert (event["recorded_by"], event["until"], event["shared"]) == (AGENCY, None, True)
    path = f"/placements/{placement}/events"
    refused = await council.client().post(f"{path}/{event['id']}/return", json={"until": ago(5), "interview_offered": True})
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (403, "recorded_by_you")
    back = await agency.post(f"{path}/{event['id']}/return", json={"until": ago(5), "interview_offered": True})
    assert (back.status_code, back.json()["until"], back.json()["interview_offered"]) == (200, ago(5), True)
    again = await agency.post(f"{path}/{event['id']}/return", json={"until": ago(4), "interview_offered": True})
    assert (again.status_code, again.json()["errors"][0]["rule"]) == (409, "still_missing")
    for client in (council.client(), agency):
        assert (await client.get(path)).json()["items"] == [back.json()]


async def test_what_the_council_keeps_to_itself_the_agency_cannot_read(council: Council) -> None:
    placement = await started(council, 30)
    kept = await happens(council.client(), placement, kind="allegation", on=ago(3))
    told = await happens(council.client(), placement, kind="complaint", on=ago(2), complaint_by="parent", shared=True)
    agency, path = council.service.as_(AGENCY), f"/placements/{placement}/events"
    assert (kept["shared"], [event["id"] for event in (await agency.get(path)).json()["items"]]) == (False, [told["id"]])
    assert len((await council.client().get(path)).json()["items"]) == 2
    assert (await agency.post(f"{path}/{kept['id']}/retraction", json={"reason": "recorded_twice"})).status_code == 404
    assert (await agency.post(f"{path}/{told['id']}/retraction", json={"reason": "recorded_twice"})).status_code == 403
    async with tenancy.transaction(council.service.databases, Organisation.parse(AGENCY)) as transaction:
        assert await transaction.scalar(text("SELECT count(*) FROM placement_events")) == 1
    refused = await happens(agency, placement, 422, kind="complaint", on=ago(1), complaint_by="child", shared=False)
    assert refused["errors"][0]["rule"] == "by_the_council"


async def test_row_security_keeps_what_happened_between_the_two(council: Council) -> None:
    placement = await started(council, 5)
    await happens(council.service.as_(AGENCY), placement, kind="disruption_meeting", on=ago(1))
    databases = council.service.databases
    for wrong in (Organisation.council(HAMPSHIRE), Organisation.parse(OTHER_AGENCY), CONSORTIUM):
        async with tenancy.transaction(databases, wrong) as transaction:
            for table in ("placement_events", "placement_looks", "care_corrections"):
                assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    forged = "INSERT INTO placement_events (council, id, placement, provider, author, kind, happened_on, recorded_by, at) SELECT council," \
        " gen_random_uuid(), placement, provider, '{}', kind, happened_on, 'forger', now() FROM placement_events"  # fmt: skip
    for asking, author in ((Organisation.council(SOUTHAMPTON), AGENCY), (Organisation.parse(AGENCY), council.organisation)):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with tenancy.transaction(databases, asking) as transaction:
                await transaction.execute(text(forged.format(author)))
    async with tenancy.transaction(databases, Organisation.council(SOUTHAMPTON)) as transaction:
        changed = await transaction.execute(text("UPDATE placement_events SET kind = 'complaint'"))
        assert changed.rowcount == 0, "the agency recorded it"


async def test_for_anybody_else_there_is_no_such_placement_and_the_watch_is_the_councils_alone(council: Council) -> None:
    placement = await started(council, 5)
    event = await happens(council.client(), placement, kind="missing_episode", on=ago(2))
    path = f"/placements/{placement}/events"
    for who in (f"council:{HAMPSHIRE}", OTHER_AGENCY):
        client = council.service.as_(who)
        assert (await client.get(path)).status_code == 404
        await happens(client, placement, 404, kind="missing_episode", on=ago(1))
        assert (await client.post(f"{path}/{event['id']}/retraction", json={"reason": "recorded_twice"})).status_code == 404
    agency, hampshire = council.service.as_(AGENCY), council.service.as_(f"council:{HAMPSHIRE}")
    assert (await agency.get("/placements/watch")).status_code == 403
    assert (await agency.get(f"/placements/{placement}/watch")).status_code == 403
    assert (await hampshire.get("/placements/watch")).json()["items"] == []
    assert (await hampshire.get(f"/placements/{placement}/watch")).status_code == 404
    assert (await hampshire.post(f"/placements/{placement}/watch/looks", json={"done": "visit"})).status_code == 404


async def test_a_placement_is_flagged_with_all_its_reasons_and_one_without_any_is_not(council: Council) -> None:
    child = await council.child()
    await looked_after(council, child, ago(400))
    placement = await settled(council, 100, child)
    quiet = await settled(council, 50, await council.another_child(2))
    agency = council.service.as_(AGENCY)
    for day in (9, 6, 3):
        event = await happens(agency, placement, kind="missing_episode", on=ago(day), until=ago(day - 1), interview_offered=True)
    for day in (5, 4):
        await happens(council.client(), placement, kind="complaint", on=ago(day), complaint_by="child")
    await says(agency, placement, "notice", 201, given_on=ago(1), reason="carer_cannot_go_on")
    [item] = await watch(council)
    assert item["placement"] == placement != quiet
    assert signs(item) == ["reviews_missed", "missing_episodes", "notice_given", "complaints"]
    assert "score" not in str(item)
    by_sign = {reason["sign"]: reason for reason in item["reasons"]}
    assert len(by_sign["reviews_missed"]["records"]) >= 2
    assert by_sign["missing_episodes"]["records"][-1] == {"kind": "missing_episode", "on": ago(3), "id": event["id"]}
    assert by_sign["notice_given"]["words"].startswith("The agency gave notice on")
    assert "Marrowby" not in str(item)
    await agency.post(f"/placements/{placement}/events/{event['id']}/retraction", json={"reason": "entered_in_error"})
    assert "missing_episodes" not in signs((await watch(council))[0]), "taken back, it counts no more"
    assert len((await agency.get(f"/placements/{placement}/events")).json()["items"]) == 3, "and stays to be read"


async def test_more_reasons_come_first_then_the_oldest_page_by_page(council: Council) -> None:
    first = await started(council, 40)  # its agreement is overdue
    second = await started(council, 30, await council.another_child(2))
    third = await started(council, 20, await council.another_child(3))
    await happens(council.client(), third, kind="allegation", on=ago(1))
    await settled(council, 10, await council.another_child(5))
    assert [item["placement"] for item in await watch(council)] == [third, first, second]
    found, cursor = [], None
    while True:
        page = (await council.client().get("/placements/watch", params={"limit": 1, **({"cursor": cursor} if cursor else {})})).json()
        found += [item["placement"] for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert found == [third, first, second]
    assert (await council.client().get("/placements/watch", params={"cursor": "WyJhIl0"})).status_code == 422


async def test_lists_of_placements_ask_as_many_questions_however_many_placements_and_providers_they_show(council: Council) -> None:
    lists = ("/placements", "/placements/watch", "/placements/agreements-due", "/reviews/due")
    work, asked, numbers = Work(council.service), [], itertools.count(1)
    for several in ((AGENCY,), (OTHER_AGENCY, AGENCY, OTHER_AGENCY)):
        for provider in several:
            await started(council, 90, await council.another_child(next(numbers)), provider=provider)
        asked.append({})
        for path in lists:
            for _ in range(2):  # the first opens what is opened once
                with work.of() as statements:
                    reply = await council.client().get(path)
            assert reply.status_code == 200, (path, reply.text)
            asked[-1][path] = (len(reply.json()["items"]), len(statements))
    few, many = asked
    assert many["/placements"][0] == many["/placements/watch"][0] == 4
    assert {path: number for path, (_, number) in many.items()} == {path: number for path, (_, number) in few.items()}


async def test_what_an_officer_did_stays_on_record_and_a_later_reason_is_new(council: Council) -> None:
    placement = await started(council, 40)
    client = council.client()
    taken = await client.post(f"/placements/{placement}/watch/looks", json={"done": "challenge_meeting", "by_date": ago(-7)})
    assert taken.status_code == 201, taken.text
    assert [(reason["sign"], reason["new"]) for reason in taken.json()["reasons"]] == [("agreement_overdue", False)]
    assert await watch(council, only_new=True) == []
    await happens(client, placement, kind="missing_episode", on=ago(0))
    [item] = await watch(council, only_new=True)
    assert [(reason["sign"], reason["new"]) for reason in item["reasons"]] == [("missing_now", True), ("agreement_overdue", False)]
    assert (item["last_look"]["done"], item["last_look"]["by"]) == ("challenge_meeting", f"person@{council.organisation}")
    await client.post(f"/placements/{placement}/watch/looks", json={"done": "visit"})
    shown = (await client.get(f"/placements/{placement}/watch")).json()
    assert [look["done"] for look in shown["looks"]] == ["visit", "challenge_meeting"]
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
            await transaction.execute(text("UPDATE placement_looks SET done = 'nothing_needed'"))


async def test_nothing_is_marked_as_looked_at_where_nothing_is_flagged(council: Council) -> None:
    placement = await settled(council, 3)
    reply = await council.client().post(f"/placements/{placement}/watch/looks", json={"done": "visit"})
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (409, "flagged")


async def test_the_third_placement_of_the_year_is_flagged(council: Council) -> None:
    child = await council.child()
    for number in range(3):
        placement = await council.placement(child)
        await council.client().post(f"/placements/{placement}/start", json={"started_on": clock.today().isoformat()})
        [item] = [each for each in await watch(council) if each["placement"] == placement] or [{"reasons": []}]
        assert ("third_placement_in_year" in signs(item)) == (number == 2)
        ending = {"ended_on": clock.today().isoformat(), "planned": False, "reason": "CARPL"}
        if number < 2:
            await council.client().post(f"/placements/{placement}/ending", json=ending)


async def test_two_sides_recording_one_missing_episode_at_once_record_it_once(council: Council) -> None:
    placement = await started(council, 5)
    body = {"kind": "missing_episode", "on": ago(1)}
    path = f"/placements/{placement}/events"
    replies = await asyncio.gather(*(client.post(path, json=body) for client in (council.client(), council.service.as_(AGENCY)) * 2))
    assert sorted(reply.status_code for reply in replies) == [201, 422, 422, 422]


async def test_a_childs_review_dates_show_what_was_missed_late_and_next_and_the_reading_is_written_down(council: Council) -> None:
    child = await council.child()
    await looked_after(council, child, "2026-01-05", "2026-02-20")
    reply = await council.client().get(f"/children/{child}/reviews/due")
    assert reply.status_code == 200, reply.text
    found = [(each["number"], each["due_on"], each["state"], each["days_late"]) for each in reply.json()["items"]]
    assert found[:2] == [(1, "2026-02-02", "held_late", 18), (2, "2026-05-20", "missed", 0)]
    assert found[-1][2] == "due"
    line = (await council.client().get(f"/children/{child}/disclosures")).json()["items"][-1]
    assert (line["act"], line["fields"], line["right"]) == ("read", ["time_in_care"], "own_record")
    for who, status in ((f"council:{HAMPSHIRE}", 404), (AGENCY, 403)):
        assert (await council.service.as_(who).get(f"/children/{child}/reviews/due")).status_code == status


async def test_a_councils_reviews_are_listed_by_the_day_they_are_or_were_due(council: Council) -> None:
    late, soon, never, left = [await council.another_child(number) for number in (2, 3, 5, 7)]
    await looked_after(council, late, ago(300))
    await looked_after(council, soon, ago(60), ago(40))
    await looked_after(council, left, ago(90))
    await council.client().post(f"/children/{left}/care-periods/ending", json={"ended_on": ago(1), "reason": "E4A"})
    client = council.client()
    items = (await client.get("/reviews/due")).json()["items"]
    assert [(item["child"], item["state"]) for item in items] == [(late, "overdue"), (soon, "due")]
    assert never not in str(items)
    assert (len(items[0]["missed"]), items[0]["due_on"], items[1]["missed"]) == (2, items[0]["missed"][0], [])
    assert date.fromisoformat(items[1]["due_on"]) == date.fromisoformat(items[1]["next_due_on"])
    first = (await client.get("/reviews/due", params={"limit": 1})).json()
    rest = (await client.get("/reviews/due", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert ([item["child"] for item in rest["items"]], rest["next_cursor"]) == ([soon], None)
    assert [item["child"] for item in (await client.get("/reviews/due", params={"state": "due"})).json()["items"]] == [soon]
    assert [item["child"] for item in (await client.get("/reviews/due", params={"until": ago(0)})).json()["items"]] == [late]
    assert (await council.service.as_(f"council:{HAMPSHIRE}").get("/reviews/due")).json()["items"] == []
    held = await client.post(f"/children/{late}/reviews", json={"held_on": ago(0), "participation": "PN1"})
    assert held.status_code == 201
    assert (await client.get("/reviews/due", params={"state": "overdue"})).json()["items"] == []


BAD = [
    ("events", {}, "kind", "required"),
    ("events", {"kind": "SENT", "on": ago(1)}, "kind", "known_code"),
    ("events", {"kind": "allegation", "on": ago(1), "words": "SENT"}, "body", "known_field"),
    ("events", {"kind": "missing_episode", "on": "2026-02-30"}, "on", "date"),
    ("events", {"kind": "missing_episode", "on": ago(-1)}, "on", "not_in_the_future"),
    ("events", {"kind": "missing_episode", "on": ago(100)}, "on", "within_the_placement"),
    ("events", {"kind": "complaint", "on": ago(1)}, "complaint_by", "of_a_complaint"),
    ("watch/looks", {"done": "SENT"}, "done", "known_code"),
    ("watch/looks", {"done": "visit", "by_date": ago(1)}, "by_date", "not_in_the_past"),
]


async def test_bad_input_is_refused_in_words_and_nothing_is_written(council: Council) -> None:
    placement = await started(council, 40)
    for what, body, field, rule in BAD:
        reply = await council.client().post(f"/placements/{placement}/{what}", json=body)
        assert reply.status_code == 422, (body, reply.text)
        assert (field, rule) in {(error["field"], error["rule"]) for error in reply.json()["errors"]}, reply.text
        assert "SENT" not in reply.text
    agreed = await council.placement(await council.another_child(2))
    assert (await happens(council.client(), agreed, 409, kind="missing_episode", on=ago(0)))["errors"][0]["rule"] == "began"
    assert (await council.client().get(f"/placements/{placement}/events")).json()["items"] == []
    assert (await council.client().get(f"/placements/{placement}/watch")).json()["looks"] == []
