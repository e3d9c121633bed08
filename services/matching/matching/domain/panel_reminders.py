"""Members of a panel who are late, and when each is reminded: at half-time, an hour before closing, and the chair once it is its turn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from matching.domain.panel import Member, Panel, PanelState, standing

LAST_HOUR = timedelta(hours=1)


class Reminder(StrEnum):
    """What a reminder is about."""

    HALF_TIME = "half_time"
    LAST_HOUR = "last_hour"
    CHAIR_TO_DECIDE = "chair_to_decide"
    """The panel closed without a decision: the chair decides, or gives it more time where nothing but the quorum was missing."""


def reminder_times(panel: Panel) -> tuple[tuple[Reminder, datetime], ...]:
    """When those who have not voted are reminded; no reminder an hour before closing for a panel that sits no longer than that.

    After an extension both are counted anew, from the moment it was given to the new closing time.
    """
    began = panel.extensions[-1].extended_at if panel.extensions else panel.opened_at
    half = (Reminder.HALF_TIME, began + (panel.closes_at - began) / 2)
    last = panel.closes_at - LAST_HOUR
    return (half, (Reminder.LAST_HOUR, last)) if last > half[1] else (half,)


def late_members(panel: Panel, now: datetime) -> tuple[Member, ...]:
    """Who is late at ``now``: from half-time on whoever has not voted; once it is with the chair, the chair."""
    match standing(panel, now).state:
        case PanelState.OPEN:
            return panel.waiting_for if now >= reminder_times(panel)[0][1] else ()
        case PanelState.WITH_CHAIR:
            return (panel.chair,)
        case _:
            return ()


def reminders_due(panel: Panel, now: datetime) -> tuple[tuple[Member, Reminder], ...]:
    """The reminder each late member is due at ``now``: the last one whose time has come, so that nobody gets two at once."""
    return tuple(_due(panel, now))


def _due(panel: Panel, now: datetime) -> Iterable[tuple[Member, Reminder]]:
    late = late_members(panel, now)
    if standing(panel, now).state is PanelState.WITH_CHAIR:
        yield from ((member, Reminder.CHAIR_TO_DECIDE) for member in late)
    elif late:
        which = [reminder for reminder, at in reminder_times(panel) if now >= at][-1]
        yield from ((member, which) for member in late)
