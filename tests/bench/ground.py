"""What the measurements stand on: a durable PostgreSQL, RabbitMQ, a signing issuer, and services as processes of their own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import json
import os
import platform
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx
import pika
from sqlalchemy.engine import make_url

from hearth.arrangement import ServiceAddresses
from hearth.databases import provision
from shared import migrating, settings
from shared.contracts import SERVICES
from shared.settings import postcodes_folder
from tests.running.child import apt_install, free_port
from tests.running.postgresql import installed_programs, private_postgres
from tests.running.rabbitmq import rabbitmq_url
from tests.running.services import SigningKey
from tests.shared.test_service_process import issuer_answering

COUNCILS = ("E06000045", "E06000044", "E10000014")
"""Southampton, Portsmouth and Hampshire: the councils that refer here."""


def machine() -> str:
    """The machine in words."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def other_work() -> str:
    """What else the machine is doing, in words; nothing when it is quiet."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load < cores / 4:
        return ""
    return (
        f"**The machine was not quiet**: its load average before the run was {load:.1f} on {cores} cores. One process of Hearth then gets "
        "a smaller share of a core than ten connections of pgbench get together, so its ratios are lower and its times longer than alone."
    )


def additions() -> float:
    """Seconds that two million additions in Python take now: how fast this machine is at the moment, whoever else is on it."""

    def added() -> float:
        began, total = time.perf_counter(), 0
        for number in range(2_000_000):
            total += number
        return time.perf_counter() - began

    return min(added() for _ in range(3))


def speed(taken: Sequence[float]) -> str:
    """What :func:`additions` said between the parts of a run, in words: times of a run are long where it was."""
    shortest, longest = (f"{1000 * each:.0f}" for each in (min(taken), max(taken)))
    how_long = f"{shortest} ms" if shortest == longest else f"{shortest} to {longest} ms"
    return f"Two million additions in Python took {how_long} between the parts of this run; times in milliseconds go with it."


@functools.cache
def durable_postgres() -> str:
    """A private server whose settings are known: it waits for the disk, and remembers when each transaction was committed."""
    if not installed_programs():
        apt_install("postgresql")
    return private_postgres(durable=True)


@dataclass
class Ground:
    """Addresses everything is measured on. ``databases`` are made new for each section and dropped after it."""

    admin_url: str
    amqp_url: str
    issuer: str
    key: SigningKey
    folder: Path
    prefix: str = field(default_factory=lambda: f"bench{secrets.token_hex(3)}")
    databases: dict[str, ServiceAddresses] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    """What runs now."""

    async def prepare(self, *services: str) -> None:
        """A new, migrated database for each service."""
        for service in services:
            await self.database(service)
            await migrating.upgrade(self.databases[service].owner_url, service)
            self.ports[service] = free_port()

    async def database(self, service: str) -> ServiceAddresses:
        """A new database without any tables."""
        self.databases[service] = await provision(self.admin_url, service, database=f"bench_{service}_{secrets.token_hex(3)}")
        return self.databases[service]

    def environment(self, service: str) -> dict[str, str]:
        """The settings of one service's processes."""
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.databases[service].app_url,
            "BROKER_URL": self.amqp_url,
            "QUEUE_PREFIX": self.prefix,
            "ISSUER": self.issuer,
            "PORT": str(self.ports.get(service, 0)),
            "POSTCODES_FOLDER": str(postcodes_folder()),
            "VAULT_KEYS_FILE": str(self.vault_keys()),
            "PROVIDERS_URL": f"http://127.0.0.1:{self.ports.get('providers', 1)}",
            "READS_A_MINUTE": "0",  # three councils ask here for what a hundred would
            "WRITES_A_MINUTE": "0",
        }

    def vault_keys(self) -> Path:
        """A key file as a production server has one, with a key for each of the councils used here."""
        file = self.folder / "vault-keys.json"
        if not file.exists():
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            file.write_text(json.dumps({code: [{"id": "bench", "key": key}] for code in COUNCILS}))
        return file

    def settings(self, service: str) -> settings.Settings:
        """The same for code that runs in this process."""
        return settings.from_environment(self.environment(service))

    @contextlib.asynccontextmanager
    async def running(self, service: str, *roles: str, without_broker: bool = False) -> AsyncIterator[httpx.AsyncClient]:
        """One service process in these roles, ready (or answering while its news is delayed, ``without_broker``); stopped at the end."""
        async with self._begun(service, *roles) as (process, http):
            await process.until_ready(http, "degraded" if without_broker else "ready")
            yield http

    @contextlib.asynccontextmanager
    async def all_running(self, *services: str) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
        """These services as in production: api, consume and relay of each a process of its own; clients of the apis."""
        async with contextlib.AsyncExitStack() as stack:
            begun = {
                (service, role): await stack.enter_async_context(self._begun(service, role))
                for service in services
                for role in ("api", "consume", "relay")
            }
            await asyncio.gather(*(process.until_ready(http) for process, http in begun.values()))
            yield {service: begun[service, "api"][1] for service in services}

    @contextlib.asynccontextmanager
    async def _begun(self, service: str, *roles: str) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
        port = self.ports[service] if "api" in roles else free_port()
        async with (
            self.process(service, *roles, environment=self.environment(service) | {"PORT": str(port)}) as process,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
        ):
            yield process, http

    @contextlib.asynccontextmanager
    async def process(self, module: str, *arguments: str, environment: Mapping[str, str]) -> AsyncIterator[Process]:
        """``python -m module arguments`` in these settings alone; told to stop at the end, and waited for."""
        log = self.folder / f"{module}-{arguments[0]}-{secrets.token_hex(2)}.log"
        with log.open("wb") as out:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *arguments, env=dict(environment), stdout=out, stderr=out
            )
        process = Process(f"{module} {' '.join(arguments)}", child, log)
        self.processes.append(process)
        try:
            yield process
        finally:
            self.processes.remove(process)
            await process.stop()

    def signed_in(self, organisation: str, *roles: str) -> dict[str, str]:
        """Headers of somebody of that organisation."""
        return {"Authorization": f"Bearer {self.key.token(organisation, *roles, iss=self.issuer)}"}

    async def administrator(self, service: str) -> asyncpg.Connection:
        """A connection that row security does not bind: for filling tables, and for reading when a row was committed."""
        name = make_url(self.databases[service].app_url).database
        return await asyncpg.connect(make_url(self.admin_url).set(database=name).render_as_string(hide_password=False))

    def purge_queues(self) -> None:
        """Empty every queue."""
        with _channel(self.amqp_url) as channel:
            for service in SERVICES:
                channel.queue_purge(f"{self.prefix}.{service}")

    async def clear(self) -> None:
        """Leave nothing behind."""
        connection = await asyncpg.connect(self.admin_url)
        for place in self.databases.values():
            await connection.execute(f'DROP DATABASE IF EXISTS "{make_url(place.app_url).database}" WITH (FORCE)')
        await connection.close()
        remove_queues(self.amqp_url, self.prefix)


