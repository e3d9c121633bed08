"""HTTP in and out, one file a noun. A route names who may call, opens one transaction, calls one action."""

from fastapi import APIRouter

from referrals.routes import addresses, care, children, distances, in_house, ledger, placements, referrals, returns, settings

ROUTERS: tuple[APIRouter, ...] = (
    settings.router,
    children.router,
    care.router,
    referrals.router,
    in_house.router,
    distances.router,
    placements.router,
    addresses.router,
    returns.router,
    ledger.router,
)
