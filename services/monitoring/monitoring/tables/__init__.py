"""The tables of monitoring: reference lists that every organisation reads, and facts written once for each reader."""

from __future__ import annotations

from monitoring.tables.columns import metadata
from monitoring.tables.facts import (
    agencies,
    baseline_lists,
    baseline_prices,
    bed_requests,
    councils,
    declines,
    expectations,
    lots,
    offers,
    placements,
    places_counts,
    referrals,
    tier_lists,
    vacancy_changes,
)
from monitoring.tables.past import past_imports

__all__ = [
    "agencies",
    "baseline_lists",
    "baseline_prices",
    "bed_requests",
    "councils",
    "declines",
    "expectations",
    "lots",
    "metadata",
    "offers",
    "past_imports",
    "placements",
    "places_counts",
    "referrals",
    "tier_lists",
    "vacancy_changes",
]
