"""HTTP in and out, one file a noun. A route names who may call, opens one transaction, calls one action."""

from fastapi import APIRouter

from referrals.routes import children, distances, in_house, placements, referrals, settings

ROUTERS: tuple[APIRouter, ...] = (
    settings.router,
    children.router,
    referrals.router,
    in_house.router,
    distances.router,
    placements.router,
)
