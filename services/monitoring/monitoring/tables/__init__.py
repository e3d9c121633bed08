"""The tables of monitoring: reference lists that every organisation reads, and facts written once for each reader."""

from __future__ import annotations

from monitoring.tables.columns import metadata
from monitoring.tables.counted import counted, counted_sums, counted_through, gap_months, gap_referrals, heard, recount_due
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
from monitoring.tables.ledger import (
    awarded_prices,
    baseline_nights,
    ledger_lines,
    ledger_lists,
    ledger_states,
    price_index_values,
    price_indices,
    unit_costs,
)
from monitoring.tables.meetings import calendar_feeds, meeting_actions, meeting_findings, meetings
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
    "awarded_prices",
    "baseline_lists",
    "baseline_nights",
    "baseline_prices",
    "bed_requests",
    "calendar_feeds",
    "chart_limits",
    "councils",
    "counted",
    "counted_sums",
    "counted_through",
    "declines",
    "expectations",
    "gap_months",
    "gap_referrals",
    "heard",
    "ledger_lines",
    "ledger_lists",
    "ledger_states",
    "lots",
    "meeting_actions",
    "meeting_findings",
    "meetings",
    "metadata",
    "notices",
    "offers",
    "page_sessions",
    "past_imports",
    "placement_event_counts",
    "placements",
    "places_counts",
    "price_index_values",
    "price_indices",
    "recount_due",
    "referrals",
    "return_chasers",
    "return_drafts",
    "return_heads",
    "return_settings",
    "return_versions",
    "stability_counts",
    "tier_lists",
    "unit_costs",
    "vacancy_changes",
    "watched",
]
