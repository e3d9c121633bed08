"""A meeting's pack: the figures, alerts and open actions of the agency or council it concerns, frozen with the day it was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from monitoring.actions import figures, meetings
from monitoring.actions.meetings import Seen
from monitoring.domain.alert import WHOLE
from monitoring.domain.answer import Answer
from monitoring.domain.catalogue import CATALOGUE
from monitoring.domain.definition import Reader
from monitoring.domain.meeting import Meeting, MeetingKind, MeetingState, months_before
from monitoring.domain.period import Period, month_of
from monitoring.domain.scope import Scope
from monitoring.store import alerts
from shared import clock
from shared.refusals import Reason, conflict
from shared.tenancy import Transaction

FEEDBACK = "feedback"
"""In the name of every KPI that counts what social workers said in returns."""


async def generate(transaction: Transaction, meeting: UUID) -> Seen:
    """Make a meeting's pack of the twelve months that ended; as often as wanted until it is held, then it stays as it was.

    Only figures that everybody the meeting concerns may see are in it. A pack for a meeting that a council leads is counted from the
    council's own records.
    """
    held = await meetings.held_by_those_who_run_it(transaction, meeting)
    if held.state is not MeetingState.PLANNED:
        raise conflict("A pack is made before its meeting is held.", Reason("meeting", "still_planned", "Its pack stays as it was."))
    now, today = clock.now(), clock.today()
    last = month_of(today) - timedelta(days=1)
    scope = Scope(Period(month_of(months_before(last, 11)), last), held.plan.council, held.plan.agency)
    definitions = [each for each in CATALOGUE if readers_of(held) <= each.seen_by and scope.dimensions <= each.divided_by]
    answers = await figures.answers(transaction, definitions, scope)
    whose = f"agency:{scope.agency}" if scope.agency else f"council:{scope.council}" if scope.council else WHOLE
    raised = await alerts.raised_about(transaction, whose, since=scope.period.first)
    pack: dict[str, Any] = {
        "from": scope.period.first.isoformat(),
        "to": scope.period.last.isoformat(),
        "figures": [_figure(each) for each in answers if FEEDBACK not in each.definition.name],
        "feedback": [_figure(each) for each in answers if FEEDBACK in each.definition.name],
        "alerts": [
            {"id": str(each.id), "state": each.state, "since": each.found.first.isoformat(), "words": each.found.words} for each in raised
        ],
        "actions": [
            {"id": str(each.id), "owner": each.owner, "words": each.words, "due_on": each.due_on.isoformat()}
            for each in await meetings.carried_into(transaction, held)
        ],
    }
    return await meetings.put(transaction, replace(held, pack=pack, pack_made_at=now))


def readers_of(meeting: Meeting) -> frozenset[Reader]:
    """The kinds of organisation that a meeting's pack is read by."""
    if meeting.plan.kind is MeetingKind.FORUM:
        return frozenset(Reader)
    found = {Reader.CONSORTIUM}
    if meeting.plan.agency:
        found.add(Reader.AGENCY)
    if meeting.plan.council:
        found.add(Reader.COUNCIL)
    return frozenset(found)


def _figure(answer: Answer) -> dict[str, Any]:
    found = answer.figure
    return {
        "kpi": answer.definition.name,
        "title": answer.definition.title,
        "value": None if found.value is None else str(found.value),
        "unit": str(answer.definition.unit),
        "numerator": None if found.numerator is None else str(found.numerator),
        "denominator": None if found.denominator is None else str(found.denominator),
        "records": found.records,
        "words": answer.words,
    }
