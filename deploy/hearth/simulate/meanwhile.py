"""A past brought in beside something else: quietly while that goes on, and waited for with its progress shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from hearth.progress import step
from hearth.simulate.bringing import RefusedError
from hearth.simulate.plan import Plan
from hearth.simulate.reading import NotReadyError
from hearth.simulate.run import Simulated, simulate
from hearth.tokens import Tokens
from shared import clock

ENDS_BEFORE = timedelta(days=2)
"""So long before today a demonstration's past ends, so that what is counted of today is the story's alone."""


def plan_of_years(years: int, seed: int, scale: float) -> Plan:
    """The past of a demonstration."""
    return Plan(years, seed, clock.today() - ENDS_BEFORE, scale)


@dataclass
class Meanwhile:
    """A past under way."""

    task: asyncio.Task[Simulated]

    async def ready(self) -> Simulated | str:
        """Wait until it is in; why not, in words, when it could not be brought in."""
        with step("The past behind the story, brought in through POST /past"):
            try:
                return await self.task
            except (NotReadyError, RefusedError) as refused:
                return str(refused)
            except httpx.HTTPError as error:
                return f"a service did not answer ({type(error).__name__})"


@asynccontextmanager
async def meanwhile(tokens: Tokens, addresses: Mapping[str, str], plan: Plan) -> AsyncIterator[Meanwhile]:
    """Bring a past in while the block goes on; what the block leaves unfinished of it is given up."""
    async with httpx.AsyncClient(timeout=60) as http:
        task = asyncio.create_task(simulate(http, tokens, addresses, plan, quiet=True))
        try:
            yield Meanwhile(task)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
