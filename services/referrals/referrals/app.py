"""The service, declared once."""

from fastapi import APIRouter, FastAPI

from shared import service
from shared.archive_bodies import LARGER_BODIES
from shared.delivery import Hears
from shared.service import Service
from shared.settings import Settings
from shared.sweeping import Sweep


def _routers() -> tuple[APIRouter, ...]:
    from referrals.routes import ROUTERS

    return ROUTERS


def _hears() -> Hears:
    from referrals.handlers import HEARS

    return HEARS


def _sweep() -> Sweep:
    from referrals.actions.time_passes import sweep

    return sweep


SERVICE = Service(
    name="referrals",
    title="Hearth: referrals",
    description="Children, referrals, what is disclosed to whom, placements.",
    package="referrals",
    fetch_routers=_routers,
    fetch_hears=_hears,
    fetch_sweep=_sweep,
    fetch_larger_bodies=lambda: LARGER_BODIES,
)


def create_app(settings: Settings) -> FastAPI:
    """The application that answers HTTP."""
    return service.create_app(SERVICE, settings)
