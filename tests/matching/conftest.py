"""The scene every test of matching over HTTP begins with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from matching.handlers.time_passes import sweep
from shared import clock
from tests.matching.scene import Scene
from tests.running.services import RunningService


@pytest.fixture
async def scene(running: Callable[..., Awaitable[RunningService]]) -> Scene:
    """Matching on a database of its own, having heard the consortium's register."""
    return await Scene.set(await running("matching"))


@dataclass
class Time:
    """The clock of one scene: it stands still until it is moved on."""

    scene: Scene
    monkeypatch: pytest.MonkeyPatch
    now: datetime

    def at(self, moment: datetime) -> None:
        """It is this moment."""
        self.now = moment
        self.monkeypatch.setattr(clock, "now", lambda: moment)

    def passes(self, **spans: float) -> None:
        """So much time has passed."""
        self.at(self.now + timedelta(**spans))

    async def sweep(self) -> int:
        """What the process does every few seconds."""
        return await sweep(self.scene.service.databases)


@pytest.fixture
async def time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Time:
    """Moves the clock; tokens are dated by the real one and last longer than any test moves it."""
    real = clock.now()
    scene.claims = {"iat": real, "exp": real + timedelta(days=400)}
    moved = Time(scene, monkeypatch, real)
    moved.at(real)
    return moved
