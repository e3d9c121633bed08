"""One scenario while it runs: what a kind of fault works with, and what it writes down."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from shared import transport
from shared.contracts import SERVICES
from tests.faults.asking import Asking
from tests.faults.ground import Ground
from tests.faults.journeys import Journeys


@dataclass
class Scene:
    """The ground, the people at work on it, chance from the seed, and what is found."""

    ground: Ground
    asking: Asking
    journeys: Journeys
    draw: random.Random
    short: bool = False
    found: list[str] = field(default_factory=list)
    """What was not as it must be."""
    observed: list[str] = field(default_factory=list)
    """What was measured, in words."""
    known_dead: dict[str, int] = field(default_factory=dict)
    """Dead letters that were left by scenarios before."""
    dead: dict[str, int] = field(default_factory=dict)
    """How many dead letters are left by intention, by service."""

    def expect(self, holds: bool, words: str) -> None:
        """What the fault must look like from the outside while it lasts."""
        if not holds:
            self.found.append(words)

    def observe(self, words: str) -> None:
        """A figure of this run."""
        self.observed.append(words)

    @property
    def patience(self) -> float:
        """How many times longer than promised a short run waits: it may share its machine, and looks what holds, not how fast."""
        return 6.0 if self.short else 1.0

    async def meanwhile(self, seconds: float) -> None:
        """Let people work for so long; half of it in a short run."""
        await asyncio.sleep(seconds / 2 if self.short else seconds)

    async def until(self, holds: Callable[[], Awaitable[bool]], what: str, within: float) -> float:
        """Wait until something holds, and say if it does not come; the seconds it took."""
        began = time.monotonic()
        within *= self.patience
        while time.monotonic() - began < within:
            if await holds():
                return time.monotonic() - began
            await asyncio.sleep(0.1)
        self.found.append(f"{what} did not come within {within:g} s")
        return time.monotonic() - began

    async def buried(self) -> dict[str, int]:
        """How many dead letters each service has, where it has any."""
        bus = transport.connect(self.ground.broker.url, prefix=self.ground.deployment.extra["QUEUE_PREFIX"], name="faults")
        try:
            counts = {service: (await bus.depth(service)).dead for service in SERVICES}
        finally:
            await bus.close()
        return {service: count for service, count in counts.items() if count}

    async def answers(self, service: str, organisation: str, path: str) -> bool:
        """Whether a service answers one look at once."""
        return (await self.asking.once(service, organisation, "GET", path, None)).done


@dataclass(frozen=True)
class Fault:
    """A kind of fault: how it is done, and what must be seen of it beside the invariants."""

    code: str
    title: str
    injection: str
    expected: str
    run: Callable[[Scene], Awaitable[None]]
    mixes: bool = True
    """Whether it may be one of a mixture."""
    needs: Callable[[], str] = lambda: ""
    """Why this machine cannot have it; empty when it can."""
