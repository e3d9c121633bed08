"""The service matching: its routes and what it hears."""

from __future__ import annotations

from fastapi import FastAPI

from matching.handlers import HEARS
from matching.handlers.time_passes import sweep
from matching.routes import ROUTERS
from matching.sending import sender
from shared import service
from shared.archive_bodies import LARGER_BODIES
from shared.service import Service
from shared.settings import Settings

SERVICE = Service(
    name="matching",
    title="Hearth: matching",
    description="Referrals as providers may see them, offers, ranked options, shortlist, choice and the decision record.",
    package="matching",
    routers=ROUTERS,
    hears=HEARS,
    sweep=sweep,
    carries={"send": sender.run},
    larger_bodies=LARGER_BODIES,
)


def create_app(settings: Settings) -> FastAPI:
    """The application of one process."""
    return service.create_app(SERVICE, settings)
