"""The processes of the four services in one thread: their own relays, consumers and requests, over a modelled bus, clock and databases.

A process may be killed between any two steps. What it had not committed is rolled back, what it had not acknowledged is handed out
again, and whoever waits for its answer does not get one.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from unittest import mock
from uuid import UUID

import asyncpg

from shared import clock, delivery, idempotency, pace, relay, tenancy
from shared.contracts import SERVICES
from shared.pace import wait_for_any
from shared.settings import Settings
from tests.simulation.bus import Broker, ModelledTransport
from tests.simulation.chance import Chance
from tests.simulation.founding import BEGINS, Founded, SeededIds
from tests.simulation.postgres.connection import ModelledEngine
from tests.simulation.postgres.rows import Database
from tests.simulation.postgres.schema import schema_of

T = TypeVar("T")

_HERE: contextvars.ContextVar[Process | None] = contextvars.ContextVar("here", default=None)
_NEVER = 10.0**9
_SENT_AT = [column.name for column in schema_of("matching").tables["outbox"].columns].index("sent_at")
SETTINGS = Settings(database_url="postgresql://model.test/", broker_url="amqp://model.test/", issuer="https://model.test", development=True)


class Lost(Exception):
    """No answer came: whether it was done is unknown."""


class World:
    """One run's state."""

    def __init__(
        self, seed: int, founded: Founded, loop: asyncio.AbstractEventLoop, *, tell: bool = False, skip: frozenset[str] = frozenset()
    ) -> None:
        self.seed = seed
        self.founded = founded
        self.loop = loop
        self.skip = skip
        self.steps = 0
        self.history: list[str] | None = [] if tell else None
        self.parts: list[str] = []
        """What was done to it and what people did, each by a name under which it can be left out."""
        self.databases: dict[str, Database] = {name: database.copied(self.now) for name, database in founded.databases.items()}
        self.broker = Broker()
        self.grown = {name: asyncio.Event() for name in SERVICES}
        self.processes: dict[str, Process] = {}
        self.away: set[str] = set()
        """Services whose database does not answer just now."""
        self.passed = timedelta(0)
        self.errors: list[str] = []
        self._ids = SeededIds(seed, self.now)
        self.well = False
        self.is_long = Chance(seed, "length").between(1, 12) == 1
        """Whether people do much and much goes wrong: short runs find most of what long ones find, and sooner."""
        self.monitored = seed % 6 == 0
        """Whether monitoring hears the news: it hears everything and holds up nobody, so a sixth of the runs is enough for it."""
        if not self.monitored:
            del self.broker.queues["monitoring"]
        for name, database in self.databases.items():
            database.told_news = self.grown[name].set

    def now(self) -> datetime:
        """This moment, by the true clock."""
        return BEGINS + timedelta(seconds=self.loop.time()) + self.passed

    def say(self, who: str, words: str) -> None:
        """One line of the history."""
        self.steps += 1
        if self.history is not None:
            self.history.append(f"{self.now():%d %H:%M:%S.%f} {who} {' '.join(words.split())[:230]}")

    def takes_part(self, part: str) -> bool:
        """Whether this part of the run is played; it is left out while a failing run is made shorter."""
        self.parts.append(part)
        return part not in self.skip

    def start(self) -> None:
        """Every process of every service."""
        dice = Chance(self.seed, "how many")
        for service in SERVICES:
            for role in ("api", "relay", "consume"):
                if service == "monitoring" and role != "api" and not self.monitored:
                    continue
                twice = role != "api" and dice.between(1, 2) == 1
                for number in range(2 if twice else 1):
                    process = Process(self, service, role, number)
                    self.processes[process.name] = process
                    process.start()

    def heal(self) -> None:
        """From now on nothing goes wrong by chance, and everything that was away comes back."""
        self.well = True
        self.broker.is_up = True
        self.away.clear()
        for process in self.processes.values():
            process.chance.fair = True
            if not process.alive:
                process.start()
        for event in (*self.broker.arrived.values(), *self.grown.values()):
            event.set()

    def unsent(self, service: str) -> bool:
        """Whether the service has said something that is not on the bus yet."""
        return any(row[_SENT_AT] is None for row in self.databases[service].tables["outbox"].rows.values())

    def to_carry(self, service: str) -> bool:
        """Whether some of that is in no relay's hands."""
        outbox = self.databases[service].tables["outbox"]
        return any(row[_SENT_AT] is None and number not in outbox.holders for number, row in outbox.rows.items())

    def republished(self, vacancy: UUID) -> bool:
        """Whether its provider said anything about the vacancy since the run began."""
        before = self.founded.said
        return any(
            row["id"] not in before
            and row["type"] in ("vacancy.changed", "vacancy.opened", "vacancy.closed")
            and str(vacancy) in row["envelope"]
            for row in self.databases["providers"].told("outbox")
        )

    def changed(self) -> int:
        """Grows with every commit anywhere."""
        return sum(database.commits for database in self.databases.values()) + len(self.errors)

    def is_quiet(self) -> bool:
        """Nothing is on its way, and no transaction is open."""
        return (
            not self.broker.waiting()
            and not any(self.unsent(service) for service in SERVICES)
            and not any(database.open for database in self.databases.values())
        )

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The modelled clock, ids and patience in place of the real ones, for the product's own modules."""
        loop = self.loop

        class MonotonicClock:
            @staticmethod
            def monotonic() -> float:
                return loop.time()

        with (
            mock.patch.object(clock, "now", self._skewed),
            mock.patch.object(idempotency, "secrets", ProcessDice),
            self._ids.installed(),
            mock.patch.object(pace, "time", MonotonicClock),
            mock.patch.object(relay, "Pace", PatientPace),
            mock.patch.object(relay, "GAUGE_SECONDS", _NEVER),
            mock.patch.object(delivery, "DEPTH_SECONDS", _NEVER),
        ):
            yield

    def _skewed(self) -> datetime:
        here = _HERE.get()
        return self.now() + (here.skew if here is not None else timedelta(0))


