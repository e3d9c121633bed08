"""A council on a running service: sharing the database with the others, and with one of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.referrals.council import SOUTHAMPTON, Council
from tests.running.services import RunningService


@pytest.fixture
async def council(running: Callable[..., Awaitable[RunningService]]) -> Council:
    """Southampton, its rows beside the other councils' behind row security; the framework is known."""
    one = Council(await running("referrals"))
    await one.hears_of_the_framework()
    return one


@pytest.fixture(params=["shared database", "own database"])
async def council_either_way(request: pytest.FixtureRequest, running: Callable[..., Awaitable[RunningService]]) -> Council:
    """Southampton both ways: in the shared database, and with a database of its own."""
    own = (SOUTHAMPTON,) if request.param == "own database" else ()
    one = Council(await running("referrals", own=own))
    await one.hears_of_the_framework()
    return one
