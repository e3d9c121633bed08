"""The providers service as the kit runs it."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from shared import service
from shared.delivery import Hears
from shared.service import Service
from shared.settings import Settings
from shared.sweeping import Sweep


def _routers() -> tuple[APIRouter, ...]:
    from providers.routes import ROUTERS

    return ROUTERS


def _hears() -> Hears:
    from providers.handlers import HEARS

    return HEARS


def _sweep() -> Sweep:
    from providers.handlers import sweep

    return sweep


SERVICE = Service(
    name="providers",
    title="Hearth: providers",
    description=(
        "The consortium and its agencies, the framework and its lots, tenders from sealed bid to published tiers, carer"
        " households, vacancies and the holds on them. Knows of no child."
    ),
    package="providers",
    fetch_routers=_routers,
    fetch_hears=_hears,
    fetch_sweep=_sweep,
)


def create_app(settings: Settings) -> FastAPI:
    """The application, for a server to run."""
    return service.create_app(SERVICE, settings)
