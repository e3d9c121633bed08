"""Meetings as calendars read them (RFC 5545): one event a meeting, known by the same id for ever, its sequence growing with each change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icalendar import Calendar, Event

from monitoring.domain.meeting import TITLES, Meeting, MeetingState
from shared.uk_time import UK


def calendar_of(meetings: Sequence[Meeting], names: Mapping[str, str]) -> bytes:
    """The calendar. Times are the United Kingdom's with their time zone described in it; a cancelled meeting stays, as cancelled.

    An event says the kind, whom it is with, where, and who leads; no finding, no placement, no words of anybody.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Hearth//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Hearth meetings")
    for meeting in meetings:
        calendar.add_component(_event(meeting, names))
    if meetings:
        calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _event(meeting: Meeting, names: Mapping[str, str]) -> Event:
    plan = meeting.plan
    whom = ", ".join(names.get(code, code) for code in (plan.agency, plan.council) if code)
    event = Event()
    event.add("uid", f"{meeting.id}@meetings.hearth")
    event.add("sequence", meeting.version - 1)
    event.add("dtstamp", meeting.changed_at)
    event.add("last-modified", meeting.changed_at)
    event.add("summary", f"{TITLES[plan.kind]}: {whom}" if whom else TITLES[plan.kind])
    event.add("dtstart", plan.starts_at.astimezone(UK))
    event.add("dtend", plan.ends_at.astimezone(UK))
    event.add("location", plan.place)
    event.add("status", "CANCELLED" if meeting.state is MeetingState.CANCELLED else "CONFIRMED")
    event.add("description", f"Led by {plan.lead_person}. The pack and the open actions are in Hearth.")
    return event
