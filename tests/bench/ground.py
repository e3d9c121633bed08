"""What the measurements stand on: a durable PostgreSQL, RabbitMQ, a signing issuer, and services as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from hearth.arrangement import ServiceAddresses
from hearth.databases import provision
from shared import migrating
from shared.settings import postcodes_folder
from tests.running.child import free_port
from tests.running.postgresql import private_postgres
from tests.running.rabbitmq import rabbitmq_url
from tests.running.services import SigningKey
from tests.shared.test_service_process import issuer_answering


def machine() -> str:
    """The machine in words."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


@dataclass
class Ground:
    """Addresses everything is measured on. ``databases`` are made new for each run and dropped after it."""

    admin_url: str
    amqp_url: str
    issuer: str
    key: SigningKey
    prefix: str = field(default_factory=lambda: f"bench{secrets.token_hex(3)}")
    databases: dict[str, ServiceAddresses] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    children: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def prepare(self, *services: str) -> None:
        """A new, migrated database for each service."""
        for service in services:
            self.databases[service] = await provision(self.admin_url, service, database=f"bench_{service}_{secrets.token_hex(3)}")
            await migrating.upgrade(self.databases[service].owner_url, service)
            self.ports[service] = free_port()

    def environment(self, service: str) -> dict[str, str]:
        """The settings of one service's processes."""
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.databases[service].app_url,
            "BROKER_URL": self.amqp_url,
            "QUEUE_PREFIX": self.prefix,
            "ISSUER": self.issuer,
            "PORT": str(self.ports[service]),
            "POSTCODES_FOLDER": str(postcodes_folder()),
            "HEARTH_DEVELOPMENT": "1",
            "LOG_LEVEL": "WARNING",
            "PROVIDERS_URL": f"http://127.0.0.1:{self.ports.get('providers', 1)}",
        }

    @contextlib.asynccontextmanager
    async def running(self, service: str, *roles: str) -> AsyncIterator[httpx.AsyncClient]:
        """One service process in these roles, ready; stopped at the end."""
        log = Path(mkdtemp(prefix="hearth-bench-")) / f"{service}.log"
        port = self.ports[service] if "api" in roles else free_port()
        with log.open("wb") as out:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", service, *roles, env=self.environment(service) | {"PORT": str(port)}, stdout=out, stderr=out
            )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
                for _ in range(600):
                    with contextlib.suppress(httpx.HTTPError):
                        if (await http.get("/health/ready")).json().get("status") == "ready":
                            break
                    if child.returncode is not None:
                        raise RuntimeError(f"{service} ended: {log.read_text()[-2000:]}")
                    await asyncio.sleep(0.05)
                yield http
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
            await child.wait()

    def signed_in(self, organisation: str, *roles: str) -> dict[str, str]:
        """Headers of somebody of that organisation."""
        return {"Authorization": f"Bearer {self.key.token(organisation, *roles, iss=self.issuer)}"}

    async def administrator(self, service: str) -> asyncpg.Connection:
        """A connection that row security does not bind, for counting what has arrived."""
        name = make_url(self.databases[service].app_url).database
        return await asyncpg.connect(make_url(self.admin_url).set(database=name).render_as_string(hide_password=False))

    async def drop(self) -> None:
        """Leave nothing behind."""
        connection = await asyncpg.connect(self.admin_url)
        for place in self.databases.values():
            await connection.execute(f'DROP DATABASE IF EXISTS "{make_url(place.app_url).database}" WITH (FORCE)')
        await connection.close()


@contextlib.asynccontextmanager
async def prepared(*services: str) -> AsyncIterator[Ground]:
    """The ground for one measurement, with a database for each service named."""
    key = SigningKey.new()
    with issuer_answering(key) as issuer:
        ground = Ground(os.environ.get("POSTGRES_URL") or private_postgres(durable=True), rabbitmq_url(), issuer, key)
        try:
            await ground.prepare(*services)
            yield ground
        finally:
            await ground.drop()


async def run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed; RuntimeError with its words when it failed."""
    child = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **(environment or {})}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"{command[0]} failed: {said.decode()[-2000:]}")
    return said.decode()
