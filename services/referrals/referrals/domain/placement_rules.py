"""What a council sets for its placements: when an agreement is due, the notice it asks for, and what makes it look at a placement.

No source was read for the numbers (common practice), so each is the council's own setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from shared.refusals import Reason


@dataclass(frozen=True)
class PlacementRules:
    """One council's numbers.

    ``agreement_working_days``: the full agreement is due so many working days after the placement's first day.
    ``reminder_working_days``: the reminder comes so many working days before. ``notice_days``: what an agreement says when it says nothing.
    ``missing_episodes`` and ``complaints``: how many within the last ``watch_days`` days make a placement one to be looked at.
    """

    agreement_working_days: int = 5
    reminder_working_days: int = 1
    notice_days: int = 28
    missing_episodes: int = 3
    complaints: int = 2
    watch_days: int = 90


_LIMITS = {
    "agreement_working_days": (1, 30),
    "reminder_working_days": (0, 30),
    "notice_days": (1, 182),
    "missing_episodes": (1, 20),
    "complaints": (1, 20),
    "watch_days": (7, 366),
}


def broken_limits(rules: PlacementRules) -> Iterator[Reason]:
    """Every number outside its limits, and a reminder that would come before the placement began."""
    for each in fields(rules):
        low, high = _LIMITS[each.name]
        if not low <= getattr(rules, each.name) <= high:
            yield Reason(f"placements.{each.name}", "within_limits", f"Give a whole number from {low} to {high}.")
    if rules.reminder_working_days > rules.agreement_working_days:
        words = "Remind at most as many working days before as there are for the agreement."
        yield Reason("placements.reminder_working_days", "reminder_after_start", words)
