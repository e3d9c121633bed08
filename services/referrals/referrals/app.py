"""The service, declared once."""

from fastapi import FastAPI

from referrals.actions.time_passes import sweep
from referrals.handlers import HEARS
from referrals.routes import ROUTERS
from shared import service
from shared.archive_bodies import LARGER_BODIES
from shared.service import Service
from shared.settings import Settings

SERVICE = Service(
    name="referrals",
    title="Hearth referrals",
    description="Children, referrals, what is disclosed to whom, placements.",
    package="referrals",
    routers=ROUTERS,
    hears=HEARS,
    sweep=sweep,
    larger_bodies=LARGER_BODIES,
)


def create_app(settings: Settings) -> FastAPI:
    """The application that answers HTTP."""
    return service.create_app(SERVICE, settings)
