"""The monitoring service, declared."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI

from shared import service
from shared.archive_bodies import LARGER_BODIES
from shared.delivery import Hears
from shared.service import Service
from shared.settings import Settings
from shared.sweeping import Sweep
from shared.tenancy import Databases


def _routers() -> tuple[APIRouter, ...]:
    from monitoring.routes import ROUTERS

    return ROUTERS


def _larger_bodies() -> Mapping[str, int]:
    from monitoring.schemas import past, past_returns

    return {**LARGER_BODIES, **past.LARGER_BODIES, **past_returns.LARGER_BODIES}


def _hears() -> Hears:
    from monitoring.handlers import HEARS

    return HEARS


def _sweep() -> Sweep:
    from monitoring.actions import ledger, recounting, return_chasing
    from monitoring.handlers import watching

    async def sweep(databases: Databases) -> int:
        """Open and chase returns, count again what is due and the savings ledger, then look for what changed."""
        counted = await recounting.sweep(databases) + await ledger.sweep(databases)
        return await return_chasing.sweep(databases) + counted + await watching.sweep(databases)

    return sweep


SERVICE = Service(
    name="monitoring",
    title="Hearth: monitoring",
    description="Figures the consortium steers by, counted from what happened: demand, offers, homes, stability, spend, savings, beds.",
    package="monitoring",
    fetch_routers=_routers,
    fetch_hears=_hears,
    fetch_sweep=_sweep,
    fetch_larger_bodies=_larger_bodies,
)


def create_app(settings: Settings) -> FastAPI:
    """The application of this service."""
    return service.create_app(SERVICE, settings)
