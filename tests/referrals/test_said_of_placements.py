"""What the bus is told of notice and of what happens in placements, and stability 2 counted from a council's own records."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from dateutil.relativedelta import relativedelta

from referrals.actions import placement_events as actions
from referrals.actions.placement_events import Happened
from referrals.domain.placement_events import ComplaintBy, EventKind
from shared import clock, tenancy
from shared.organisation import Organisation
from tests.referrals.agreed import agree, says, started
from tests.referrals.council import AGENCY, HAMPSHIRE, SOUTHAMPTON, Council, days_from_today


def ago(days: int) -> str:
    return days_from_today(-days).isoformat()


async def happens(council: Council, placement: str, by: str, **body: Any) -> str:
    reply = await council.service.as_(by).post(f"/placements/{placement}/events", json=body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def counted(council: Council) -> list[tuple[Any, ...]]:
    events = await council.service.published("placement_events.counted")
    return [(each.version, each.data["kind"], each.data["count"], each.data["shared_count"]) for each in events]


async def test_notice_is_said_with_its_side_and_days_and_never_with_its_reason(council: Council) -> None:
    placement = await started(council, 30)
    await agree(council, placement, notice_days=14)
    given = clock.today() - timedelta(2)
    await says(council.service.as_(AGENCY), placement, "notice", 201, given_on=given.isoformat(), reason="carer_cannot_go_on")
    await says(council.service.as_(AGENCY), placement, "notice/withdrawal")
    [notice] = await council.service.published("placement.notice_given")
    [withdrawn] = await council.service.published("placement.notice_withdrawn")
    assert (notice.data["by"], notice.data["notice_on"]) == ("provider", given.isoformat())
    assert notice.data["ends_on"] == days_from_today(12).isoformat()
    assert (notice.organisation, notice.council, notice.version) == (council.organisation, SOUTHAMPTON, 1)
    assert (withdrawn.subject, withdrawn.version) == (notice.subject, 2)
    assert b"carer_cannot" not in notice.to_json() + withdrawn.to_json()


async def test_what_happens_in_placements_is_counted_by_month_and_names_no_placement(council: Council) -> None:
    placement = await started(council, 40)
    day = clock.today().replace(day=1) if clock.today().day > 3 else clock.today()
    kept = await happens(council, placement, council.organisation, kind="allegation", on=day.isoformat())
    await happens(council, placement, AGENCY, kind="allegation", on=day.isoformat())
    assert await counted(council) == [(1, "allegation", 1, 0), (2, "allegation", 2, 1)]
    taken_back = {"reason": "recorded_twice"}
    reply = await council.client().post(f"/placements/{placement}/events/{kept}/retraction", json=taken_back)
    assert reply.status_code == 200, reply.text
    assert (await counted(council))[-1] == (3, "allegation", 1, 1)
    said = b"".join(each.to_json() for each in await council.service.published("placement_events.counted"))
    assert placement.encode() not in said


async def test_events_of_two_placements_recorded_at_once_are_both_counted(council: Council) -> None:
    people = [("Alfred", "Birch", "2014-01-02"), ("Bettina", "Crane", "2015-03-04")]
    placements = []
    for number, (given, family, born) in enumerate(people):
        names = {"child_id": f"SOU90{number}", "given_names": given, "family_name": family, "date_of_birth": born}
        child = await council.child(**names, upn="UN1", nhs_number=None)
        placements.append(UUID(await started(council, 40, child)))
    complaint = Happened(EventKind.COMPLAINT, clock.today(), None, None, ComplaintBy.CHILD, None)

    async def record(placement: UUID, written: asyncio.Event, go_on: asyncio.Event) -> None:
        async with tenancy.transaction(council.service.databases, Organisation.parse(AGENCY)) as transaction:
            await actions.record(transaction, placement, complaint, subject="somebody")
            written.set()
            await go_on.wait()

    first, second, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    one = asyncio.create_task(record(placements[0], first, go_on))
    await first.wait()
    other = asyncio.create_task(record(placements[1], second, go_on))
    with pytest.raises(TimeoutError):  # it waits for the first; were both counted at once, each would count itself alone
        await asyncio.wait_for(asyncio.shield(second.wait()), 0.3)
    go_on.set()
    await asyncio.gather(one, other)
    assert [(version, count) for version, _, count, _ in await counted(council)] == [(1, 1), (2, 2)]


async def test_a_council_counts_stability_2_and_the_consortium_is_told_two_numbers(council: Council) -> None:
    began = clock.today() - relativedelta(years=3)
    child = await council.child(date_of_birth=(clock.today() - relativedelta(years=9)).isoformat())
    in_care = {"began_on": began.isoformat(), "legal_status": "C1", "category_of_need": "N1"}
    lives = {"began_on": began.isoformat(), "place": "U6", "place_provider": "PR4", "urn": "SC012345", "postcode": "so15 5ss"}
    for what, body in (("care-periods", in_care), ("outside-placements", lives)):
        assert (await council.client().post(f"/children/{child}/{what}", json=body)).status_code == 201
    reply = await council.client().get("/stability-counts", params={"as_of": ago(0)})
    assert (reply.status_code, reply.json()["looked_after_long"], reply.json()["same_placement"]) == (200, 1, 1)
    assert await council.service.published("council_stability.counted") == [], "asking tells nobody"
    for day in (ago(0), ago(0)):
        assert (await council.client().post("/stability-counts", json={"as_of": day})).status_code == 201
    told = await council.service.published("council_stability.counted")
    assert told[0].data == {"council": SOUTHAMPTON, "as_of": ago(0), "looked_after_long": 1, "same_placement": 1}
    assert told[0].subject == told[1].subject
    assert told[0].version <= told[1].version
    other = await council.service.as_(f"council:{HAMPSHIRE}").get("/stability-counts", params={"as_of": ago(0)})
    assert other.json()["looked_after_long"] == 0
    assert "No children to count" in other.json()["words"]


async def test_stability_2_is_not_counted_for_a_day_to_come_and_not_by_an_agency(council: Council) -> None:
    reply = await council.client().post("/stability-counts", json={"as_of": days_from_today(1).isoformat()})
    assert (reply.status_code, reply.json()["errors"][0]["rule"]) == (422, "a_day_that_was")
    assert (await council.service.as_(AGENCY).get("/stability-counts", params={"as_of": ago(0)})).status_code == 403
