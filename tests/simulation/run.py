"""One seed, one run: people and misfortune together, then quiet, then what must be true."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from tests.simulation import answered, fates, invariants, recounted
from tests.simulation.chance import Chance
from tests.simulation.grounds import ground_of
from tests.simulation.invariants import ALWAYS, AT_REST, Broken
from tests.simulation.loop import ModelledLoop, NothingMoves
from tests.simulation.people import Person, everybody
from tests.simulation.world import World

MOST_STEPS = 60_000
"""A run that needs more has something that goes round in a ring."""
STEPS_TO_FINISH = 12_000
"""Once all is well, so many steps must do for everything to come to rest."""
REST = 0.5
"""How often, in modelled seconds, it is looked whether anything still moves."""


@dataclass(frozen=True)
class Ran:
    """What became of one run."""

    seed: int
    broken: str | None
    steps: int
    parts: tuple[str, ...]
    history: tuple[str, ...]


@contextmanager
def _unswept() -> Iterator[None]:
    """No sweep of Python's own memory during a run: it costs a fifth of the time, and ends things at moments that are not the seed's.

    What the run leaves is swept alone: left to itself Python would go through everything the process ever loaded, run after run.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.collect(0)
            gc.enable()


def run(seed: int, *, liveness: bool = False, tell: bool = False, skip: frozenset[str] = frozenset()) -> Ran:
    """Play one seed. ``liveness``: all heals half way, and everything must end within a bound; else faults go on to the end."""
    with _unswept():  # around all of the run: what it leaves can be swept only when nobody holds it any more
        return _run(seed, liveness, tell, skip)


def _run(seed: int, liveness: bool, tell: bool, skip: frozenset[str]) -> Ran:
    ground = ground_of(seed)
    loop = ModelledLoop()
    world = World(seed, ground, loop, tell=tell, skip=skip)
    broken = None
    with world.installed():
        try:
            loop.run_until_complete(_play(world, liveness))
        except Broken as error:
            broken = str(error)
        except NothingMoves:
            broken = "everything ends: somebody waits, and nothing will ever happen"
        finally:
            _end(world, loop)
    return Ran(seed, broken, world.steps, tuple(world.parts), tuple(world.history or ()))


def _end(world: World, loop: ModelledLoop) -> None:
    for process in world.processes.values():
        process.kill()
    for _ in range(20):
        left = asyncio.all_tasks(loop)
        if not left:
            break
        for task in left:
            task.cancel()
        with suppress(NothingMoves):
            loop.run_until_complete(asyncio.wait(left, timeout=1))
    loop.close()


async def _play(world: World, liveness: bool) -> None:
    world.start()
    people, works = everybody(world)
    faults = Chance(world.seed, "faults").between(0, 14 if world.is_long else 7)
    tasks = [world.loop.create_task(work) for work in (*works, fates.misfortune(world, faults))]
    watching = world.loop.create_task(_watch(world, tasks))
    try:
        done, _ = await asyncio.wait([*tasks, watching], return_when=asyncio.FIRST_EXCEPTION)
        for task in (*tasks, watching):
            if task in done:
                task.result()
    finally:
        watching.cancel()
    await _come_to_rest(world, "after everybody has acted")
    _look_at_rest(world, people)
    if world.monitored:
        await recounted.facts_are_what_a_recomputation_gives(world)
    if liveness:
        await _finish(world, people)


async def _watch(world: World, tasks: list[asyncio.Task[None]]) -> None:
    """Look at what must always be true every so often while people act."""
    seen = -1
    while not all(task.done() for task in tasks):
        if seen != (seen := world.changed()):
            invariants.look(world, ALWAYS)
        if world.steps > MOST_STEPS:
            raise Broken(f"everything ends: {MOST_STEPS} steps and still at it")
        await asyncio.sleep(0.05)


def _look_at_rest(world: World, people: list[Person]) -> None:
    invariants.look(world, ALWAYS)
    invariants.look(world, AT_REST)
    for found in answered.accepted_is_there_and_refused_is_not(world, people):
        raise Broken(f"accepted is there and refused is not: {found}")


async def _come_to_rest(world: World, when: str) -> None:
    if not world.well:
        world.say("fate", "all is well")
        world.heal()
    began = world.steps
    quiet = 0
    while quiet < 3:
        await asyncio.sleep(REST)
        quiet = quiet + 1 if world.is_quiet() else 0
        if world.steps - began > STEPS_TO_FINISH:
            raise Broken(f"everything comes to rest: {STEPS_TO_FINISH} steps {when} it has not")


async def _finish(world: World, people: list[Person]) -> None:
    """Nobody does anything any more; weeks pass, three times forty days at most, and everything that waits for somebody ends."""
    for weeks in range(3):
        world.passed += timedelta(days=40)
        for service in fates.SWEPT:
            await fates.sweep(world, service)
        await _come_to_rest(world, f"{(weeks + 1) * 40} days later")
        if not (open_still := list(_not_ended(world))):
            break
    _look_at_rest(world, people)
    for found in open_still:
        raise Broken(found)


def _not_ended(world: World) -> Iterator[str]:
    for offer in world.databases["matching"].told("offers"):
        if offer["state"] not in invariants.OVER:
            yield f"every offer ends: {offer['offer']} is {offer['state']} months later"
    for hold in world.databases["providers"].told("holds"):
        if hold["state"] == "held":
            yield f"no bed is kept for ever: hold {hold['id']} is still held months later"
