"""The service matching: its routes and what it hears."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from shared import service
from shared.archive_bodies import LARGER_BODIES
from shared.delivery import Hears
from shared.service import Carry, Service
from shared.settings import Settings
from shared.sweeping import Sweep


def _routers() -> tuple[APIRouter, ...]:
    from matching.routes import ROUTERS

    return ROUTERS


def _hears() -> Hears:
    from matching.handlers import HEARS

    return HEARS


def _sweep() -> Sweep:
    from matching.handlers.time_passes import sweep

    return sweep


def _send() -> Carry:
    from matching.sending import sender

    return sender.run


SERVICE = Service(
    name="matching",
    title="Hearth: matching",
    description="Referrals as providers may see them, offers, ranked options, shortlist, choice and the decision record.",
    package="matching",
    fetch_routers=_routers,
    fetch_hears=_hears,
    fetch_sweep=_sweep,
    fetch_carries={"send": _send},
    fetch_larger_bodies=lambda: LARGER_BODIES,
)


def create_app(settings: Settings) -> FastAPI:
    """The application of one process."""
    return service.create_app(SERVICE, settings)
