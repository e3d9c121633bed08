"""The two PostgreSQLs the tests use: an installed one (Debian's 15 is the floor) and the wheel's 18."""

from __future__ import annotations

import functools
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.running.child import CannotHave, Child, apt_install, at_end, free_port, run_as, server_user, work_folder

HOW = (
    "The tests need PostgreSQL 15 or newer. Either set POSTGRES_URL to an administrator's address "
    "(postgresql://postgres@127.0.0.1:5432/postgres), or install it: apt-get install postgresql"
)


@functools.cache
def postgres_url() -> str:
    """An administrator's address of PostgreSQL 15 or newer: POSTGRES_URL, else a private server from the installed programs.

    Installs Debian's package when root and there is none. CannotHave when all fails.
    """
    given = os.environ.get("POSTGRES_URL")
    if given:
        return given
    programs = installed_programs()
    if not programs and apt_install("postgresql"):
        programs = installed_programs()
    if not programs:
        raise CannotHave(HOW)
    return private_postgres(programs)


@functools.cache
def wheel_postgres_url() -> str:
    """An administrator's address of the PostgreSQL that comes with Hearth as a wheel."""
    from hearth.databases import postgres

    folder = work_folder("wheel", None)
    stack = ExitStack()
    at_end(stack.close)  # after the folder, so that the server ends before its folder goes
    return stack.enter_context(postgres(folder))


def private_postgres(programs: Path | None = None, *, durable: bool = False) -> str:
    """A new server of its own on a free port of loopback, empty, for as long as the tests run.

    ``durable`` waits for the disk as a server in use does, and remembers when each transaction was committed: for measuring.
    """
    programs = programs or installed_programs()
    if not programs:
        raise CannotHave(HOW)
    options = {"max_connections": "300", "shared_buffers": "512MB", "max_wal_size": "4GB"}
    if durable:
        options |= {"track_commit_timestamp": "on"}
    else:  # the rows do not outlive the tests, so nothing waits for the disk
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
    return PrivatePostgres(programs, options).url


class PrivatePostgres:
    """A PostgreSQL of the tests' own that may be stopped, killed and started again without harming anybody."""

    def __init__(self, programs: Path | None, options: Mapping[str, str], folder: Path | None = None) -> None:
        if not programs:
            raise CannotHave(HOW)
        self._programs = programs
        self._user = server_user("postgres")
        self.folder = folder or work_folder("postgres", self._user)
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        data = self.folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **run_as(self._user),  # type: ignore[call-overload]
        )
        told = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": str(self.folder), **options}
        self._arguments = [str(programs / "postgres"), "-D", str(data)]
        for name, value in told.items():
            self._arguments += ["-c", f"{name}={value}"]
        self.start()
        at_end(self.stop)

    def start(self) -> None:
        """Start it (again), with what it kept, and wait until it lets people in."""
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self._child = Child(self._arguments, environment, _log(self.folder, self._user), self._user)
        self._child.wait_until(lambda: _accepts(self._programs, self.port), "PostgreSQL")

    def ended(self) -> bool:
        """Whether it runs no longer."""
        return self._child.process.poll() is not None

    def stop(self) -> None:
        """Stop it in good order; whoever is connected is cut off."""
        self._child.stop(signal.SIGINT)

    def kill(self) -> None:
        """End it and every process of it at once, as a crash of the program would."""
        self._child.kill()


def _log(folder: Path, user: str | None) -> Path:
    log = folder / "log"
    log.touch()
    if user:
        shutil.chown(log, user)
    return log


def _accepts(programs: Path, port: int) -> bool:
    """Whether it lets people in: it listens a moment before it does."""
    asked = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(asked).returncode == 0


def installed_programs() -> Path | None:
    """The newest installed server's programs, 15 or later."""
    found: dict[int, Path] = {}
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *(Path(folder) for folder in os.environ.get("PATH", "").split(":"))]
    for folder in folders:
        program = folder / "postgres"
        if program.exists() and (folder / "initdb").exists():
            said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
            if version := re.search(r"(\d+)", said):
                found.setdefault(int(version[1]), folder)
    newest = max(found, default=0)
    return found[newest] if newest >= 15 else None
