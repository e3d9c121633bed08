"""Every event of Hearth, one class each, and who hears it.

A contract may only grow: ``schemas/`` keeps the JSON Schema of each as released, and a test lets additions pass and
nothing else. A break is a new type (``referral.broadcast.v2``) published beside the old one.
"""

from shared.contracts import matching, monitoring, providers, referrals
from shared.contracts.envelope import CONTENT_TYPE, Contract, Envelope, Event, event_types

SERVICES = ("referrals", "providers", "matching", "monitoring")

HEARD_BY: dict[str, tuple[str, ...]] = {
    "council.recorded": ("referrals", "matching", "monitoring"),
    "agency.recorded": ("referrals", "matching", "monitoring"),
    "lot.recorded": ("referrals", "matching", "monitoring"),
    "tiers.published": ("referrals", "matching", "monitoring"),
    "prices.awarded": ("monitoring",),
    "vacancy.opened": ("matching", "monitoring"),
    "vacancy.changed": ("matching", "monitoring"),
    "vacancy.closed": ("matching", "monitoring"),
    "vacancy.held": ("referrals", "matching", "monitoring"),
    "vacancy.refused": ("referrals", "matching", "monitoring"),
    "vacancy.filled": ("matching", "monitoring"),
    "vacancy.freed": ("matching", "monitoring"),
    "places.counted": ("monitoring",),
    "referral.created": ("monitoring",),
    "referral.sent_in_house": ("matching",),
    "referral.broadcast": ("matching", "monitoring"),
    "referral.amended": ("matching",),
    "referral.withdrawn": ("matching", "monitoring"),
    "in_house_match.taken": ("providers", "matching"),
    "placement.agreed": ("providers", "matching", "monitoring"),
    "placement.started": ("providers", "matching", "monitoring"),
    "placement.ended": ("providers", "matching", "monitoring"),
    "placement.cancelled": ("providers", "matching", "monitoring"),
    "placement.notice_given": ("monitoring",),
    "placement.notice_withdrawn": ("monitoring",),
    "placement_events.counted": ("monitoring",),
    "council_stability.counted": ("monitoring",),
    "council_settings.changed": ("matching",),
    "council_counts.recorded": ("referrals",),
    "offer.made": ("providers", "monitoring"),
    "offer.withdrawn": ("providers", "monitoring"),
    "opportunity.declined": ("monitoring",),
    "offer.shortlisted": ("monitoring",),
    "offer.selected": ("referrals", "providers", "monitoring"),
    "offer.confirmed": ("referrals", "providers", "monitoring"),
    "offer.refused": ("monitoring",),
    "offer.released": ("providers", "monitoring"),
}
"""Which services hear which event: the whole topology, so that a relay can declare every queue before it publishes."""

__all__ = [
    "CONTENT_TYPE",
    "HEARD_BY",
    "SERVICES",
    "Contract",
    "Envelope",
    "Event",
    "event_types",
    "matching",
    "monitoring",
    "providers",
    "referrals",
]
