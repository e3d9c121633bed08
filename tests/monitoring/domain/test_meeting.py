"""Meetings: what a plan must keep to, what is overdue, whose it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.meeting import (
    Action,
    Meeting,
    MeetingKind,
    MeetingState,
    Plan,
    faults_of_plan,
    may_plan,
    may_run,
    months_before,
    readers_of,
    without_annual_meeting,
)
from shared.organisation import Organisation

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ID = UUID(int=1)
GOOD = Plan(
    MeetingKind.ANNUAL_PROVIDER,
    "SC012345",
    None,
    None,
    NOW + timedelta(days=2),
    NOW + timedelta(days=2, hours=2),
    "HQ-2",
    "consortium",
    "PM",
)


def rules(plan: Plan) -> set[str]:
    return {reason.rule for reason in faults_of_plan(plan, now=NOW)}


def test_a_sound_plan_breaks_no_rule_and_a_bad_one_is_told_all_it_breaks() -> None:
    assert rules(GOOD) == set()
    bad = replace(
        GOOD, agency=None, placement=ID, starts_at=NOW - timedelta(days=1), ends_at=NOW - timedelta(days=2), leads="agency:SC999999"
    )
    assert rules(bad) == {"agency_named", "only_of_a_disruption", "ends_after_it_starts", "not_in_the_past", "lead_is_concerned"}
    assert rules(replace(GOOD, kind=MeetingKind.DISRUPTION)) == {"council_named"}
    assert rules(replace(GOOD, ends_at=GOOD.starts_at + timedelta(days=3))) == {"at_most_two_days"}


def test_a_meeting_is_the_consortiums_and_of_those_it_concerns_and_a_forum_everybodys() -> None:
    assert readers_of(GOOD, ("council:E06000045",)) == ("consortium", "agency:SC012345")
    both = replace(GOOD, council="E06000045")
    assert set(readers_of(both, ())) == {"consortium", "agency:SC012345", "council:E06000045"}
    forum = replace(GOOD, kind=MeetingKind.FORUM, agency=None)
    assert readers_of(forum, ("council:E06000045", "agency:SC012345")) == ("consortium", "council:E06000045", "agency:SC012345")


def test_a_council_plans_what_concerns_it_and_runs_what_it_leads() -> None:
    southampton = Organisation.council("E06000045")
    visit = replace(GOOD, kind=MeetingKind.MONITORING_VISIT, council="E06000045")
    assert may_plan(visit, southampton)
    assert not may_plan(GOOD, southampton)
    assert not may_plan(GOOD, Organisation.agency("SC012345"))
    meeting = Meeting(ID, visit, MeetingState.PLANNED, 1, NOW, "x")
    assert not may_run(meeting, southampton)
    assert may_run(replace(meeting, plan=replace(visit, leads="council:E06000045")), southampton)


def test_a_meeting_is_overdue_when_its_time_is_over_and_an_action_the_day_after_its_day() -> None:
    meeting = Meeting(ID, GOOD, MeetingState.PLANNED, 1, NOW, "x")
    assert not meeting.overdue(GOOD.ends_at)
    assert meeting.overdue(GOOD.ends_at + timedelta(seconds=1))
    assert not replace(meeting, state=MeetingState.HELD).overdue(GOOD.ends_at + timedelta(days=9))
    action = Action(ID, ID, None, None, "consortium", "x", date(2026, 3, 10))
    assert not action.overdue(date(2026, 3, 10))
    assert action.overdue(date(2026, 3, 11))
    assert not replace(action, done_at=NOW).overdue(date(2026, 3, 11))


def test_an_agency_is_overdue_a_meeting_after_twelve_months_and_never_comes_first() -> None:
    held = {"a": date(2025, 3, 10), "b": date(2025, 3, 9), "c": date(2026, 1, 1)}
    found = without_annual_meeting(["a", "b", "c", "d"], held, today=date(2026, 3, 10))
    assert found == [("d", None), ("b", date(2025, 3, 9))]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_before_a_day(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)), st.integers(0, 40))
def test_months_before_never_moves_more_than_asked(day: date, months: int) -> None:
    found = months_before(day, months)
    assert (day.year - found.year) * 12 + day.month - found.month == months
    assert found.day <= day.day
