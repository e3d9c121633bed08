"""What goes wrong in a run, and time: kills, lost answers, a broker or a database away, messages doubled, hours that pass, sweeps."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import suppress
from datetime import timedelta

import asyncpg

from shared import failures
from shared.contracts import HEARD_BY
from tests.simulation.bus import Copy
from tests.simulation.chance import Chance
from tests.simulation.world import Lost, Moment, Process, World

SWEPT = {"matching": "matching.handlers.time_passes", "providers": "providers.handlers", "referrals": "referrals.actions.time_passes"}
"""Monitoring's sweep counts figures and ends nothing that others wait for; it is tested with the figures."""


async def misfortune(world: World, faults: int) -> None:
    """One fault after the other, each with a name under which it can be left out."""
    for number in range(faults):
        dice = Chance(world.seed, f"fault {number}")
        await asyncio.sleep(dice.dice.random() * dice.pick((0.02, 0.2, 1.0)))
        kind = dice.pick(KINDS)
        if world.well or not world.takes_part(f"fault {number}: {kind}"):
            continue
        await _KINDS[kind](world, dice)


async def _kill(world: World, dice: Chance) -> None:
    living = [process for _, process in sorted(world.processes.items()) if process.alive]
    busy = [process for process in living if process.engine.is_busy]  # in the middle of something, where a kill may hurt
    if not living:
        return
    process = dice.pick(busy or living)
    world.say("fate", f"kills {process.name}")
    process.kill()
    await _start_again(world, dice, process)


async def _start_again(world: World, dice: Chance, process: Process) -> None:
    await asyncio.sleep(dice.latency() * 5)
    if not process.alive:
        world.say("fate", f"starts {process.name} again")
        process.start()


def _somebody(world: World, dice: Chance, role: str) -> Process | None:
    """A living process of a role, one in the middle of something if there is any; None while none lives."""
    living = [process for _, process in sorted(world.processes.items()) if process.alive and process.role == role]
    return dice.pick([one for one in living if one.engine.is_busy] or living) if living else None


async def _kill_at(world: World, dice: Chance) -> None:
    """A kill right before or right after a step that makes something true: what is done by halves is found between two of these."""
    role, step = dice.pick(_TURNING_POINTS)
    process = _somebody(world, dice, role)
    if process is None:
        return
    process.dies_at = moment = Moment(step, before=dice.pick((True, False)))
    with suppress(TimeoutError):
        await asyncio.wait_for(moment.come.wait(), PATIENCE)
        await _start_again(world, dice, process)
    process.dies_at = None


_TURNING_POINTS = (
    ("api", "COMMIT"),
    ("api", "COMMIT"),
    ("consume", "COMMIT"),
    ("consume", "COMMIT"),
    ("consume", "acknowledges"),
    ("relay", "COMMIT"),
    ("relay", "awaits the confirm"),
)
"""Which process's which steps; how a step's words begin."""


_ANSWERS = (("api", "COMMIT"), ("api", "reply"), ("consume", "COMMIT"), ("consume", "acknowledgement"), ("relay", "COMMIT"))
"""Which process's which answers are lost."""


async def _unheard(world: World, dice: Chance) -> None:
    """Something is done and the answer that it is done is lost, and whoever asked lives on and cannot know."""
    role, step = dice.pick(_ANSWERS)
    process = _somebody(world, dice, role)
    if process is None:
        return
    process.unheard = moment = Moment(step)
    with suppress(TimeoutError):
        await asyncio.wait_for(moment.come.wait(), PATIENCE)
    process.unheard = None


async def _double(world: World, dice: Chance) -> None:
    service = dice.pick(sorted(world.broker.queues))
    queue = world.broker.queues[service]
    choices = [copy.message for copy in queue] or [one for one in world.broker.stored[-30:] if service in HEARD_BY[one.type]]
    if choices:
        message = dice.pick(choices)
        world.say("fate", f"hands {service} {message.type} once more")
        queue.append(Copy(message, True))
        world.broker.arrived[service].set()


async def _broker(world: World, dice: Chance) -> None:
    world.say("fate", "stops the broker")
    world.broker.is_up = False
    world.broker.lose_connections()
    await asyncio.sleep(dice.dice.random())
    world.say("fate", "starts the broker")
    world.broker.is_up = True
    for event in world.broker.arrived.values():
        event.set()


async def _connections(world: World, dice: Chance) -> None:
    world.say("fate", "cuts every connection to the broker")
    world.broker.lose_connections()


async def _database(world: World, dice: Chance) -> None:
    service = dice.pick(sorted(world.databases))
    world.say("fate", f"stops the database of {service}")
    world.away.add(service)
    for process in world.processes.values():
        if process.service == service and process.alive:
            process.engine.kill()
    await asyncio.sleep(dice.dice.random() * dice.pick((0.3, 1.0, 40.0)))
    world.say("fate", f"starts the database of {service}")
    world.away.discard(service)


async def _hours(world: World, dice: Chance) -> None:
    hours = dice.pick((1, 3, 26, 24 * 8, 24 * 40))
    world.say("fate", f"lets {hours} hours pass")
    world.passed += timedelta(hours=hours)
    await _sweep(world, dice)


async def _sweep(world: World, dice: Chance) -> None:
    await sweep(world, dice.pick(sorted(SWEPT)))


async def sweep(world: World, service: str) -> None:
    """A service's own sweep, in the process that hears its events."""
    found = importlib.import_module(SWEPT[service]).sweep
    try:
        await world.processes[f"{service} consume"].answer(found)
    except Lost:
        world.say("fate", f"the sweep of {service} died")
    except Exception as error:
        if not failures.is_outage(error) and not isinstance(error, asyncpg.DeadlockDetectedError):
            world.errors.append(f"the sweep of {service} failed: {failures.described(error)}: {error}")


PATIENCE = 1.0
"""How long, in modelled seconds, fate waits for a process to come to the step at which it is to be met."""
KINDS = (
    *("kill", "kill", "kill at", "kill at", "kill at", "unheard", "unheard"),
    *("double", "double", "broker", "connections", "database", "hours", "sweep"),
)
"""What may go wrong, the likelier the oftener named."""
_KINDS = {
    "kill": _kill,
    "kill at": _kill_at,
    "unheard": _unheard,
    "double": _double,
    "broker": _broker,
    "connections": _connections,
    "database": _database,
    "hours": _hours,
    "sweep": _sweep,
}