@dataclass
class Moment:
    """A step of one process at which something is to go wrong, and whether it has."""

    step: str
    """How the step's words begin."""
    before: bool = False
    """Whether the process dies before the step is done, so that only what went before it is."""
    come: asyncio.Event = field(default_factory=asyncio.Event)


class Process:
    """One operating system process of one service."""

    def __init__(self, world: World, service: str, role: str, number: int) -> None:
        self.world = world
        self.service = service
        self.role = role
        self.name = f"{service} {role}" + (f" {number + 1}" if number else "")
        self.lives = 0
        self.alive = False
        self.stop = asyncio.Event()
        self.tasks: dict[asyncio.Task[Any], None] = {}
        """In the order in which they began, which is the order in which a kill ends them; a set's order is another in every process."""
        self.dies_at: Moment | None = None
        self.unheard: Moment | None = None
        """Whose answer is lost: it is done, and the process lives on and does not hear that it is."""
        dice = Chance(world.seed, f"skew of {self.name}")
        self.skew = timedelta(seconds=dice.between(-90, 90)) if dice.between(1, 4) == 1 else timedelta(0)

    def start(self) -> None:
        """From nothing: a new connection to everything."""
        self.lives += 1
        self.alive = True
        self.chance = Chance(self.world.seed, f"{self.name}, life {self.lives}", fair=self.world.well)
        self.stop = asyncio.Event()
        engine: Any = OfProcess(self.world.databases[self.service], self.turn, [])
        engine.process = self
        self.engine = engine
        self.databases = tenancy.Databases(engine, source=f"/{self.service}")
        self.transport = ModelledTransport(self.world.broker, self.chance, self.turn, self.is_not_heard)
        if self.role == "relay":
            self.spawn(relay.run(self.databases, self.transport, SETTINGS, self.stop, batch=20))
        elif self.role == "consume":
            hears = importlib.import_module(f"{self.service}.handlers").HEARS
            self.spawn(delivery.run(self.service, hears, self.databases, self.transport, SETTINGS, self.stop))

    def kill(self) -> None:
        """SIGKILL: nothing of it happens any more."""
        self.alive = False
        self.engine.kill()
        self.transport.kill()
        for task in list(self.tasks):
            task.cancel()

    async def turn(self, words: str) -> None:
        """One step: told, and some time passes before it happens."""
        self.world.say(self.name, words)
        await asyncio.sleep(self.chance.latency())
        moment = self.dies_at
        if moment is not None and words.startswith(moment.step):
            self.dies_at = None
            if moment.before:
                self._die_at(moment)
                await asyncio.sleep(0)  # where this task's own end meets it
            else:
                self.world.loop.call_soon(self._die_at, moment)

    def _die_at(self, moment: Moment) -> None:
        self.world.say("fate", f"kills {self.name} right {'before' if moment.before else 'after'} it {moment.step}")
        self.kill()
        moment.come.set()

    def is_not_heard(self, step: str) -> bool:
        """Whether the answer to a step that is done is lost on its way."""
        moment = self.unheard
        if moment is None or moment.step != step:
            return False
        self.unheard = None
        self.world.say("fate", f"loses the answer to {self.name}'s {step}")
        moment.come.set()
        return True

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Something that this process does; it knows its own clock."""
        context = contextvars.copy_context()
        context.run(_HERE.set, self)
        task = self.world.loop.create_task(self._watched(work), context=context)
        self.tasks[task] = None
        task.add_done_callback(self.tasks.pop)
        return task

    async def _watched(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except Exception as error:
            # A sweep that closed a ring of locks with a batch of news is tried again at its next turn, as the batch is event by event.
            if self.alive and self.role != "api" and not isinstance(error, asyncpg.DeadlockDetectedError):
                self.world.errors.append(f"{self.name} ended: {error!r}")
            raise

    async def answer(self, work: Callable[[tenancy.Databases], Coroutine[Any, Any, T]]) -> T:
        """One request; Lost when the process is down or dies over it."""
        if not self.alive:
            raise Lost
        life = self.lives
        task = self.spawn(work(self.databases))
        await asyncio.wait([task])
        if task.cancelled() or not self.alive or self.lives != life:
            raise Lost
        told = task.result()
        if self.is_not_heard("reply"):
            raise Lost
        return told


class OfProcess(ModelledEngine):
    """A process's pool: connecting fails while its database is away."""

    process: Process
    gone = False

    def kill(self) -> None:
        """See ModelledEngine."""
        super().kill()
        self.gone = self.gone or not self.process.alive

    async def connect(self) -> Any:
        """See ModelledEngine. What a killed process had begun beside its main work ends here: the dead do not connect again."""
        if self.gone:
            raise asyncio.CancelledError
        if self.process.service in self.process.world.away:
            await self.process.turn("finds its database away")
            raise ConnectionRefusedError("the modelled database is away")
        return await super().connect()

    def is_not_heard(self, step: str) -> bool:
        """See ModelledEngine."""
        return self.process.is_not_heard(step)


class ProcessDice:
    """In place of the system's own chance, by which one request in some clears old keys away: the dice of the process that asks."""

    @staticmethod
    def randbelow(limit: int) -> int:
        """See ``secrets``."""
        here = _HERE.get()
        assert here is not None
        return here.chance.dice.randrange(limit)


class PatientPace:
    """In place of looking every few milliseconds: looks when something was recorded, which is when a look would find it."""

    def worked(self) -> None:
        """There was something to do."""

    async def wait(self, *events: asyncio.Event) -> None:
        """Until there is something to carry that no other relay has in hand; what that one cannot carry it tries again itself."""
        here = _HERE.get()
        assert here is not None
        grown = here.world.grown[here.service]
        await asyncio.sleep(here.chance.latency())
        while not here.world.to_carry(here.service) and not any(event.is_set() for event in events):
            grown.clear()
            await wait_for_any(grown, *events, seconds=_NEVER)
            await asyncio.sleep(here.chance.latency())
