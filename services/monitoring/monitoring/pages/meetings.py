"""Meetings on pages: what is late, what is to come, one meeting with its pack, and the forms that take it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from monitoring.actions.meetings import Overdue, Seen
from monitoring.domain.meeting import TITLES, Action, FindingCode, Meeting, MeetingState, Plan
from monitoring.pages import words
from monitoring.pages.table import Cell, Link, Table, Written
from shared.uk_time import UK

STATES = {MeetingState.PLANNED: "Planned", MeetingState.HELD: "Held", MeetingState.CANCELLED: "Cancelled"}
Rows = list[Sequence[Cell | Link | Written]]


def called(organisation: str, names: Mapping[str, str]) -> str:
    """An organisation as people call it."""
    _, _, code = organisation.partition(":")
    return names.get(code, code) if code else "The consortium"


def with_whom(plan: Plan, names: Mapping[str, str]) -> str:
    """Whom a meeting is with."""
    return ", ".join(names.get(code, code) for code in (plan.agency, plan.council) if code) or "Everybody"


def listed(name: str, caption: str, found: Sequence[Meeting], names: Mapping[str, str]) -> Table:
    """Meetings, one row each."""
    rows: Rows = [
        (
            Link(TITLES[each.plan.kind], f"/pages/meetings/{each.id}"),
            with_whom(each.plan, names),
            each.plan.starts_at,
            each.plan.place,
            each.plan.lead_person,
            STATES[each.state],
            each.pack_made_at,
        )
        for each in found
    ]
    return Table(name, caption, ("Meeting", "With", "When", "Where", "Led by", "State", "Pack made"), rows)


def actions_table(name: str, caption: str, found: Sequence[Action], names: Mapping[str, str]) -> Table:
    """Actions, one row each."""
    rows: Rows = [
        (
            each.words,
            called(each.owner, names),
            each.due_on,
            each.done_at,
            each.done_words or None,
            Link("Its meeting", f"/pages/meetings/{each.meeting}"),
        )
        for each in found
    ]
    return Table(name, caption, ("Action", "Owner", "Due", "Done", "In words", "From"), rows)


def without_annual(found: Sequence[tuple[str, str, date | None]]) -> Table:
    """Agencies without an annual meeting for twelve months."""
    rows: Rows = [(Link(name, f"/pages/agencies/{agency}"), last or "Never") for agency, name, last in found]
    return Table("no-annual-meeting", "Agencies without an annual meeting for twelve months", ("Agency", "Last held"), rows)


def sentence(late: Overdue, to_come: Sequence[Meeting]) -> str:
    """What waits, in a sentence."""
    return (
        f"{words.plural(len(to_come), 'meeting')} to come; {len(late.meetings)} not held although their time is over, "
        f"{words.plural(len(late.actions), 'action')} past their day, "
        f"{words.plural(len(late.without_annual_meeting), 'agency', 'agencies')} without an annual meeting for twelve months."
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """One meeting as its page shows it."""

    title: str
    rows: tuple[tuple[str, str], ...]
    pack: tuple[Table, ...]
    pack_sentence: str
    findings: Table
    actions: Table
    carried: Table
    open_actions: tuple[dict[str, str], ...]
    """Those that may be said to be done: id and words."""
    owners: tuple[dict[str, str], ...]
    codes: tuple[dict[str, str], ...]
    may_run: bool
    planned: bool
    held: bool
    begun: bool


def shown(seen: Seen, names: Mapping[str, str], *, runs: bool, asking: str, acts: bool, now: datetime) -> Shown:
    """One meeting. ``runs``: the reader may change and hold it; ``acts``: may say that actions of their own are done."""
    meeting, plan = seen.meeting, seen.meeting.plan
    rows = [
        ("With", with_whom(plan, names)),
        ("When", f"{words.moment(plan.starts_at)} to {words.moment(plan.ends_at)}"),
        ("Where", plan.place),
        ("Led by", f"{plan.lead_person}, {called(plan.leads, names)}"),
        ("State", STATES[meeting.state]),
    ]
    if meeting.reason:
        rows.append(("Why cancelled", meeting.reason))
    if plan.placement is not None:
        rows.append(("Placement", str(plan.placement)))
    if meeting.attendance:
        rows.append(("Attended", ", ".join(meeting.attendance)))
    findings = [(words.of_code(each.code), each.words, each.found_at) for each in meeting.findings]
    every = (*meeting.actions, *seen.carried)
    mine = [each for each in every if acts and each.done_at is None and (asking == "consortium" or each.owner == asking)]
    concerned = ["consortium", *(f"{kind}:{code}" for kind, code in (("agency", plan.agency), ("council", plan.council)) if code)]
    return Shown(
        f"{TITLES[plan.kind]}: {with_whom(plan, names)}",
        tuple(rows),
        pack_tables(meeting.pack, names) if meeting.pack is not None else (),
        _pack_sentence(meeting),
        Table("findings", "What was found", ("About", "In words", "When"), findings),
        actions_table("actions", "Actions of this meeting", meeting.actions, names),
        actions_table("carried", "Carried into it: actions of earlier meetings that are not done", seen.carried, names),
        tuple(
            {"value": str(each.id), "text": f"{each.words} ({called(each.owner, names)}, due {words.day(each.due_on)})"} for each in mine
        ),
        tuple({"value": each, "text": called(each, names)} for each in concerned),
        tuple({"value": str(code), "text": words.of_code(code)} for code in FindingCode),
        runs,
        meeting.state is MeetingState.PLANNED,
        meeting.state is MeetingState.HELD,
        plan.starts_at <= now,
    )


def pack_tables(pack: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Table, ...]:
    """A pack as it was made."""
    tables = [Table("pack-figures", "Figures", ("Figure", "In words"), [(each["title"], each["words"]) for each in pack["figures"]])]
    if pack["feedback"]:
        said = [(each["title"], each["words"]) for each in pack["feedback"]]
        tables.append(Table("pack-feedback", "Feedback from social workers", ("Figure", "In words"), said))
    alerts: Rows = [(Link(each["words"], f"/pages/alerts/{each['id']}"), words.of_code(each["state"])) for each in pack["alerts"]]
    tables.append(Table("pack-alerts", "Alerts", ("What changed", "State then"), alerts))
    carried = [(each["words"], called(each["owner"], names), date.fromisoformat(each["due_on"])) for each in pack["actions"]]
    tables.append(Table("pack-actions", "Open actions of earlier meetings", ("Action", "Owner", "Due"), carried))
    return tuple(tables)


def _pack_sentence(meeting: Meeting) -> str:
    pack = meeting.pack
    if pack is None or meeting.pack_made_at is None:
        return "No pack has been made yet."
    first, last = date.fromisoformat(pack["from"]), date.fromisoformat(pack["to"])
    return f"Made on {words.moment(meeting.pack_made_at)} from {words.day(first)} to {words.day(last)}; it stays as it was then."


def kinds() -> tuple[dict[str, str], ...]:
    """What may be planned."""
    return tuple({"value": str(kind), "text": title} for kind, title in TITLES.items())


def moment_of(day: date, hour: str) -> datetime:
    """A UK day and hour as a form sends them (``10:30``); ValueError for what is none."""
    return datetime.combine(day, time.fromisoformat(hour), UK)
