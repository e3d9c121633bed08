"""Starts the four services, waits until they are ready, notices when one dies, stops them cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hearth.arrangement import ROLES, SERVICES, Surroundings, command, settings
from hearth.data_folder import shown

READY_WITHIN = 60.0
STOP_WITHIN = 10.0
TAIL = 25

# What a child process inherits of the person's own environment: enough to run Python, nothing that could be taken for a setting.
INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "XDG_CACHE_HOME",
    "TZ",
    "VIRTUAL_ENV",
    "LOG_LEVEL",
)


class ProcessEndedError(Exception):
    """A process ended that should have gone on, or failed at what it was to do; shows the end of its log."""

    def __init__(self, name: str, code: int | None, log: Path) -> None:
        how = "did not become ready" if code is None else f"ended with code {code}" if code >= 0 else f"was ended by signal {-code}"
        super().__init__(f"{name} {how}. The end of {shown(log)}:\n{tail(log)}")


@dataclass(frozen=True)
class Started:
    """One child process and the file its log goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """ProcessEndedError when it runs no longer."""
        code = self.process.poll()
        if code is not None:
            raise ProcessEndedError(self.name, code, self.log)


def tail(log: Path, lines: int = TAIL) -> str:
    """The last lines of a log, indented for showing under a message."""
    kept = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return "\n".join(f"    {line}" for line in kept) or "    (it said nothing)"


def start(name: str, arguments: Sequence[str], environment: Mapping[str, str], logs: Path) -> Started:
    """Start one Python process with nothing but its own settings; its log goes to ``<name>.log``."""
    log = logs / f"{name}.log"
    inherited = {key: os.environ[key] for key in INHERITED if key in os.environ}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**inherited, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is the launcher's to hear: it stops its children in order
        )
    return Started(name, process, log)


def migrate_apart(where: Surroundings, logs: Path) -> None:
    """Bring every service's tables up to date as production does, a process each. ProcessEndedError names the one that failed."""
    running = [start(f"{service}-migrate", command(service, "migrate"), settings(where, service, owner=True), logs) for service in SERVICES]
    for one in running:
        code = one.process.wait()
        if code != 0:
            stop(running)
            raise ProcessEndedError(one.name, code, one.log)


@contextmanager
def services_running(
    where: Surroundings, logs: Path, *, apart: bool = False, extra: Mapping[str, str] | None = None
) -> Iterator[dict[str, Started]]:
    """The four services for as long as the block lasts, ready before it begins, stopped after it ends.

    One process a service; ``apart`` gives each role (api, consume, relay) a process of its own, as in production.
    ``extra`` are settings given to all of them besides.
    """
    started: dict[str, Started] = {}
    try:
        for service in SERVICES:
            environment = {**settings(where, service), **(extra or {})}
            for roles in [(role,) for role in ROLES] if apart else [ROLES]:
                name = f"{service}-{roles[0]}" if apart else service
                started[name] = start(name, command(service, *roles), environment, logs)
        wait_until_ready(where, started)
        yield started
    finally:
        stop(list(started.values()))


def wait_until_ready(where: Surroundings, started: Mapping[str, Started], on_ready: Callable[[str], None] = lambda service: None) -> None:
    """Until every service answers on /health/ready; ProcessEndedError for one that ends first or takes over a minute."""
    deadline = time.monotonic() + READY_WITHIN
    waiting = list(SERVICES)
    with httpx.Client(timeout=2.0) as http:
        while waiting:
            for service in list(waiting):
                if _answers(http, f"{where.address(service)}/health/ready"):
                    waiting.remove(service)
                    on_ready(service)
            for one in started.values():
                one.check()
            if waiting and time.monotonic() > deadline:
                late = next(one for name, one in started.items() if name.startswith(waiting[0]))
                raise ProcessEndedError(late.name, None, late.log)
            if waiting:
                time.sleep(0.05)


def _answers(http: httpx.Client, address: str) -> bool:
    try:
        return http.get(address).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def stop(processes: Sequence[Started]) -> None:
    """Ask each to finish what it holds and end; end by force what has not after ten seconds."""
    for one in processes:
        if one.process.poll() is None:
            one.process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for one in processes:
        try:
            one.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()


def watch(started: Mapping[str, Started]) -> None:
    """Wait for ever; ProcessEndedError as soon as one process ends, KeyboardInterrupt when asked to stop."""
    while True:
        for one in started.values():
            one.check()
        time.sleep(0.5)


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Being told to end (SIGTERM, a closed terminal) is heard like Ctrl-C, so that what was started is stopped."""

    def interrupted(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    with ExitStack() as restored:
        for number in (signal.SIGTERM, signal.SIGHUP):
            restored.callback(signal.signal, number, signal.signal(number, interrupted))
        yield
