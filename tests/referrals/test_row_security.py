"""Every endpoint asked by every wrong organisation, and the tables asked beside the endpoints."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.referrals.council import AGENCY, HAMPSHIRE, OTHER_AGENCY, SOUTHAMPTON, Council

WRONG = (f"council:{HAMPSHIRE}", OTHER_AGENCY, "consortium")

ENDPOINTS = [
    ("GET", "/children/{child}", None),
    ("PATCH", "/children/{child}", {"school": "X"}),
    ("GET", "/referrals/{referral}", None),
    ("PATCH", "/referrals/{referral}", {"preferred_miles": 1}),
    ("GET", "/referrals/{referral}/preview", None),
    ("POST", "/referrals/{referral}/in-house", {}),
    ("POST", "/referrals/{referral}/in-house-decision", {"outcome": "no_match", "reason": "too_far"}),
    ("POST", "/referrals/{referral}/broadcast", {}),
    ("POST", "/referrals/{referral}/withdrawal", {"reason": "plan_changed"}),
    ("POST", "/referrals/{referral}/distances", {"households": [{"household": "0192f3a0-0000-7000-8000-000000000001"}]}),
    ("GET", "/referrals/{referral}/distances", None),
    ("GET", "/placements/{placement}", None),
    ("GET", "/placements/{placement}/child", None),
    ("POST", "/placements/{placement}/start", {"started_on": clock.today().isoformat()}),
    ("POST", "/placements/{placement}/ending", {"ended_on": clock.today().isoformat(), "planned": True, "reason": "CARPL"}),
    ("POST", "/placements/{placement}/cancellation", {"reason": "plan_changed"}),
    ("GET", "/placements/{placement}/agreement", None),
    ("GET", "/placements/{placement}/agreement/cost", None),
    ("POST", "/placements/{placement}/agreement/versions", {"form": "emergency"}),
    ("POST", "/placements/{placement}/agreement/versions/1/signature", {"content_hash": "0" * 64}),
    ("POST", "/placements/{placement}/agreement/versions/1/decline", {"reason": "entered_in_error"}),
    ("POST", "/placements/{placement}/agreement/notice", {"given_on": clock.today().isoformat(), "reason": "returning_home"}),
    ("POST", "/placements/{placement}/agreement/notice/withdrawal", {}),
    ("GET", "/placements/{placement}/events", None),
    ("POST", "/placements/{placement}/events", {"kind": "allegation", "on": clock.today().isoformat()}),
    ("GET", "/placements/{placement}/watch", None),
    ("POST", "/placements/{placement}/watch/looks", {"done": "visit"}),
    ("GET", "/children/{child}/reviews/due", None),
    ("GET", "/children/{child}/corrections", None),
    ("POST", "/children/{child}/legal-statuses/2026-01-05/correction", {"reason": "typed_wrongly", "take_out": True}),
    ("POST", "/children/{child}/reviews/2026-01-05/correction", {"reason": "typed_wrongly", "take_out": True}),
    ("POST", "/children/{child}/care-periods/2026-01-05/correction", {"reason": "typed_wrongly", "take_out": True}),
    ("POST", "/children/{child}/outside-placements/2026-01-05/correction", {"reason": "typed_wrongly", "take_out": True}),
]

LISTS = [
    "/children/{child}/disclosures",
    "/referrals",
    "/placements",
    "/settings/history",
    "/placements/agreements-due",
    "/placements/watch",
    "/reviews/due",
]


@dataclass
class Placed:
    council: Council
    names: dict[str, str]


@pytest.fixture
async def placed(council: Council) -> Placed:
    """A child of Southampton placed with one agency."""
    child = await council.child()
    placement = await council.placement(child)
    referral = (await council.client().get(f"/placements/{placement}")).json()["referral"]
    await council.client().patch("/settings", json={"approval_miles": 30}, headers={"If-Match": "*"})
    return Placed(council, {"child": child, "referral": referral, "placement": placement})


async def test_every_endpoint_refuses_every_wrong_organisation_and_tells_it_nothing(placed: Placed) -> None:
    for wrong in WRONG:
        client = placed.council.service.as_(wrong)
        for method, path, body in ENDPOINTS:
            reply = await client.request(method, path.format(**placed.names), json=body, headers={"If-Match": "*"})
            assert reply.status_code in (403, 404), (wrong, method, path, reply.status_code, reply.text)
            assert "Marrowby" not in reply.text
        for path in LISTS:
            reply = await client.get(path.format(**placed.names))
            assert reply.status_code == 403 or reply.json()["items"] == [], (wrong, path)


async def test_the_chosen_agency_sees_its_placement_and_nothing_else_of_the_council(placed: Placed) -> None:
    client = placed.council.service.as_(AGENCY)
    for method, path, body in ENDPOINTS[:11]:
        reply = await client.request(method, path.format(**placed.names), json=body, headers={"If-Match": "*"})
        assert reply.status_code == 403, (method, path)
    assert (await client.get(f"/placements/{placed.names['placement']}")).status_code == 200


async def test_an_event_of_another_council_changes_nothing_of_this_one(placed: Placed) -> None:
    hampshire = Council(placed.council.service, HAMPSHIRE)
    referral = placed.names["referral"]
    before = len(await placed.council.service.published())
    await hampshire.hears(hampshire.confirmed(referral))
    assert len(await placed.council.service.published()) == before
    assert (await placed.council.service.as_(OTHER_AGENCY).get("/placements")).json()["items"] == []


TABLES_OF_A_COUNCIL = (
    "children", "child_terms", "search_keys", "disclosures", "council_settings", "referrals", "referral_children", "placements",
    "placement_children", "identity_grants",
)  # fmt: skip


@pytest.mark.parametrize("asking", [Organisation.council(HAMPSHIRE), Organisation.parse(OTHER_AGENCY), CONSORTIUM])
async def test_row_security_gives_a_wrong_organisation_no_row_of_any_table(placed: Placed, asking: Organisation) -> None:
    async with tenancy.transaction(placed.council.service.databases, asking) as transaction:
        for table in TABLES_OF_A_COUNCIL:
            assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    async with tenancy.transaction(placed.council.service.databases, Organisation.council(SOUTHAMPTON)) as transaction:
        for table in TABLES_OF_A_COUNCIL:
            assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) > 0, f"the test proves nothing about an empty {table}"


async def test_the_agency_reads_its_two_rows_between_two_and_writes_neither(placed: Placed) -> None:
    databases = placed.council.service.databases
    async with tenancy.transaction(databases, Organisation.parse(AGENCY)) as transaction:
        for table in ("placements", "identity_grants"):
            assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 1
        for table in ("children", "disclosures", "placement_children", "referrals"):
            assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        changed = await transaction.execute(text("UPDATE placements SET pounds_per_week = 9999"))
        assert changed.rowcount == 0


async def test_nobody_writes_a_row_in_anothers_name(placed: Placed) -> None:
    databases = placed.council.service.databases
    forged = "INSERT INTO council_settings VALUES ('council:E06000045', 99, '{}', 'forger', now())"
    grant = (
        "INSERT INTO identity_grants (council, placement, child, provider, number, granted_at)"
        " SELECT council, placement, gen_random_uuid(), provider, 9, now() FROM identity_grants"
    )
    for asking, statement in ((Organisation.council(HAMPSHIRE), forged), (Organisation.parse(AGENCY), grant)):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with tenancy.transaction(databases, asking) as transaction:
                await transaction.execute(text(statement))
