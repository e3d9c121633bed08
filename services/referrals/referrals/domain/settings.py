"""What a council sets for itself: deadlines, miles beyond which a placement needs approval, weights of fit, retention, placements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from referrals.domain.deadlines import DeadlineRules
from referrals.domain.placement_rules import PlacementRules, broken_limits
from shared.refusals import Reason

DEFAULT_WEIGHTS: Mapping[str, Decimal] = {
    "distance": Decimal(15),
    "school": Decimal(10),
    "contact": Decimal(5),
    "siblings": Decimal(20),
    "language": Decimal(10),
    "culture": Decimal(5),
    "religion": Decimal(5),
    "skills": Decimal(15),
    "other_children": Decimal(10),
    "carer_preferences": Decimal(5),
}
"""What counts until a council sets its own; ``matching`` judges by the same, and a test holds the two together."""

FIT = tuple(DEFAULT_WEIGHTS)
"""The parts of fit that a council weighs against each other."""

_HUNDRED = Decimal(100)

_LIMITS = {
    "deadlines.emergency_hours": (1, 24, "whole hours from 1 to 24"),
    "deadlines.same_day_hours": (1, 24, "whole hours from 1 to 24"),
    "deadlines.planned_working_days": (1, 20, "whole working days from 1 to 20"),
    "deadlines.long_term_working_days": (1, 60, "whole working days from 1 to 60"),
    "deadlines.cut_off_hour": (8, 20, "a full hour from 8 to 20, UK time"),
    "approval_miles": (1, 200, "whole miles from 1 to 200"),
    "retention_years": (1, 100, "whole years from 1 to 100"),
    "small_cell_threshold": (0, 1000, "a whole number of children from 0, which never asks, to 1000"),
}


@dataclass(frozen=True)
class CouncilSettings:
    """One council's settings. Defaults hold until its administrator changes them."""

    deadlines: DeadlineRules = field(default_factory=DeadlineRules)
    approval_miles: int = 20
    weights: Mapping[str, Decimal] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    retention_years: int = 75
    placements: PlacementRules = field(default_factory=PlacementRules)
    small_cell_threshold: int = 10
    """Where fewer children share what a referral shows, the officer is shown so before it is sent, and what blur would help most."""
    small_cell_reason_owed: bool = False
    """Whether a referral below the threshold is held until an officer blurs it or says by a coded reason why it is sent as it is."""


def broken_rules(settings: CouncilSettings) -> tuple[Reason, ...]:
    """Every rule the settings break, each with its field: numbers within their limits, the ten weights 0 to 100 and adding up to 100."""
    rules = settings.deadlines
    values = {
        "deadlines.emergency_hours": rules.emergency_hours,
        "deadlines.same_day_hours": rules.same_day_hours,
        "deadlines.planned_working_days": rules.planned_working_days,
        "deadlines.long_term_working_days": rules.long_term_working_days,
        "deadlines.cut_off_hour": rules.cut_off_hour,
        "approval_miles": settings.approval_miles,
        "retention_years": settings.retention_years,
        "small_cell_threshold": settings.small_cell_threshold,
    }
    found = [
        Reason(name, "within_limits", f"Give {_LIMITS[name][2]}.")
        for name, value in values.items()
        if not _LIMITS[name][0] <= value <= _LIMITS[name][1]
    ]
    found += broken_limits(settings.placements)
    if rules.same_day_hours < rules.emergency_hours:
        found.append(Reason("deadlines.same_day_hours", "emergency_first", "A same-day referral cannot close sooner than an emergency."))
    if set(settings.weights) != set(FIT):
        found.append(Reason("weights", "all_parts_of_fit", f"Give a weight for each of {', '.join(FIT)}, and no other."))
    found += [
        Reason(f"weights.{name}", "within_limits", "Give a weight from 0 to 100.")
        for name, weight in settings.weights.items()
        if name in FIT and not 0 <= weight <= _HUNDRED
    ]
    if sum(settings.weights.values()) != _HUNDRED:
        found.append(Reason("weights", "add_up_to_100", "The weights must add up to 100."))
    return tuple(found)
