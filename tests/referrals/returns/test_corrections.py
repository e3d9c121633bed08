"""A time in care recorded wrongly is put right: with a reason, what was said kept, the return following; never into nonsense."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import clock, tenancy
from shared.organisation import Organisation
from tests.referrals.council import AGENCY, HAMPSHIRE, SOUTHAMPTON, Council
from tests.referrals.returns.test_recording import BEGAN, BEGINS, LEFT, PLACED, in_care, says


async def corrects(council: Council, child: str, what: str, status: int = 200, /, **body: Any) -> set[tuple[str, str]]:
    """A correction that must be answered so; the rules it broke."""
    reply = await council.client().post(f"/children/{child}/{what}/correction", json={"reason": "typed_wrongly", **body})
    assert reply.status_code == status, reply.text
    return {(each["field"], each["rule"]) for each in reply.json().get("errors", [])}


async def rows(council: Council, child: str) -> tuple[list[tuple[Any, ...]], list[str]]:
    shown = (await council.client().get(f"/children/{child}/episodes")).json()
    episodes = [(row["decom"], row["rne"], row["ls"], row["cin"], row["dec"], row["rec"], row["home_post"]) for row in shown["episodes"]]
    return episodes, [gap["rule"] for gap in shown["missing"]]


async def history(council: Council, child: str) -> list[dict[str, Any]]:
    reply = await council.client().get(f"/children/{child}/corrections")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


async def returned(council: Council, table: str) -> list[dict[str, str]]:
    reply = await council.client("administrator").get(f"/returns/ssda903/2026/{table}.csv")
    assert reply.status_code == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


async def test_the_return_follows_a_corrected_legal_status_and_what_was_said_is_kept(council_either_way: Council) -> None:
    council = council_either_way
    child = await in_care(council)
    await says(council, child, "legal-statuses", from_on="2025-09-01", legal_status="E1")
    await corrects(council, child, "legal-statuses/2025-09-01", from_on="2025-09-08", legal_status="C2", reason="court_said_otherwise")
    assert (await rows(council, child))[0] == [
        (BEGAN, "S", "C1", "N1", "2025-09-08", "X1", "SO14 7LY"),
        ("2025-09-08", "L", "C2", "N1", None, None, "SO14 7LY"),
    ]
    assert [(row["DECOM"], row["LS"]) for row in await returned(council, "Episodes")] == [("02/06/2025", "C1"), ("08/09/2025", "C2")]
    [kept] = await history(council, child)
    assert (kept["record"], kept["reason"], kept["by"]) == ("legal_status", "court_said_otherwise", f"person@{council.organisation}")
    assert (kept["before"]["from_on"], kept["before"]["legal_status"], kept["before"]["recorded_by"]) == (
        "2025-09-01", "E1", f"person@{council.organisation}",
    )  # fmt: skip
    assert kept["after"] == {"from_on": "2025-09-08", "legal_status": "C2"}


async def test_a_legal_status_that_never_was_is_taken_out(council: Council) -> None:
    child = await in_care(council)
    await says(council, child, "legal-statuses", from_on="2025-09-01", legal_status="E1")
    await corrects(council, child, "legal-statuses/2025-09-01", take_out=True, reason="another_child")
    assert [row[2] for row in (await rows(council, child))[0]] == ["C1"]
    assert (await history(council, child))[0]["after"] is None
    await corrects(council, child, "legal-statuses/2025-09-01", 404, take_out=True)


async def test_a_legal_status_is_not_corrected_into_nonsense(council: Council) -> None:
    child = await in_care(council)
    await says(council, child, "legal-statuses", from_on="2025-09-01", legal_status="C2")
    first, second = f"legal-statuses/{BEGAN}", "legal-statuses/2025-09-01"
    before = await rows(council, child)
    assert await corrects(council, child, first, 422, take_out=True) == {("from_on", "first_of_its_care")}
    assert await corrects(council, child, first, 422, from_on="2025-06-05") == {("from_on", "first_of_its_care")}
    assert await corrects(council, child, second, 422, from_on=BEGAN) == {("from_on", "one_a_day")}
    assert await corrects(council, child, second, 422, from_on="2025-01-01", legal_status="Q9") == {
        ("from_on", "looked_after"), ("legal_status", "ssda903_code"),
    }  # fmt: skip
    assert await corrects(council, child, second, 422, legal_status="C2") == {("body", "changes_something")}
    tomorrow = (clock.today() + timedelta(1)).isoformat()
    assert ("from_on", "not_in_the_future") in await corrects(council, child, second, 422, from_on=tomorrow)
    assert (await rows(council, child), await history(council, child)) == (before, [])
    await corrects(council, child, first, legal_status="E1")
    assert [row[2] for row in (await rows(council, child))[0]] == ["E1", "C2"], "its code alone may be put right"


async def test_a_review_is_corrected_or_taken_out_and_its_due_dates_and_the_return_follow(council: Council) -> None:
    child = await in_care(council)
    for day in ("2025-07-30", "2025-09-30"):
        await says(council, child, "reviews", held_on=day, participation="PN1")
    await corrects(council, child, "reviews/2025-07-30", held_on="2025-06-28", participation="PN3")
    assert [(row["REVIEW"], row["REVIEW_CODE"]) for row in await returned(council, "Reviews")] == [
        ("28/06/2025", "PN3"), ("30/09/2025", "PN1"),
    ]  # fmt: skip
    dates = (await council.client().get(f"/children/{child}/reviews/due")).json()["items"]
    assert [(each["held_on"], each["state"]) for each in dates[:2]] == [("2025-06-28", "held"), ("2025-09-30", "held_late")]
    assert await corrects(council, child, "reviews/2025-09-30", 422, held_on="2025-06-28") == {("held_on", "one_a_day")}
    assert await corrects(council, child, "reviews/2025-09-30", 422, held_on="2024-06-28", participation="PN0") == {
        ("held_on", "looked_after"), ("participation", "pn0_under_four"),
    }  # fmt: skip
    await corrects(council, child, "reviews/2025-09-30", take_out=True, reason="never_happened")
    assert len(await returned(council, "Reviews")) == 1
    assert [each["after"] is None for each in await history(council, child)] == [False, True]


async def test_the_first_legal_status_and_the_home_move_with_the_day_on_which_care_began(council: Council) -> None:
    child = await in_care(council)
    await says(council, child, "legal-statuses", from_on="2025-09-01", legal_status="C2")
    await corrects(council, child, f"care-periods/{BEGAN}", began_on="2025-05-26", category_of_need="N2", reason="learned_later")
    assert (await rows(council, child))[1] == ["no_placement"], "the record now says where the child did not live yet"
    await corrects(council, child, f"outside-placements/{BEGAN}", began_on="2025-05-26")
    assert await rows(council, child) == (
        [
            ("2025-05-26", "S", "C1", "N2", "2025-09-01", "X1", "SO14 7LY"),
            ("2025-09-01", "L", "C2", "N2", None, None, "SO14 7LY"),
        ],
        [],
    )
    assert [row["DECOM"] for row in await returned(council, "Episodes")] == ["26/05/2025", "01/09/2025"]
    assert [each["record"] for each in await history(council, child)] == ["legal_status", "care_period", "outside_placement"]


async def test_a_day_of_leaving_is_corrected_or_care_goes_on(council: Council) -> None:
    child = await in_care(council)
    await says(council, child, "care-periods/ending", **LEFT)
    period = f"care-periods/{BEGAN}"
    await corrects(council, child, f"outside-placements/{BEGAN}", ended_on="2025-11-01", ending_reason=None)
    await corrects(council, child, period, ended_on="2025-11-01", ending_reason="E4A")
    assert [(row[4], row[5]) for row in (await rows(council, child))[0]] == [("2025-11-01", "E4A")]
    assert await corrects(council, child, period, 422, ended_on=None) == {("ended_on", "with_its_reason")}
    assert await corrects(council, child, period, 422, ending_reason="X1") == {("ending_reason", "care_ended")}
    await corrects(council, child, f"outside-placements/{BEGAN}", ended_on=None)
    await corrects(council, child, period, ended_on=None, ending_reason=None)
    assert [(row[4], row[5]) for row in (await rows(council, child))[0]] == [(None, None)]


async def test_a_time_in_care_is_not_corrected_into_nonsense(council: Council) -> None:
    child = await in_care(council)
    await says(council, child, "reviews", held_on="2025-06-20", participation="PN1")
    await says(council, child, "legal-statuses", from_on="2025-07-01", legal_status="C2")
    await says(council, child, "outside-placements/" + await outside(council, child) + "/ending", ended_on="2025-12-01")
    await says(council, child, "care-periods/ending", **LEFT)
    await says(council, child, "care-periods", **BEGINS | {"began_on": "2026-02-02"})
    first, second = f"care-periods/{BEGAN}", "care-periods/2026-02-02"
    before = await rows(council, child)
    assert await corrects(council, child, first, 422, began_on="2025-07-05") == {
        ("began_on", "statuses_inside"), ("began_on", "reviews_inside"), ("began_on", "placements_inside"),
    }  # fmt: skip
    assert await corrects(council, child, first, 422, began_on="2010-01-01") == {("began_on", "not_before_birth")}
    assert await corrects(council, child, first, 422, ended_on="2026-03-01") == {("began_on", "one_care_at_a_time")}
    assert await corrects(council, child, first, 422, ended_on=None, ending_reason=None) == {("began_on", "one_care_at_a_time")}
    assert await corrects(council, child, first, 422, ended_on="2025-06-30") == {
        ("began_on", "statuses_inside"), ("began_on", "placements_inside"),
    }  # fmt: skip
    assert await corrects(council, child, first, 422, category_of_need="N0", ending_reason="E99") == {
        ("category_of_need", "ssda903_code"), ("ending_reason", "ssda903_code"),
    }  # fmt: skip
    assert await corrects(council, child, second, 422, began_on="2025-11-30") == {("began_on", "one_care_at_a_time")}
    assert await corrects(council, child, first, 422, began_on=BEGAN) == {("body", "changes_something")}
    assert await corrects(council, child, first, 422, take_out=True) == {("began_on", "nothing_in_it")}
    assert (await rows(council, child), await history(council, child)) == (before, [])
    await corrects(council, child, second, take_out=True, reason="never_happened")
    assert len((await rows(council, child))[0]) == 2
    assert [each["record"] for each in await history(council, child)] == ["legal_status", "care_period"]


async def outside(council: Council, child: str) -> str:
    """The id of the child's placement made elsewhere."""
    async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
        return str(await transaction.scalar(text("SELECT id FROM outside_placements WHERE child = :child"), {"child": child}))