@dataclass
class Process:
    """A process the bench started."""

    name: str
    child: asyncio.subprocess.Process
    log: Path

    async def until_ready(self, http: httpx.AsyncClient, status: str = "ready") -> None:
        """Until it says so, or that ``status``; RuntimeError with the end of its log when it ends or takes over a minute."""
        for _ in range(1200):
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get("/health/ready")).json().get("status") == status:
                    return
            self.must_be_alive()
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{self.name} does not get ready:\n{self.said()}")

    def memory(self) -> int:
        """Bytes of its own, by the kernel: without the files it maps, libraries and the postcode index, which processes share."""
        self.must_be_alive()
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")))

    def must_be_alive(self) -> None:
        """RuntimeError with the end of its log when it has ended."""
        if self.child.returncode is not None:
            raise RuntimeError(f"{self.name} ended:\n{self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:]

    async def result(self) -> dict[str, Any]:
        """Wait for its end; the last line it printed, which is JSON. RuntimeError when it failed."""
        if await self.child.wait():
            raise RuntimeError(f"{self.name} failed:\n{self.said()}")
        found: dict[str, Any] = json.loads(self.log.read_text().splitlines()[-1])
        return found

    async def stop(self) -> None:
        """Ask it to end and wait."""
        if self.child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.child.send_signal(signal.SIGTERM)
        await self.child.wait()


@contextlib.contextmanager
def _channel(url: str) -> Iterator[Any]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection.channel()
    finally:
        connection.close()


def remove_queues(url: str, prefix: str) -> None:
    """Delete every queue and exchange of a prefix."""
    with _channel(url) as channel:
        for service in SERVICES:
            for queue in (f"{prefix}.{service}", f"{prefix}.{service}.dead"):
                channel.queue_delete(queue)
        for exchange in (prefix, f"{prefix}.dead"):
            channel.exchange_delete(exchange)


async def commit_times(connection: asyncpg.Connection, transactions: Iterable[int]) -> dict[int, float]:
    """When each transaction was committed, by the server's clock, in seconds since 1970."""
    rows = await connection.fetch(
        "SELECT xid, extract(epoch FROM pg_xact_commit_timestamp(xid::text::xid))::float AS at FROM unnest($1::bigint[]) AS xid",
        sorted(set(transactions)),
    )
    return {row["xid"]: row["at"] for row in rows}


@contextlib.asynccontextmanager
async def prepared(*services: str) -> AsyncIterator[Ground]:
    """The ground for one section, with a database for each service named."""
    key = SigningKey.new()
    with issuer_answering(key) as issuer, TemporaryDirectory(prefix="hearth-bench-") as folder:
        ground = Ground(durable_postgres(), rabbitmq_url(), issuer, key, Path(folder))
        try:
            await ground.prepare(*services)
            yield ground
        finally:
            await ground.clear()


async def run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed; RuntimeError with its words when it failed."""
    child = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **(environment or {})}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"{command[0]} failed: {said.decode()[-2000:]}")
    return said.decode()
