"""What tests run on: real PostgreSQL, a database of its own for each test, and people who sign in."""

from __future__ import annotations

import asyncio
import importlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import asyncpg
import pytest

from hearth.databases import provision
from shared import migrating
from tests.running.postgresql import postgres_url
from tests.running.services import RunningService, SigningKey

T = TypeVar("T")


def in_own_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run asynchronous set-up from a fixture that outlives any one test's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="session")
def admin_url() -> str:
    """The address of a PostgreSQL superuser: POSTGRES_URL, else one found or started here."""
    return postgres_url()


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """The test issuer's key."""
    return SigningKey.new()


@pytest.fixture(scope="session")
def template_of(admin_url: str) -> Iterator[Callable[[str], tuple[str, str, str]]]:
    """Service → (template database, app address, owner address): provisioned and migrated once a session."""
    made: dict[str, tuple[str, str, str]] = {}

    def make(service: str) -> tuple[str, str, str]:
        if service not in made:
            name = f"test_{service}_{secrets.token_hex(4)}"
            addresses = in_own_loop(lambda: provision(admin_url, service, database=name))
            in_own_loop(lambda: migrating.upgrade(addresses.owner_url, service))
            made[service] = (name, addresses.app_url, addresses.owner_url)
        return made[service]

    yield make
    for name, _, _ in made.values():
        in_own_loop(lambda name=name: _admin(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _admin(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def fresh_database(
    admin_url: str, template_of: Callable[[str], tuple[str, str, str]]
) -> AsyncIterator[Callable[[str], Awaitable[tuple[str, str]]]]:
    """Service → (app address, owner address) of a new database with that service's tables, dropped after the test."""
    made: list[str] = []

    async def make(service: str) -> tuple[str, str]:
        template, app_url, owner_url = template_of(service)
        name = f"{template}_{secrets.token_hex(4)}"
        await _admin(
            admin_url,
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{service}_owner"',
            f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
            f'GRANT CONNECT ON DATABASE "{name}" TO "{service}_app"',
        )
        made.append(name)
        return app_url.replace(template, name), owner_url.replace(template, name)

    yield make
    for name in made:
        await _admin(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
async def running(
    fresh_database: Callable[[str], Awaitable[tuple[str, str]]], signing_key: SigningKey
) -> AsyncIterator[Callable[..., Awaitable[RunningService]]]:
    """``await running("referrals")``: the service in this process on a new database; ``own=("E06000045",)``: that council has its own."""
    started: list[RunningService] = []

    async def start(service: str, *, own: tuple[str, ...] = (), **settings: Any) -> RunningService:
        databases = {None: await fresh_database(service)} | {council: await fresh_database(service) for council in own}
        module = importlib.import_module(f"{service}.app")
        one = RunningService.start(module.SERVICE, databases, signing_key, **settings)
        started.append(one)
        return one

    yield start
    for one in started:
        await one.close()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings must not decide a test."""
    for name in ("DATABASE_URL", "BROKER_URL", "ISSUER", "TENANCY_MAP", "HEARTH_FAIL_POINT"):
        monkeypatch.delenv(name, raising=False)
    assert "DATABASE_URL" not in os.environ
