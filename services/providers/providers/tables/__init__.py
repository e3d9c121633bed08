"""The tables as the store sees them; ``migrations/`` creates them, with their row security."""

from providers.tables.columns import metadata
from providers.tables.consortium import agencies, councils, frameworks, lead_roles, lots
from providers.tables.homes import holds, households, offered_households, place_counts, vacancies
from providers.tables.parked import parked_homes
from providers.tables.register import register_entries
from providers.tables.suspensions import suspensions
from providers.tables.tenders import (
    first_scores,
    moderated_scores,
    opened_answers,
    opened_bids,
    opened_prices,
    published_tiers,
    ranked_lines,
    sealed_answers,
    sealed_bids,
    sealed_prices,
    tender_rounds,
)

__all__ = [
    "agencies",
    "councils",
    "first_scores",
    "frameworks",
    "holds",
    "households",
    "lead_roles",
    "lots",
    "metadata",
    "moderated_scores",
    "offered_households",
    "opened_answers",
    "opened_bids",
    "opened_prices",
    "parked_homes",
    "place_counts",
    "published_tiers",
    "ranked_lines",
    "register_entries",
    "sealed_answers",
    "sealed_bids",
    "sealed_prices",
    "suspensions",
    "tender_rounds",
    "vacancies",
]
