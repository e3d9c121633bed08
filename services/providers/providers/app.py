"""The providers service as the kit runs it."""

from __future__ import annotations

from fastapi import FastAPI

from providers.handlers import HEARS, sweep
from providers.routes import ROUTERS
from shared import service
from shared.service import Service
from shared.settings import Settings

SERVICE = Service(
    name="providers",
    title="Hearth: providers",
    description=(
        "The consortium and its agencies, the framework and its lots, tenders from sealed bid to published tiers, carer"
        " households, vacancies and the holds on them. Knows of no child."
    ),
    package="providers",
    routers=ROUTERS,
    hears=HEARS,
    sweep=sweep,
)


def create_app(settings: Settings) -> FastAPI:
    """The application, for a server to run."""
    return service.create_app(SERVICE, settings)
