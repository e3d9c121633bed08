"""Hearth as in production, in small: every role of every service a process of its own, on RabbitMQ, which may be killed at will."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hearth import databases
from hearth.arrangement import SERVICES, Surroundings, roles_of
from hearth.data_folder import DataFolder
from hearth.issuer import Keys
from hearth.load import run as loading
from hearth.processes import APART, ProcessEndedError, Started, migrate_apart, start_roles, stop, wait_until_ready
from hearth.serving import PortTakenError, issuer_running, require_free
from hearth.story import Telling, Told, tell
from hearth.story.account import Account
from hearth.tokens import Tokens
from shared.settings import postcodes_folder
from tests.running.child import work_folder

EXAMPLE = Path(__file__).parent / "small"


def free_port_base() -> int:
    """The first of a run of ports that nothing listens on: the issuer's, and up to four for each service."""
    for base in range(21_000 + secrets.randbelow(200) * 40, 32_000, 40):
        try:
            require_free(range(base, base + APART * 4))
        except PortTakenError:
            continue
        return base
    raise AssertionError("no run of free ports")


@dataclass
class Deployment:
    """Each role of each service a process, and what is needed to start, kill and ask them."""

    where: Surroundings
    keys: Keys
    folder: DataFolder
    extra: dict[str, str]
    processes: dict[str, Started] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    """Services that answer elsewhere than they did at first."""

    def addresses(self) -> dict[str, str]:
        """Where everything answers now."""
        return {**self.where.addresses(), **self.moved}

    def start(self, service: str, role: str, **extra: str) -> Started:
        """Start one role of one service."""
        started = start_roles(self.where, service, [role], self.folder.logs, apart=True, extra={**self.extra, **extra})
        self.processes[started.name] = started
        return started

    def start_all(self) -> None:
        """Start all of them and wait until each says that it is ready."""
        for service in SERVICES:
            for role in roles_of(service):
                self.start(service, role)
        wait_until_ready(self.processes.values())

    def start_together(self) -> None:
        """Start one process a service, with all its roles, and wait until each is ready: for tests that need not tell them apart."""
        started = [start_roles(self.where, service, roles_of(service), self.folder.logs, extra=self.extra) for service in SERVICES]
        self.processes |= {one.name: one for one in started}
        wait_until_ready(started)

    def kill(self, service: str, role: str) -> None:
        """End a process as a power cut would."""
        process = self.processes[f"{service}-{role}"].process
        process.send_signal(signal.SIGKILL)
        process.wait()

    def restart(self, service: str, role: str, **extra: str) -> None:
        """Start it again (with other settings) and wait until it is ready; one with a fail point may have come to it before."""
        started = self.start(service, role, **extra)
        try:
            wait_until_ready([started])
        except ProcessEndedError:
            if "HEARTH_FAIL_POINT" not in extra or started.process.returncode != -signal.SIGKILL:
                raise

    def stop_all(self) -> None:
        """Stop what runs."""
        stop(list(self.processes.values()))

    async def ended_by_itself(self, service: str, role: str, meanwhile: asyncio.Task[Any] | None = None) -> int:
        """Wait until a process with a fail point has ended; its code. What fails ``meanwhile`` fails the test at once."""
        process = self.processes[f"{service}-{role}"].process
        for _ in range(600):
            if (code := process.poll()) is not None:
                return code
            if meanwhile and meanwhile.done():
                meanwhile.result()
            await asyncio.sleep(0.05)
        raise AssertionError(f"{service} {role} never came to its fail point")

    @asynccontextmanager
    async def signed_in(self) -> AsyncIterator[tuple[httpx.AsyncClient, Tokens]]:
        """A way to ask the services under any organisation's token."""
        # A killed process takes its open connections with it: each request has its own.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=30, limits=limits) as http:
            yield http, Tokens(http, self.where.issuer, self.keys)

    async def load(self, folder: Path = EXAMPLE) -> loading.Outcome:
        """Load a consortium from its files."""
        read = loading.read(folder)
        assert read.faults == []
        async with self.signed_in() as (http, tokens):
            return await loading.send(read, http, tokens, self.where.addresses())

    async def tell(self, telling: Telling, between: object = None) -> Told:
        """Tell the story of the main journey; it checks itself."""
        async with self.signed_in() as (http, tokens):
            arguments = {} if between is None else {"between": between}
            return await tell(http, tokens, self.where.addresses(), Account(), telling=telling, **arguments)  # type: ignore[arg-type]


@contextmanager
def deployed(
    admin_url: str | Mapping[str, str],
    broker_url: str,
    *,
    own: tuple[str, ...] = (),
    extra: Mapping[str, str] | None = None,
    together: bool = False,
) -> Iterator[Deployment]:
    """A deployment on empty databases, migrated and ready; councils in ``own`` have a database of their own for their children.

    ``admin_url`` is one server's for all, or each service's own by its name; ``extra`` settings are told to every process.
    ``together``: one process a service instead of one a role, in a third of the time.
    """
    admins = dict.fromkeys(SERVICES, admin_url) if isinstance(admin_url, str) else admin_url
    run = secrets.token_hex(4)
    folder = DataFolder.at(work_folder("journey", None))

    async def provision() -> Surroundings:
        made = {service: await databases.provision(admins[service], service, database=f"journey_{run}_{service}") for service in SERVICES}
        children = admins["referrals"]
        owned = {code: await databases.provision(children, "referrals", database=f"journey_{run}_{code.lower()}") for code in own}
        return Surroundings(made, broker_url, "", free_port_base(), folder.vault_keys, postcodes_folder(), own_databases=owned)

    without_issuer = asyncio.run(provision())
    keys = Keys.kept_in(folder.issuer_keys)
    with ExitStack() as stack:
        issuer = stack.enter_context(issuer_running(keys, without_issuer.port_base, development=True))
        where = Surroundings(**{**vars(without_issuer), "issuer": issuer})
        migrate_apart(where, folder.logs, extra=extra)
        deployment = Deployment(where, keys, folder, {"QUEUE_PREFIX": f"journey-{run}", **(extra or {})})
        stack.callback(deployment.stop_all)
        if together:
            deployment.start_together()
        else:
            deployment.start_all()
        yield deployment
