"""A late payer of returns: two of the last four returns due came late or not at all. A rule of the framework, and not of chance.

A spell begins with the first late one of such four and lasts as long as the last four due hold two late ones; it is one alert.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.domain.alert import Cause, Found
from monitoring.domain.special_cause import Reading, Way

KPI = "returns_on_time"
LAST, LATE = 4, 2


@dataclass(frozen=True, slots=True)
class DueReturn:
    """One return: the day it was due, and the day it came; None while it has not come."""

    due_on: date
    received_on: date | None

    def late(self, today: date) -> bool:
        """Came after its day, or its day is past and it has not come."""
        return self.received_on > self.due_on if self.received_on is not None else self.due_on < today


def late_payers(agency: str, name: str, returns: Sequence[DueReturn], *, today: date) -> list[Found]:
    """Every spell of late returns of one agency, in the order they began. Returns not yet due are not looked at."""
    due = sorted((each for each in returns if each.due_on < today or each.received_on is not None), key=lambda each: each.due_on)
    found: list[Found] = []
    within = False
    for place, each in enumerate(due):
        last = due[max(0, place + 1 - LAST) : place + 1]
        late = [one.due_on for one in last if one.late(today)]
        if len(late) < LATE:
            within = False
        elif each.late(today) and not within:
            within = True
            found.append(_told(agency, name, late, len(last)))
    return found


def _told(agency: str, name: str, late: Sequence[date], of: int) -> Found:
    words = f"{name}: {len(late)} of the last {of} returns due came late or not at all, since the one due on {late[0].day} {late[0]:%B %Y}."
    figures = {"late": [each.isoformat() for each in late], "of": of}
    return Found(KPI, f"agency:{agency}", Cause.LATE_RETURNS, Way.DOWN, Reading.CONCERN, late[0], late[-1], None, words, figures)
