"""KPIs counted from what agencies return."""

from __future__ import annotations

COUNTED_FROM_RETURNS = (
    "places_filled_returned",
    "places_vacant_returned",
    "places_not_available",
    "carers_recruited_net",
    "enquiries_assessed",
    "carer_training_complete",
    "carers_per_supervising_social_worker",
    "social_worker_vacancies",
    "endings_per_100_children",
    "unplanned_endings_returned",
    "moves_within_agency",
    "children_placed_returned",
    "education_full_time",
    "school_missed",
    "health_assessments_done",
    "dental_checks_done",
    "missing_per_100_child_weeks",
    "missing_children_per_100",
    "return_interviews_offered",
    "allegations_per_100_child_weeks",
    "complaints_per_100_child_weeks",
    "notifiable_events",
    "restraints_per_100_child_weeks",
    "fee_rise",
    "feedback_answered",
    "feedback_satisfied",
    "placements_unstable",
    "days_unstable",
    "unstable_supported",
    "returns_on_time",
)
"""Their names, which the fields of the forms give as their use."""
