"""The monitoring service, declared."""

from __future__ import annotations

from fastapi import FastAPI

from monitoring.actions import ledger, recounting, return_chasing
from monitoring.handlers import HEARS, watching
from monitoring.routes import ROUTERS
from monitoring.schemas import past, past_returns
from shared import service
from shared.archive_bodies import LARGER_BODIES
from shared.service import Service
from shared.settings import Settings
from shared.tenancy import Databases


async def sweep(databases: Databases) -> int:
    """Open and chase returns, count again what is due and the savings ledger, then look for what changed."""
    counted = await recounting.sweep(databases) + await ledger.sweep(databases)
    return await return_chasing.sweep(databases) + counted + await watching.sweep(databases)


SERVICE = Service(
    name="monitoring",
    title="Hearth monitoring",
    description="Figures the consortium steers by, counted from what happened: demand, offers, homes, stability, spend, savings, beds.",
    package="monitoring",
    routers=ROUTERS,
    hears=HEARS,
    sweep=sweep,
    larger_bodies={**LARGER_BODIES, **past.LARGER_BODIES, **past_returns.LARGER_BODIES},
)


def create_app(settings: Settings) -> FastAPI:
    """The application of this service."""
    return service.create_app(SERVICE, settings)
