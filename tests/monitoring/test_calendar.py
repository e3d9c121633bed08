"""The calendar, judged by reading it back; and the secret addresses it is read by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from sqlalchemy import text

from monitoring.domain.meeting import Meeting, MeetingKind, MeetingState, Plan
from monitoring.schemas.calendar import calendar_of
from shared import tenancy
from shared.organisation import Organisation
from tests.monitoring.conftest import ASH, OAK
from tests.monitoring.test_meetings import a_plan, planned
from tests.running.services import RunningService


def events(content: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def a_meeting(starts_at: datetime, **changes: Any) -> Meeting:
    plan = Plan(MeetingKind.ANNUAL_PROVIDER, OAK, None, None, starts_at, starts_at + timedelta(hours=2), "HQ, room 2", "consortium", "PM")
    values = {"id": UUID(int=7), "plan": plan, "state": MeetingState.PLANNED, "version": 1, "changed_at": starts_at, "planned_by": "x"}
    return Meeting(**(values | changes))


@pytest.mark.parametrize(
    ("starts_at", "hour", "zone"),
    [
        (datetime(2026, 3, 28, 10, tzinfo=UTC), 10, "GMT"),
        (datetime(2026, 3, 30, 10, tzinfo=UTC), 11, "BST"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 1, "BST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 1, "GMT"),
    ],
)
def test_a_meeting_stands_at_its_uk_hour_on_either_side_of_the_clocks_change(starts_at: datetime, hour: int, zone: str) -> None:
    content = calendar_of([a_meeting(starts_at)], {OAK: "Oak Fostering"})
    (event,) = events(content)
    found = event["dtstart"].dt
    assert (found.hour, event["dtstart"].params["TZID"]) == (hour, "Europe/London")
    assert b"BEGIN:VTIMEZONE" in content
    if (starts_at.month, starts_at.hour) != (10, 1):  # 01:30 comes twice that night; a calendar can only mean the first
        assert found.astimezone(UTC) == starts_at
        assert found.tzname() == zone
    assert str(event["summary"]) == "Annual provider meeting: Oak Fostering"
    assert str(event["location"]) == "HQ, room 2"


def test_no_meetings_are_a_calendar_too() -> None:
    assert events(calendar_of([], {})) == []


async def test_an_events_id_stays_and_its_sequence_grows_with_every_change_and_a_cancelled_one_says_so(monitoring: RunningService) -> None:
    made = await planned(monitoring)
    manager, address = monitoring.as_("consortium", "project_manager"), f"/meetings/{made['id']}"

    async def event() -> Any:
        reply = await manager.get("/meetings.ics")
        assert reply.headers["content-type"].startswith("text/calendar")
        (found,) = events(reply.content)
        return found

    first = await event()
    await manager.put(address, json=a_plan(days=12), headers={"If-Match": '"1"'})
    second = await event()
    await manager.post(f"{address}/cancellation", json={"reason": "Asked for April"})
    third = await event()
    assert len({str(each["uid"]) for each in (first, second, third)}) == 1
    assert [int(each["sequence"]) for each in (first, second, third)] == [0, 1, 2]
    assert [str(each["status"]) for each in (first, second, third)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert abs(second["dtstart"].dt - first["dtstart"].dt - timedelta(days=2)) < timedelta(hours=2)


async def test_a_secret_address_opens_one_organisations_meetings_until_it_is_revoked(monitoring: RunningService) -> None:
    await planned(monitoring)
    await planned(monitoring, kind="provider_forum", agency=None)
    nobody, oak, ash = monitoring.with_token(None), monitoring.as_(f"agency:{OAK}"), monitoring.as_(f"agency:{ASH}")
    made = (await oak.post("/calendar-feeds")).json()
    theirs = (await ash.post("/calendar-feeds")).json()
    assert len(events((await nobody.get(made["address"])).content)) == 2
    assert len(events((await nobody.get(theirs["address"])).content)) == 1
    secret = made["address"].split("/")[2]
    async with tenancy.transaction(monitoring.databases, Organisation.agency(OAK)) as transaction:
        for table in ("calendar_feeds", "idempotency_key"):
            rows = str((await transaction.execute(text(f"SELECT * FROM {table}"))).all())
            assert secret not in rows
            assert secret.partition(".")[2] not in rows
    for wrong in (secret[:-1], secret.replace(OAK, ASH), secret.partition(".")[2], "consortium." + secret.partition(".")[2], "x.y"):
        assert (await nobody.get(f"/calendar-feeds/{wrong}/meetings.ics")).status_code == 404, wrong
    assert [each["id"] for each in (await oak.get("/calendar-feeds")).json()["items"]] == [made["id"]]
    assert (await ash.delete(f"/calendar-feeds/{made['id']}")).status_code == 404
    assert (await oak.delete(f"/calendar-feeds/{made['id']}")).status_code == 204
    assert (await nobody.get(made["address"])).status_code == 404
    assert (await nobody.get(theirs["address"])).status_code == 200
