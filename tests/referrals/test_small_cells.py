"""Small cells over HTTP: counts uploaded, told to the others, the number shown before sending, and what sending it all the same asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from shared import clock, tenancy
from shared.contracts import Envelope
from shared.contracts.providers import CouncilRecorded, PriceBand
from shared.organisation import Organisation
from tests.referrals.council import HAMPSHIRE, SOUTHAMPTON, Council, days_from_today, lot
from tests.running.services import RunningService

CSV = "attribute,value,children\ntotal,,1803\nsex,F,901\nsex,M,902\nneed,autism,c\nage+sex,8+F,c\nage+sex,9+F,52\n"
JSON: dict[str, Any] = {
    "as_of": "2026-03-31",
    "total": 1803,
    "cells": [
        {"of": {"sex": "F"}, "children": 901},
        {"of": {"sex": "M"}, "children": 902},
        {"of": {"need": "autism"}, "children": "c"},
        {"of": {"age": "8", "sex": "F"}, "children": "c"},
        {"of": {"age": "9", "sex": "F"}, "children": 52},
    ],
}


async def uploads(council: Council, content: str = CSV, as_of: str = "2026-03-31") -> Any:
    return await council.client().post(f"/looked-after-counts/csv?as_of={as_of}", content=content, headers={"Content-Type": "text/csv"})


async def hears_of_counts(council: Council) -> list[Envelope]:
    """What was told comes back over the bus to every database."""
    told = await council.service.published("council_counts.recorded")
    for envelope in told:
        await council.service.deliver_again(envelope)
    return told


async def test_a_file_and_a_body_upload_the_same_counts(council: Council) -> None:
    from_file, from_body = await uploads(council), await council.client().post("/looked-after-counts", json=JSON)
    assert (from_file.status_code, from_body.status_code) == (201, 201), from_body.text
    assert (from_file.json()["version"], from_body.json()["version"]) == (1, 2)
    same = ("as_of", "total", "cells", "told_to_others")
    assert [from_file.json()[name] for name in same] == [from_body.json()[name] for name in same]
    assert (await council.client().get("/looked-after-counts")).json() == from_body.json()


async def test_the_bus_carries_rounded_aggregates_and_of_few_children_nothing_jointly(council: Council) -> None:
    await uploads(council)
    (told,) = await council.service.published("council_counts.recorded")
    assert (told.organisation, told.council, told.subject) == ("consortium", None, SOUTHAMPTON)
    assert told.data["total"] == 1805
    cells = {tuple((trait["attribute"], trait["value"]) for trait in cell["of"]): cell["children"] for cell in told.data["cells"]}
    assert cells == {
        (("sex", "F"),): 900,
        (("sex", "M"),): 900,
        (("need", "autism"),): None,
        (("age", "9"), ("sex", "F")): 50,
    }


async def test_what_one_council_counted_reaches_every_councils_database_and_late_news_changes_nothing(
    running: Callable[..., Awaitable[RunningService]],
) -> None:
    service = await running("referrals", own=(HAMPSHIRE,))
    southampton, hampshire = Council(service), Council(service, HAMPSHIRE)
    for council in (southampton, hampshire):
        await council.hears_of_the_framework()
    await uploads(southampton)
    await uploads(southampton, CSV.replace("902", "904").replace("1803", "1805"))
    first, second = await southampton.service.published("council_counts.recorded")
    await service.deliver_again(second)
    await service.deliver_again(first)
    for engine in service.databases.every():
        async with tenancy.transaction_on(service.databases, engine, Organisation.council(HAMPSHIRE)) as transaction:
            rows = (await transaction.execute(text("SELECT council, version FROM council_counts"))).all()
            assert [tuple(row) for row in rows] == [(SOUTHAMPTON, 2)]
            assert (await transaction.execute(text("SELECT * FROM count_uploads"))).all() == [], "as uploaded they are the council's own"
    judged = await small_cells(hampshire, await hampshire.referral(await hampshire.child()))
    assert "1 council uploaded counts" in " ".join(judged["how"])


async def test_another_councils_upload_is_not_to_be_read(council: Council) -> None:
    await uploads(council)
    other = Council(council.service, HAMPSHIRE)
    assert (await other.client().get("/looked-after-counts")).status_code == 404


async def test_the_defaults_are_listed_with_their_sources(council: Council) -> None:
    items = (await council.client().get("/looked-after-counts/defaults")).json()["items"]
    (asylum,) = [item for item in items if item["value"] == "asylum_seeking"]
    assert (asylum["share"], asylum["basis"]) == ("0.09", "published")
    assert "Department for Education" in asylum["source"]


BAD_FILES = [
    ("sex,F,13\n", 422, [("row 1", "columns"), ("total", "whole_number")]),
    (CSV.replace("902", "9"), 422, [("sex", "adds_up")]),
    (CSV + "sex,Q,1\nneed,autism,3\nage,8,few\n", 422, [("row 8", "known_value"), ("row 9", "each_once"), ("row 10", "whole_number")]),
    ("attribute,value,children\n" + "need,autism\n", 422, [("row 2", "three_fields"), ("total", "whole_number")]),
]


@pytest.mark.parametrize(("content", "status", "faults"), BAD_FILES)
async def test_a_bad_file_is_refused_with_every_faulty_row_and_nothing_is_written(
    council: Council, content: str, status: int, faults: list[tuple[str, str]]
) -> None:
    reply = await uploads(council, content)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert [(error["field"], error["rule"]) for error in reply.json()["errors"]] == faults
    assert await council.service.published() == []
    assert (await council.client().get("/looked-after-counts")).status_code == 404


async def test_counts_older_than_those_in_force_or_of_tomorrow_are_refused(council: Council) -> None:
    await uploads(council)
    for as_of, rule in (("2026-03-30", "not_older_than_in_force"), (days_from_today(1).isoformat(), "not_in_the_future")):
        reply = await uploads(council, as_of=as_of)
        assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (422, rule)
    not_text = await council.client().post(
        "/looked-after-counts/csv?as_of=2026-03-31", content=b"\xff\xfe", headers={"Content-Type": "text/csv"}
    )
    assert (not_text.status_code, not_text.json()["errors"][0]["rule"]) == (422, "utf_8")
    for broken in (f"{CSV}need,{'a' * 140_000},5\n", f'{CSV}need,"autism,5\n', f'"{"a" * 140_000}'):
        unreadable = await uploads(council, broken)
        assert (unreadable.status_code, unreadable.json()["errors"][0]["rule"]) == (422, "csv")
    negative = await council.client().post("/looked-after-counts", json=JSON | {"total": -1})
    assert negative.status_code == 422


# --- before sending ---

EVEN = "attribute,value,children\ntotal,,1800\nsex,F,900\nsex,M,900\nneed,autism,900\nlanguage,en,1800\nlanguage,so,18\n" + "".join(
    f"age,{age},100\n" for age in range(18)
)
"""100 children of each age, half of them girls, half autistic, one in a hundred speaking Somali; homes are not counted."""


def born(age: int) -> str:
    """A birth date of somebody who has been that age for half a year."""
    today = clock.today()
    return date(today.year - age - (today.month < 7), (today.month + 5) % 12 + 1, 1).isoformat()


async def small_cells(council: Council, referral: str) -> dict[str, Any]:
    reply = await council.client().get(f"/referrals/{referral}/small-cells")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    assert (await council.client().get(f"/referrals/{referral}/preview")).json()["small_cells"] == found
    return found


async def of_somali(council: Council, **changes: Any) -> str:
    """A referral of a girl of eight who speaks Somali; neither her home nor a place to be near is shown."""
    child = await council.child(date_of_birth=born(8), home_postcode=None, home_address=None)
    needs = {"child": child, "essential_needs": ["autism"], "languages": ["so"]}
    return await council.referral(child, children=[needs], near=[], **changes)


async def test_before_sending_the_officer_is_shown_how_many_share_it_and_the_blur_that_raises_it_most(council: Council) -> None:
    await uploads(council, EVEN)
    found = await small_cells(council, await of_somali(council))
    assert found["number"] == "0.2"  # 100 of that age × 1/2 girls × 1/2 autistic × 1/100 = 0.25, told downwards
    assert (found["threshold"], found["below_threshold"], found["best_blur"]) == (10, True, "languages")
    assert [(one["blur"], one["number"]) for one in found["blurs"]] == [("languages", "25.0"), ("age_band", "1.2")]
    assert found["own_council"] == found["number"]
    assert "raises it most, to about 25.0: Do not show which languages" in found["words"]


async def test_sending_it_asks_for_a_blur_or_a_reason_which_stays_on_record(council: Council) -> None:
    await uploads(council, EVEN)
    held = await council.client().patch("/settings", json={"small_cell_reason_owed": True}, headers={"If-Match": "*"})
    assert held.json()["small_cell_reason_owed"] is True
    referral = await of_somali(council)
    await council.does(referral, "in-house")
    await council.does(referral, "in-house-decision", outcome="no_match", reason="too_far")
    refused = await council.client().post(f"/referrals/{referral}/broadcast", json={})
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "few_share_it")
    assert "Do not show which languages" in refused.json()["detail"]
    assert "so" not in refused.json()["detail"].split(), "what is shown of the child is not repeated"
    assert await council.service.published("referral.broadcast") == []
    await council.does(referral, "broadcast", acknowledged_small_cell="more_children_known")
    (said,) = (await small_cells(council, referral))["acknowledged"]
    assert (said["reason"], said["number"], said["threshold"]) == ("more_children_known", "0.2", 10)
    assert said["acknowledged_by"] == f"person@{council.organisation}"
    # Nothing more is shown: no word is asked for. A rarer thing shown: it is.
    same = await council.client().patch(f"/referrals/{referral}", json={"preferred_miles": 30}, headers={"If-Match": "*"})
    assert same.status_code == 200
    rarer = {"near": [{"what": "school", "district": "SO15"}]}
    asked = await council.client().patch(f"/referrals/{referral}", json=rarer, headers={"If-Match": "*"})
    assert (asked.status_code, asked.json()["errors"][0]["field"]) == (409, "acknowledged_small_cell")
    answered = await council.client().patch(
        f"/referrals/{referral}", json=rarer | {"acknowledged_small_cell": "needed_to_match"}, headers={"If-Match": "*"}
    )
    assert answered.status_code == 200
    assert [said["reason"] for said in (await small_cells(council, referral))["acknowledged"]] == ["needed_to_match", "more_children_known"]


async def test_where_the_council_holds_none_back_it_is_sent_and_on_record_that_nobody_said_why(council: Council) -> None:
    await uploads(council, EVEN)
    referral = await of_somali(council)
    await council.does(referral, "in-house")
    await council.does(referral, "in-house-decision", outcome="no_match", reason="too_far")
    pretended = await council.client().post(f"/referrals/{referral}/broadcast", json={"acknowledged_small_cell": "not_stated"})
    assert (pretended.status_code, pretended.json()["errors"][0]["field"]) == (422, "acknowledged_small_cell")
    assert (await council.client().post(f"/referrals/{referral}/broadcast", json={})).status_code == 200
    (said,) = (await small_cells(council, referral))["acknowledged"]
    assert (said["reason"], said["number"]) == ("not_stated", "0.2")


async def test_what_is_blurred_is_blurred_in_preview_and_broadcast_and_then_no_reason_is_asked(council: Council) -> None:
    await council.client().patch("/settings", json={"small_cell_reason_owed": True}, headers={"If-Match": "*"})
    await council.service.deliver(lot_with_bands(), subject="general", organisation="consortium", version=2)
    await uploads(council, EVEN)
    referral = await of_somali(council)
    blurs = {"blurred": ["languages", "age_band", "languages"]}
    changed = await council.client().patch(f"/referrals/{referral}", json=blurs, headers={"If-Match": "*"})
    assert changed.json()["blurred"] == ["languages", "age_band"]
    found = await small_cells(council, referral)
    assert (found["number"], found["below_threshold"]) == ("150.0", False), "ages 5 to 10 are six years of 25"
    await council.does(referral, "in-house")
    await council.does(referral, "in-house-decision", outcome="no_match", reason="too_far")
    assert (await council.client().post(f"/referrals/{referral}/broadcast", json={})).status_code == 200
    (sent,) = await council.service.published("referral.broadcast")
    (child,) = sent.data["view"]["children"]
    assert (child["age_years"], child["age_to_years"], child["languages"]) == (5, 10, [])
    assert (await small_cells(council, referral))["acknowledged"] == []
    # Taking a blur back shows more: providers are told, and a reason is asked for.
    back = {"blurred": []}
    assert (await council.client().patch(f"/referrals/{referral}", json=back, headers={"If-Match": "*"})).status_code == 409
    said = back | {"acknowledged_small_cell": "needed_to_match"}
    assert (await council.client().patch(f"/referrals/{referral}", json=said, headers={"If-Match": "*"})).status_code == 200
    (amended,) = await council.service.published("referral.amended")
    assert amended.data["changed"] == ["children"]


def lot_with_bands() -> Any:
    bands = (PriceBand(code="5-10", from_age=5, to_age=10), PriceBand(code="11-18", from_age=11, to_age=18))
    return lot().model_copy(update={"price_bands": bands})


async def test_the_threshold_is_the_councils_own(council: Council) -> None:
    await uploads(council, EVEN)
    referral = await of_somali(council, blurred=["languages"])
    assert (await small_cells(council, referral))["below_threshold"] is False
    changed = await council.client().patch("/settings", json={"small_cell_threshold": 26}, headers={"If-Match": "*"})
    assert changed.json()["small_cell_threshold"] == 26
    found = await small_cells(council, referral)
    assert (found["threshold"], found["below_threshold"], found["number"]) == (26, True, "25.0")
    too_much = await council.client().patch("/settings", json={"small_cell_threshold": 1001}, headers={"If-Match": "*"})
    assert too_much.json()["errors"][0]["field"] == "small_cell_threshold"


async def test_every_council_of_the_consortium_counts(council: Council) -> None:
    await uploads(council, EVEN)
    referral = await of_somali(council, blurred=["languages"])
    recorded = CouncilRecorded(council=HAMPSHIRE, name="Hampshire County", joined_on=date(2012, 4, 1))
    await council.service.deliver(recorded, subject=HAMPSHIRE, organisation="consortium")
    found = await small_cells(council, referral)
    # 25 here, and of the 1850 of the default: 18 % / 5 × 43 % girls × 5 % autistic
    assert Decimal(found["number"]) == Decimal("26.4")
    assert found["own_council"] == "25.0"
    other = Council(council.service, HAMPSHIRE)
    await uploads(other, EVEN)
    await hears_of_counts(other)
    assert (await small_cells(council, referral))["number"] == "50.0"


async def test_unknown_blurs_and_reasons_are_refused(council: Council) -> None:
    referral = await of_somali(council)
    blur = await council.client().patch(f"/referrals/{referral}", json={"blurred": ["name"]}, headers={"If-Match": "*"})
    assert (blur.status_code, blur.json()["errors"][0]["field"]) == (422, "blurred.0")
    reason = await council.client().post(f"/referrals/{referral}/broadcast", json={"acknowledged_small_cell": "because"})
    assert (reason.status_code, reason.json()["errors"][0]["field"]) == (422, "acknowledged_small_cell")


async def test_other_councils_find_no_small_cells_of_a_referral_that_is_not_theirs(council: Council) -> None:
    referral = await of_somali(council)
    assert (await Council(council.service, HAMPSHIRE).client().get(f"/referrals/{referral}/small-cells")).status_code == 404
