"""Runs scenarios one after the other on one ground, and says what each found."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx

from tests.faults.asking import Asking
from tests.faults.ground import Ground
from tests.faults.invariants import violations
from tests.faults.invariants.evidence import gather
from tests.faults.invariants.promises import settle
from tests.faults.invariants.rest import memory
from tests.faults.journeys import Journeys
from tests.faults.scene import Fault, Scene

Say = Callable[[str], None]
ANSWER_WITHIN = 10.0


@dataclass
class Row:
    """One line of the table."""

    code: str
    title: str
    runs: int = 0
    journeys: int = 0
    writes: int = 0
    unknown: int = 0
    rest_seconds: float = 0.0
    seconds: float = 0.0
    found: list[str] = field(default_factory=list)
    observed: list[str] = field(default_factory=list)
    skipped: str = ""
    seed: int = 0
    short: bool = False


@dataclass
class Runner:
    """The ground, its people, and what is known to be wrong already: each violation is told by the scenario that brought it."""

    ground: Ground
    seed: int
    short: bool
    say: Say
    asking: Asking
    journeys: Journeys
    known: set[str] = field(default_factory=set)
    dead: dict[str, int] = field(default_factory=dict)

    async def run(self, fault: Fault, row: Row, number: int = 1) -> None:
        """One run of a fault: people at work, the fault, healing, rest, invariants."""
        reason = fault.needs()
        if reason:
            row.skipped = reason
            self.say(f"{fault.code} {fault.title}: not run, {reason}")
            return
        await self._scenario(row, f"{fault.code}-{number}", [fault])

    async def mixture(self, faults: Sequence[Fault], row: Row, number: int) -> None:
        """Several faults beginning at moments drawn from the seed, overlapping."""
        await self._scenario(row, f"mixture-{number}", faults)

    async def _scenario(self, row: Row, name: str, faults: Sequence[Fault]) -> None:
        self.say(f"{name}: {' + '.join(fault.title for fault in faults)}")
        began, since = time.monotonic(), len(self.asking.sent)
        row.seed, row.short = self.seed, self.short
        before, faults_before = self.journeys.begun, self.asking.counted["500"]
        draw = random.Random(f"{self.seed}-{name}")
        self.journeys.seed = f"{self.seed}-{name}"
        scenes = [
            Scene(self.ground, self.asking, self.journeys, random.Random(draw.random()), self.short, known_dead=dict(self.dead))
            for _ in faults
        ]
        self.journeys.start()
        try:
            await asyncio.sleep(1.5)
            going = [_after(number * 3 * draw.random(), *each) for number, each in enumerate(zip(faults, scenes, strict=True))]
            for scene, error in zip(scenes, await asyncio.gather(*going, return_exceptions=True), strict=True):
                if error is not None:  # a run goes on with the next kind, and says what came of this one
                    scene.found.append(f"the scenario could not go on: {type(error).__name__} {error}")
        finally:
            await self.ground.heal()
            await self.journeys.finish()
        row.unknown += await settle(self.asking, since)
        for scene in scenes:
            for service, count in scene.dead.items():
                self.dead[service] = self.dead.get(service, 0) + count
        evidence = await gather(self.asking, since, self.dead)
        wrong = [each for each in await violations(evidence) if each not in self.known]
        self.known.update(wrong)
        if faulty := self.asking.counted["500"] - faults_before:  # who cannot answer says 503 and when to come again
            wrong.append(f"{faulty} requests were answered 500")
        row.runs += 1
        row.journeys += self.journeys.begun - before
        row.writes += len(self.asking.sent) - since
        row.rest_seconds = max(row.rest_seconds, evidence.rest_seconds)
        row.seconds += time.monotonic() - began
        row.observed += [each for scene in scenes for each in scene.observed]
        # What one fault must look like while it lasts, another that lasts at the same time may hide.
        row.found += [each for scene in scenes for each in scene.found if len(faults) == 1] + wrong
        self.say(
            f"    {self.journeys.begun - before} journeys, {len(self.asking.sent) - since} writes, at rest after "
            f"{evidence.rest_seconds:.1f} s, {time.monotonic() - began:.0f} s in all; found: {len(row.found)}"
        )
        for each in row.observed:
            self.say(f"    {each}")
        for each in row.found[:12]:
            self.say(f"    ! {each}")


async def _after(seconds: float, fault: Fault, scene: Scene) -> None:
    await asyncio.sleep(seconds)
    await fault.run(scene)


async def with_people(ground: Ground, seed: int, short: bool, say: Say, work: Callable[[Runner], Awaitable[None]]) -> None:
    """Open the agencies' homes and do the work."""
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN, limits=httpx.Limits(max_connections=200)) as http:
        asking = Asking(ground, http, str(seed))
        journeys = Journeys(asking, str(seed))
        await journeys.open_homes()
        ground.memory_at_first = memory(ground)
        await work(Runner(ground, seed, short, say, asking, journeys))
