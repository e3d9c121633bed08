"""The ground that faults are tried on: every process of Hearth apart, on servers that may be stopped, killed and filled up.

Each service's database is a PostgreSQL of its own, which waits for the disk as a server in use does; the broker is a RabbitMQ. All are
children of the runner on free ports, and end with it. A process can be started again with another setting: a fail point, a clock, or the
address of a proxy in the place of a server, so that the line between the two can be made slow, silent or half open.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from hearth.arrangement import ALSO_RUNS, ROLES, SERVICES
from hearth.processes import start, wait_until_ready
from tests.faults.consortium import written
from tests.journey.deployment import Deployment, deployed
from tests.running.child import work_folder
from tests.running.postgresql import PrivatePostgres, installed_programs
from tests.running.proxy import Proxy, proxy_before
from tests.running.rabbitmq import PrivateBroker

POSTGRES = {"max_connections": "120", "shared_buffers": "64MB", "max_wal_size": "256MB"}
TOLD = {"SWEEP_SECONDS": "5", "CONFIRM_SECONDS": "5", "DELIVERY_ATTEMPTS": "3", "POOL_SIZE": "5"}
"""Shorter patience than in use, so that a scenario is over in half a minute."""
PLUMBING = "SELECT set_config('app.organisation', 'plumbing', false)"
Way = tuple[str, str]
"""A process: its service and its role."""


@dataclass
class Ground:
    """What runs, and the means to break it and make it whole."""

    deployment: Deployment
    servers: Mapping[str, PrivatePostgres]
    broker: PrivateBroker
    altered: set[Way] = field(default_factory=set)
    """Processes that were started with other settings than usual."""
    stopped: set[Way] = field(default_factory=set)
    """Processes that were told to stand still."""
    memory_at_first: dict[Way, float] = field(default_factory=dict)
    """Megabytes each process held when the consortium was loaded."""
    one_at_a_time: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Several faults at once may want the same thing started."""
    down: set[str] = field(default_factory=set)
    """What is stopped: a service's database by the service's name, and ``broker``."""

    def address(self, service: str) -> str:
        """Where a service answers."""
        return self.deployment.where.address(service)

    def metrics_address(self, service: str, role: str) -> str:
        """Where one process answers about itself."""
        return self.deployment.processes[f"{service}-{role}"].address

    def pid(self, service: str, role: str) -> int:
        """The number of a process that runs."""
        return self.deployment.processes[f"{service}-{role}"].process.pid

    def ended(self, service: str, role: str) -> bool:
        """Whether a process runs no longer."""
        return self.deployment.processes[f"{service}-{role}"].process.poll() is not None

    async def restart(self, service: str, role: str, **extra: str) -> None:
        """Kill a process (if it still runs) and start it with these settings beside the usual ones; until it says it is ready."""
        async with self.one_at_a_time[f"{service}-{role}"]:
            self.kill(service, role)
            (self.altered.add if extra else self.altered.discard)((service, role))
            await asyncio.to_thread(self.deployment.restart, service, role, **extra)

    def kill(self, service: str, role: str) -> None:
        """End a process as a crash would; one that stood still as well."""
        self.stopped.discard((service, role))
        if not self.ended(service, role):
            self.deployment.kill(service, role)

    def stand_still(self, service: str, role: str) -> None:
        """SIGSTOP: the process is there, holds all it holds, and does nothing."""
        self.deployment.processes[f"{service}-{role}"].process.send_signal(signal.SIGSTOP)
        self.stopped.add((service, role))

    def go_on(self, service: str, role: str) -> None:
        """SIGCONT."""
        self.deployment.processes[f"{service}-{role}"].process.send_signal(signal.SIGCONT)
        self.stopped.discard((service, role))

    async def ended_by_itself(self, service: str, role: str, within: float = 20.0) -> bool:
        """Whether a process with a fail point came to it within so many seconds."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.ended(service, role):
                return True
            await asyncio.sleep(0.05)
        return False

    async def kill_database(self, service: str) -> None:
        """End a service's PostgreSQL at once."""
        async with self.one_at_a_time[service]:
            self.down.add(service)
            await asyncio.to_thread(self.servers[service].kill)

    async def stop_database(self, service: str) -> None:
        """Stop a service's PostgreSQL in good order."""
        async with self.one_at_a_time[service]:
            self.down.add(service)
            await asyncio.to_thread(self.servers[service].stop)

    async def start_database(self, service: str) -> None:
        """Start it again, with what it kept."""
        async with self.one_at_a_time[service]:
            if service in self.down:
                await asyncio.to_thread(self.servers[service].start)
                self.down.discard(service)

    async def kill_broker(self) -> None:
        """End the broker at once."""
        self.down.add("broker")
        await asyncio.to_thread(self.broker.kill)

    async def stop_broker(self) -> None:
        """Stop the broker in good order."""
        self.down.add("broker")
        await asyncio.to_thread(self.broker.stop)

    async def wipe_broker(self) -> None:
        """Stop the broker and take away all it kept."""
        self.down.add("broker")
        await asyncio.to_thread(self.broker.wipe)

    async def start_broker(self) -> None:
        """Start the broker again, with what it kept."""
        async with self.one_at_a_time["broker"]:
            if "broker" in self.down:
                await asyncio.to_thread(self.broker.start)
                self.down.discard("broker")

    async def heal(self) -> None:
        """Everything runs again, with its usual settings."""
        for service in sorted(self.down - {"broker"}):
            await self.start_database(service)
        if "broker" in self.down:
            await self.start_broker()
        for way in sorted(self.stopped):
            self.go_on(*way)
        fresh = []
        for service, role in EVERY:
            if self.ended(service, role) or (service, role) in self.altered:
                self.kill(service, role)
                fresh.append(self.deployment.start(service, role))
        self.altered.clear()
        await asyncio.to_thread(wait_until_ready, fresh)

    @asynccontextmanager
    async def through_proxy(self, service: str, role: str, what: str, **extra: str) -> AsyncIterator[Proxy]:
        """One process reaches its database or the broker (``what``) through a proxy for as long as the block lasts."""
        name = {"database": "DATABASE_URL", "broker": "BROKER_URL"}[what]
        where = self.deployment.where
        real = where.databases[service].app_url if what == "database" else where.broker_url
        parts = urlsplit(real)
        async with proxy_before("127.0.0.1", parts.port or 0) as proxy:
            place = parts.netloc.rpartition(":")[0] + f":{proxy.port}"
            await self.restart(service, role, **{name: urlunsplit(parts._replace(netloc=place)), **extra})
            yield proxy
            proxy.speak()
            await self.restart(service, role)

    @asynccontextmanager
    async def admin(self, service: str) -> AsyncIterator[Any]:
        """A superuser's connection to a service's database, past row security: for looking at what is there."""
        database = make_url(self.deployment.where.databases[service].app_url).database
        url = make_url(self.servers[service].url).set(database=database).render_as_string(hide_password=False)
        connection = await asyncpg.connect(url, timeout=10)
        try:
            yield connection
        finally:
            await connection.close()

    async def rows(self, service: str, query: str, *values: Any) -> list[Any]:
        """What a superuser reads in a service's database."""
        async with self.admin(service) as connection:
            return list(await connection.fetch(query, *values))

    async def readiness(self, service: str, role: str) -> dict[str, Any]:
        """What a process says of itself; ``{}`` when it does not answer."""
        try:
            async with httpx.AsyncClient(timeout=10) as http:
                found: dict[str, Any] = (await http.get(f"{self.metrics_address(service, role)}/health/ready")).json()
                return found
        except (httpx.HTTPError, json.JSONDecodeError):
            return {}

    async def metrics(self, service: str, role: str) -> dict[str, float]:
        """A process's figures, by name with labels."""
        async with httpx.AsyncClient(timeout=10) as http:
            text = (await http.get(f"{self.metrics_address(service, role)}/metrics")).text
        lines = [line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    def start_second(self, service: str, role: str, **extra: str) -> Any:
        """One more process of the same kind beside the first, which the caller ends."""
        from hearth.arrangement import command, settings
        from tests.running.child import free_port

        told = {**settings(self.deployment.where, service), **self.deployment.extra, "PORT": str(free_port()), **extra}
        return start(f"{service}-{role}-second", command(service, role), told, self.deployment.folder.logs)


EVERY: tuple[Way, ...] = tuple((service, role) for service in SERVICES for role in (*ROLES, *ALSO_RUNS.get(service, ())))


@contextmanager
def prepared(**told: str) -> Iterator[Ground]:
    """A ground with the consortium loaded, for as long as the block lasts."""
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(PrivateBroker)
        servers = dict(zip(SERVICES, pool.map(lambda _: PrivatePostgres(installed_programs(), POSTGRES), SERVICES), strict=True))
        broker = starting.result()
    with deployed({service: server.url for service, server in servers.items()}, broker.url, extra=TOLD | told) as deployment:
        folder = work_folder("consortium", None) / "files"
        try:
            outcome = asyncio.run(deployment.load(written(folder)))
            assert (outcome.faults, outcome.finished) == ([], True), outcome
            yield Ground(deployment, servers, broker)
        finally:
            shutil.rmtree(folder.parent, ignore_errors=True)
