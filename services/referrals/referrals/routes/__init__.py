"""HTTP in and out, one file a noun. A route names who may call, opens one transaction, calls one action."""

from fastapi import APIRouter

from referrals.routes import (
    addresses,
    agreements,
    agreements_due,
    archive,
    care,
    children,
    corrections,
    counts,
    decision_record,
    distances,
    erasure,
    in_house,
    ledger,
    placement_events,
    placements,
    referrals,
    returns,
    reviews_due,
    settings,
    stability_counts,
    watch,
    words,
)

ROUTERS: tuple[APIRouter, ...] = (
    settings.router,
    erasure.router,  # before the children: one of its addresses looks like a child's
    children.router,
    care.router,
    corrections.router,
    reviews_due.router,
    referrals.router,
    words.router,
    decision_record.router,
    in_house.router,
    distances.router,
    agreements_due.router,  # this and the next before the placements, whose {placement} would take their names for ids
    watch.router,
    placements.router,
    placement_events.router,
    agreements.router,
    addresses.router,
    returns.router,
    ledger.router,
    counts.router,
    stability_counts.router,
    archive.router,
)
