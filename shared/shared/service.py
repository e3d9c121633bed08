"""One service, one declaration: its routes, what it hears, and the processes it can run as.

``python -m referrals api`` answers HTTP, ``consume`` hears events, ``relay`` carries its own events out, ``migrate`` brings its
databases to the newest schema. In production each runs alone; on one machine several share a process: ``api consume relay``.
Every process answers ``/health/live``, ``/health/ready`` and ``/metrics`` on its port.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import State
from starlette.middleware.cors import CORSMiddleware

from shared import (
    connections,
    delivery,
    fail_points,
    health,
    logs,
    long_lived,
    problems,
    relay,
    serving,
    sweeping,
    tracing,
    transport,
)
from shared import settings as settings_module
from shared.allowances import Allowance, Allowances
from shared.delivery import Hears
from shared.finding_routes import ByFirstWord, first_words
from shared.room import Room
from shared.serving import RequestContext
from shared.settings import Settings, SettingsMissing
from shared.signin import KeySet, SignIn
from shared.sweeping import Sweep
from shared.tenancy import Databases

ROLES = ("api", "consume", "relay", "migrate")
Carry = Callable[[Databases, Settings, asyncio.Event], Coroutine[Any, Any, None]]
"""What a role of a service's own does until told to stop."""
KEEP_ALIVE_SECONDS = 65
"""Longer than clients and proxies keep an idle connection, or one would send a request just as we close it, and see it fail."""
_NONE_OF_ITS_OWN: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
"""The framework's own telemetry tells addresses, queries and exceptions' messages, and one variable of the environment would switch it on.
What may be told of a request is told by ``shared.tracing`` and ``shared.metrics``."""
_log = logs.logger("shared.service")


@dataclass(frozen=True)
class Service:
    """What makes a service this one and not another.

    What only some roles need is fetched where a process has the role: a relay that had read every route and handler of its service took
    half as much memory again, and twice as long to start.
    """

    name: str
    title: str
    description: str
    package: str
    fetch_routers: Callable[[], tuple[APIRouter, ...]]
    fetch_hears: Callable[[], Hears]
    fetch_sweep: Callable[[], Sweep] | None = None
    """Ends what is past its moment; runs beside ``consume``."""
    fetch_carries: Mapping[str, Callable[[], Carry]] = field(default_factory=dict)
    """Roles this service has besides: name → what runs."""
    version: str = "0.1.0"
    fetch_larger_bodies: Callable[[], Mapping[str, int]] = dict
    """Addresses that take more than MAX_BODY_BYTES, and how many bytes each."""

    @cached_property
    def routers(self) -> tuple[APIRouter, ...]:
        """What it answers."""
        return self.fetch_routers()

    @cached_property
    def larger_bodies(self) -> Mapping[str, int]:
        """Which of its addresses take how many bytes, where it is more than elsewhere."""
        return self.fetch_larger_bodies()

    @cached_property
    def hears(self) -> Hears:
        """What it hears, and what it does then."""
        return self.fetch_hears()

    @cached_property
    def sweep(self) -> Sweep | None:
        """What ends what is past its moment."""
        return self.fetch_sweep() if self.fetch_sweep else None


def create_app(service: Service, settings: Settings, *, databases: Databases | None = None, routes: bool = True) -> FastAPI:
    """The service's application. ``routes=False`` gives only health and metrics, for a process that does not answer people."""
    ours = databases or Databases.from_settings(settings, service=service.name)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if databases is None:
            await ours.close()

    app = FastAPI(
        title=service.title,
        description=service.description,
        version=service.version,
        responses=problems.DECLARED,
        lifespan=lifespan,
        separate_input_output_schemas=False,
        redirect_slashes=False,  # where it would lead was made of the caller's Host: to whatever site that names
        telemetry=_NONE_OF_ITS_OWN,
    )
    furnish(app, settings, ours)
    _include(app, (health.router, *(service.routers if routes else ())))
    problems.install(app)
    app.add_middleware(RequestContext, service=service.name, larger=service.larger_bodies if routes else {})
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=sorted(settings.cors_origins), **serving.FROM_OTHER_ORIGINS)
    return app