async def test_a_placement_made_elsewhere_is_corrected_by_the_rules_it_is_recorded_by(council: Council) -> None:
    child = await in_care(council)
    what = f"outside-placements/{BEGAN}"
    assert await corrects(council, child, what, 422, place="P1", place_provider="PR3", postcode="QQ1 1QQ", began_on="2025-01-01") == {
        ("place_provider", "goes_with_place"), ("urn", "registered_place"), ("postcode", "possible_postcode"), ("began_on", "looked_after"),
    }  # fmt: skip
    assert await corrects(council, child, what, 422, place=PLACED["place"]) == {("body", "changes_something")}
    await corrects(council, child, what, postcode="so16 9gq", place="U4")
    [row] = await returned(council, "Episodes")
    assert (row["PL_POST"], row["PLACE"]) == ("SO16 9GQ", "U4")
    await corrects(council, child, what, take_out=True, reason="another_child")
    assert (await rows(council, child))[1] == ["no_placement"]


async def test_of_two_officers_moving_one_record_at_once_the_second_finds_it_moved(council: Council) -> None:
    child = await in_care(council)
    await says(council, child, "reviews", held_on="2025-06-20", participation="PN1")
    path = f"/children/{child}/reviews/2025-06-20/correction"
    replies = await asyncio.gather(
        *(council.client().post(path, json={"held_on": f"2025-06-2{day}", "reason": "typed_wrongly"}) for day in (1, 2, 3))
    )
    assert sorted(reply.status_code for reply in replies) == [200, 404, 404]
    assert len(await history(council, child)) == 1


