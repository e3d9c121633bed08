"""The scene every test of matching over HTTP begins with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.matching.scene import Scene
from tests.running.services import RunningService


@pytest.fixture
async def scene(running: Callable[..., Awaitable[RunningService]]) -> Scene:
    """Matching on a database of its own, having heard the consortium's register."""
    return await Scene.set(await running("matching"))
