"""What tests run on: real PostgreSQL, a database of its own for each test, and people who sign in."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import hypothesis
import pytest

from shared import logs
from tests.running.child import end_all
from tests.running.databases import TestDatabase, TestDatabases
from tests.running.postgresql import postgres_url, wheel_postgres_url
from tests.running.services import RunningService, SigningKey

T = TypeVar("T")


# A law is proven by its examples, not by how busy the machine is while they are made.
hypothesis.settings.register_profile("hearth", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("hearth")
# Unconfigured, structlog prints a long coloured traceback for every fault that a test provokes.
logs.configure("tests", "CRITICAL")
logging.getLogger().handlers[:] = [logging.NullHandler()]


def in_own_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run asynchronous set-up from a fixture that outlives any one test's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked ``both_postgres`` runs on the installed PostgreSQL (15 is the floor) and on the wheel's 18."""
    if "postgres_server" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_postgres"):
        metafunc.parametrize("postgres_server", ["installed", "wheel"], indirect=True, scope="session")


def pytest_sessionfinish() -> None:
    """End the servers the tests started, in each worker, before it is told to exit."""
    end_all()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """Which PostgreSQL a test runs on."""
    return getattr(request, "param", "installed")


@pytest.fixture(scope="session")
def admin_url(postgres_server: str) -> str:
    """The address of a PostgreSQL superuser: POSTGRES_URL, else one found or started here; or the wheel's."""
    return wheel_postgres_url() if postgres_server == "wheel" else postgres_url()


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """The test issuer's key."""
    return SigningKey.new()


@pytest.fixture(scope="session")
def databases_of_tests(admin_url: str) -> Iterator[TestDatabases]:
    """The databases tests use, one after the other: made once, emptied after each test, dropped at the end."""
    databases = TestDatabases(admin_url)
    yield databases
    in_own_loop(databases.drop_all)


@pytest.fixture
async def fresh_database(databases_of_tests: TestDatabases) -> AsyncIterator[Callable[[str], Awaitable[tuple[str, str]]]]:
    """Service → (app address, owner address) of an empty database with that service's tables."""
    taken: list[TestDatabase] = []

    async def make(service: str) -> tuple[str, str]:
        taken.append(await databases_of_tests.take(service))
        return taken[-1].app_url, taken[-1].owner_url

    yield make
    for one in taken:
        await databases_of_tests.give_back(one)


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


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A test that sends logs somewhere must not do so for the tests after it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