async def test_a_correction_sent_twice_under_one_key_is_made_once(council: Council) -> None:
    child = await in_care(council)
    path, body = f"/children/{child}/legal-statuses/{BEGAN}/correction", {"legal_status": "E1", "reason": "typed_wrongly"}
    for _ in range(2):
        assert (await council.client().post(path, json=body, headers={"Idempotency-Key": "once"})).status_code == 200
    assert len(await history(council, child)) == 1


async def test_what_was_said_before_is_never_altered_and_is_the_councils_alone(council: Council) -> None:
    child = await in_care(council)
    await corrects(council, child, f"legal-statuses/{BEGAN}", legal_status="E1")
    # An erasure deletes what was said of a child, and nothing else may: no address does.
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenancy.transaction(council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
            await transaction.execute(text("UPDATE care_corrections SET before = '{}'"))
    for who, status in ((f"council:{HAMPSHIRE}", 404), (AGENCY, 403)):
        client = council.service.as_(who)
        assert (await client.get(f"/children/{child}/corrections")).status_code == status
        body = {"legal_status": "C2", "reason": "typed_wrongly"}
        assert (await client.post(f"/children/{child}/legal-statuses/{BEGAN}/correction", json=body)).status_code == status
    line = (await council.client().get(f"/children/{child}/disclosures")).json()["items"]
    await history(council, child)
    after = (await council.client().get(f"/children/{child}/disclosures")).json()["items"]
    assert len(after) == len(line) + 1
    assert after[-1]["fields"] == ["legal_status", "category_of_need", "time_in_care"]


BAD = [
    ("legal-statuses", {"legal_status": "C2", "reason": "SENT"}, "reason", "known_code"),
    ("legal-statuses", {"legal_status": "C2"}, "reason", "required"),
    ("legal-statuses", {"legal_status": None, "reason": "typed_wrongly"}, "legal_status", "not_empty"),
    ("legal-statuses", {"words": "SENT", "reason": "typed_wrongly"}, "body", "known_field"),
    ("legal-statuses", {"from_on": "2025-02-30", "reason": "typed_wrongly"}, "from_on", "date"),
    ("legal-statuses", {"reason": "typed_wrongly"}, "body", "one_of_the_two"),
    ("legal-statuses", {"take_out": True, "legal_status": "C2", "reason": "typed_wrongly"}, "body", "one_of_the_two"),
    ("care-periods", {"began_on": None, "reason": "typed_wrongly"}, "began_on", "not_empty"),
]


async def test_bad_input_is_refused_in_words_and_nothing_is_written(council: Council) -> None:
    child = await in_care(council)
    for what, body, field, rule in BAD:
        reply = await council.client().post(f"/children/{child}/{what}/{BEGAN}/correction", json=body)
        assert reply.status_code == 422, reply.text
        assert (field, rule) in {(each["field"], each["rule"]) for each in reply.json()["errors"]}, reply.text
        assert "SENT" not in reply.text
    assert (await council.client().post(f"/children/{child}/reviews/SENT/correction", json={})).status_code == 422
    assert await history(council, child) == []
