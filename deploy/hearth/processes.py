"""Starts the four services, waits until they are ready, notices when one dies, stops them cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hearth.arrangement import SERVICES, Surroundings, command, roles_of, settings
from hearth.data_folder import shown
from hearth.to_mend import ToMendError

READY_WITHIN = 120.0
STOP_WITHIN = 10.0
TAIL = 25
APART = 10
"""How far the ports of a service's roles lie apart when each has its own process."""

# What a child process inherits of the person's own environment: enough to run Python, how much to log and
# (by OTEL_…, below) where to tell traces, nothing else that could be taken for a setting.
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


class ProcessEndedError(ToMendError):
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
    address: str = ""
    """Where it says how it is."""

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
    inherited = {key: value for key, value in os.environ.items() if key in INHERITED or key.startswith("OTEL_")}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**inherited, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is the launcher's to hear: it stops its children in order
        )
    address = f"http://{environment['HOST']}:{environment['PORT']}" if "PORT" in environment else ""
    return Started(name, process, log, address)


def start_roles(
    where: Surroundings, service: str, roles: Sequence[str], logs: Path, *, apart: bool = False, extra: Mapping[str, str] | None = None
) -> Started:
    """Start one service in some of its roles. ``apart`` names the process after its role and gives it a port of its own."""
    told = {**settings(where, service), **(extra or {})}
    name = service
    if apart:
        name = f"{service}-{roles[0]}"
        told["PORT"] = str(int(told["PORT"]) + APART * roles_of(service).index(roles[0]))
    return start(name, command(service, *roles), told, logs)


def migrate_apart(where: Surroundings, logs: Path, *, extra: Mapping[str, str] | None = None) -> None:
    """Bring every service's tables up to date as production does, a process each. ProcessEndedError names the one that failed."""
    told = {service: {**settings(where, service, owner=True), **(extra or {})} for service in SERVICES}
    running = [start(f"{service}-migrate", command(service, "migrate"), told[service], logs) for service in SERVICES]
    for one in running:
        code = one.process.wait()
        if code != 0:
            stop(running)
            raise ProcessEndedError(one.name, code, one.log)


@contextmanager
def services_running(where: Surroundings, logs: Path) -> Iterator[dict[str, Started]]:
    """The four services, a process each, for as long as the block lasts: ready before it begins, stopped after it ends."""
    started: dict[str, Started] = {}
    try:
        for service in SERVICES:
            started[service] = start_roles(where, service, roles_of(service), logs)
        wait_until_ready(started.values())
        yield started
    finally:
        stop(list(started.values()))


def wait_until_ready(started: Iterable[Started]) -> None:
    """Until each process answers on /health/ready; ProcessEndedError for one that ends first or takes over two minutes."""
    deadline = time.monotonic() + READY_WITHIN
    everyone = list(started)
    waiting = list(everyone)
    with httpx.Client(timeout=2.0) as http:
        while waiting:
            waiting = [one for one in waiting if not _answers(http, f"{one.address}/health/ready")]
            for one in everyone:
                one.check()
            if waiting and time.monotonic() > deadline:
                raise ProcessEndedError(waiting[0].name, None, waiting[0].log)
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
