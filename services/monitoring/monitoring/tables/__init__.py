"""The tables of monitoring: reference lists that every organisation reads, and facts written once for each reader."""

from __future__ import annotations

from monitoring.tables.columns import metadata
from monitoring.tables.counted import counted, counted_through, heard, recount_due
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
from monitoring.tables.page_sessions import page_sessions
from monitoring.tables.past import past_imports
from monitoring.tables.returns import return_chasers, return_drafts, return_heads, return_settings, return_versions
from monitoring.tables.told_of_placements import notices, placement_event_counts, stability_counts
from monitoring.tables.trends import agency_ratings, alert_steps, alerts, chart_limits, watched

__all__ = [
    "agencies",
    "agency_ratings",
    "alert_steps",
    "alerts",
    "baseline_lists",
    "baseline_prices",
    "bed_requests",
    "chart_limits",
    "councils",
    "counted",
    "counted_through",
    "declines",
    "expectations",
    "heard",
    "lots",
    "metadata",
    "notices",
    "offers",
    "page_sessions",
    "past_imports",
    "placement_event_counts",
    "placements",
    "places_counts",
    "recount_due",
    "referrals",
    "return_chasers",
    "return_drafts",
    "return_heads",
    "return_settings",
    "return_versions",
    "stability_counts",
    "tier_lists",
    "vacancy_changes",
    "watched",
]
