"""What a council sets for itself."""

from __future__ import annotations

import asyncio
from datetime import datetime

from shared import clock
from tests.referrals.council import HAMPSHIRE, Council


async def test_an_administrator_changes_settings_and_matching_is_told_only_what_it_needs(council: Council) -> None:
    client = council.client("administrator")
    before = await client.get("/settings")
    assert (before.headers["etag"], before.json()["approval_miles"]) == ('"1"', 20)
    weights = {"distance": 40, "siblings": 20, "language": 10, "religion": 0, "skills": 20, "other_children": 10}
    changed = await client.patch(
        "/settings", json={"approval_miles": 25, "weights": weights, "deadlines": {"emergency_hours": 1}}, headers={"If-Match": '"1"'}
    )
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["deadlines"]["planned_working_days"] == 2, "what was not named stays"
    said = (await council.service.published("council_settings.changed"))[0]
    assert (said.subject, said.version, said.data["approval_miles"]) == (council.code, 2, 25)
    assert said.data["weights"]["distance"] == "40"
    assert "retention_years" not in said.data
    assert (await Council(council.service, HAMPSHIRE).client().get("/settings")).json()["approval_miles"] == 20


async def test_a_changed_deadline_counts_from_the_next_referral_sent(council: Council) -> None:
    await council.client().patch("/settings", json={"deadlines": {"emergency_hours": 3, "same_day_hours": 5}}, headers={"If-Match": "*"})
    urgent = {"urgency": "emergency", "planned": False, "needed_by": clock.today().isoformat()}
    referral = await council.referral(await council.child(), **urgent)
    sent = await council.does(referral, "in-house")
    length = datetime.fromisoformat(sent["closes_at"]) - datetime.fromisoformat(sent["sent_in_house_at"])
    assert length.total_seconds() == 3 * 3600


async def test_every_version_is_kept_with_who_and_when(council: Council) -> None:
    client = council.client()
    for miles in (21, 22, 23):
        await client.patch("/settings", json={"approval_miles": miles}, headers={"If-Match": "*"})
    first = (await client.get("/settings/history", params={"limit": 2})).json()
    rest = (await client.get("/settings/history", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["approval_miles"] for each in (*first["items"], *rest["items"])] == [23, 22, 21]
    assert first["items"][0]["changed_by"] == f"person@{council.organisation}"


async def test_two_administrators_at_once_do_not_overwrite_each_other(council: Council) -> None:
    replies = await asyncio.gather(
        *(council.client().patch("/settings", json={"approval_miles": miles}, headers={"If-Match": '"1"'}) for miles in (30, 31, 32))
    )
    assert sorted(reply.status_code for reply in replies) == [200, 412, 412]


async def test_only_the_administrator_changes_settings_and_rotates_keys(council: Council) -> None:
    officer = council.client("placements_officer", "reader")
    assert (await officer.get("/settings")).status_code == 200
    assert (await officer.patch("/settings", json={"approval_miles": 5}, headers={"If-Match": "*"})).status_code == 403
    assert (await officer.post("/settings/key-rotation", json={})).status_code == 403