def _include(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Take these routers in, in this order, and have their routes found by the first word of their addresses."""
    words = []
    for router in routers:
        before = len(app.router.routes)
        app.include_router(router)
        begins = first_words(router)
        words += [(route, begins) for route in app.router.routes[before:]]
    app.router.middleware_stack = ByFirstWord(app.router, words)


def furnish(app: FastAPI, settings: Settings, databases: Databases) -> None:
    """What the routes find in ``app.state``, and nothing else: all that differs between two applications of one service."""
    app.state = State()
    app.state.databases = databases
    app.state.settings = settings
    app.state.room = Room(settings.requests_at_once, settings.imports_at_once)
    app.state.databases_asked = {}
    app.state.allowances = Allowances(Allowance(settings.reads_a_minute), Allowance(settings.writes_a_minute))
    app.state.signin = SignIn(KeySet(settings.issuer, settings.jwks_url), settings.issuer, settings.audience)


def understand_routes(app: FastAPI) -> None:
    """Let the framework work out every route now, half a second for a service, instead of at the first caller's cost."""
    nowhere = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": [], "query_string": b"", "app": app}
    for route in app.router.routes:
        route.matches(nowhere)


class _Server(uvicorn.Server):
    """uvicorn, told to stop by us: signals belong to the whole process, which finishes what it holds."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


async def run(service: Service, roles: Sequence[str], settings: Settings) -> None:
    """Run these roles in this process until SIGTERM or SIGINT, then finish what is in hand and stop."""
    fail_points.arm(settings.fail_point)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tracing.start(settings, service.name)
    databases = Databases.from_settings(settings, service=service.name)
    app = create_app(service, settings, databases=databases, routes="api" in roles)
    understand_routes(app)
    server = _Server(
        uvicorn.Config(
            app,
            http=connections.bounded(seconds=settings.client_seconds, most_head_bytes=settings.max_head_bytes),
            ws="none",
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=20,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            server_header=False,
        )
    )
    carriers = await _carriers(service, roles, settings, databases, stop, app)
    long_lived.set_aside()
    _log.info("started", service=service.name, roles=list(roles), address=f"{settings.host}:{settings.port}")
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({serving, stopping, *carriers}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        server.should_exit = True
        await asyncio.gather(serving, *carriers)
        for task in done - {stopping}:
            task.result()
    finally:
        stopping.cancel()
        await databases.close()
        await asyncio.to_thread(tracing.stop)
        _log.info("stopped", service=service.name)


async def _carriers(
    service: Service, roles: Sequence[str], settings: Settings, databases: Databases, stop: asyncio.Event, app: FastAPI
) -> list[asyncio.Task[None]]:
    """The tasks that carry events in and out, each on a connection to the broker of its own."""
    tasks: list[asyncio.Task[None]] = []
    app.state.wished = {}
    if "relay" in roles:
        outgoing = _bus(service, settings)
        app.state.wished["broker (out)"] = outgoing.healthy
        tasks.append(asyncio.create_task(relay.run(databases, outgoing, settings, stop)))
    if "consume" in roles:
        incoming = _bus(service, settings)
        app.state.wished["broker (in)"] = incoming.healthy
        tasks.append(asyncio.create_task(delivery.run(service.name, service.hears, databases, incoming, settings, stop)))
        if service.sweep is not None:
            sweeps = sweeping.run(service.name, service.sweep, databases, stop, seconds=settings.sweep_seconds)
            tasks.append(asyncio.create_task(sweeps))
    tasks += [asyncio.create_task(fetch()(databases, settings, stop)) for role, fetch in service.fetch_carries.items() if role in roles]
    return tasks


def _bus(service: Service, settings: Settings) -> transport.Transport:
    return transport.connect(
        settings.broker_url, prefix=settings.queue_prefix, confirm_seconds=settings.confirm_seconds, name=f"hearth {service.name}"
    )


def main(service: Service, arguments: Sequence[str] | None = None) -> None:
    """The command line of one service: ``python -m referrals api consume relay`` or ``… migrate``."""
    parser = argparse.ArgumentParser(prog=f"python -m {service.package}", description=service.description)
    choices = (*ROLES, *service.fetch_carries)
    parser.add_argument("roles", nargs="+", choices=choices, help="what this process does; migrate runs alone, first")
    roles = parser.parse_args(arguments).roles
    try:
        settings = settings_module.from_environment()
        logs.configure(service.name, settings.log_level, once=True)
        if "migrate" in roles:
            from shared import migrating  # Alembic is 6 MB that no process needs which only serves

            asyncio.run(migrating.upgrade_all(settings, service.package))
        rest = [role for role in roles if role != "migrate"]
        if rest:
            _run_on_fast_loop(run(service, rest, settings))
    except SettingsMissing as missing:
        sys.exit(f"{service.name} cannot start: {missing}")


def _run_on_fast_loop(work: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:  # not made for every platform; the standard loop does the same, slower
        asyncio.run(work)
    else:
        uvloop.run(work)
