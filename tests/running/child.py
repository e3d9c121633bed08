"""Servers that the tests start as their own children, on ports nobody else uses, and end with them."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any


class CannotHave(Exception):
    """A server the tests need is not here and cannot be got; says how a person gets one."""


_endings = ExitStack()


def at_end(ending: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Do this when the tests end, last first: with the session, or at the latest with the process."""
    _endings.callback(ending, *arguments, **named)


def end_all() -> None:
    """End everything that was started. A test worker is given ten seconds to exit, so its session calls this before."""
    _endings.close()


atexit.register(end_all)


def free_port() -> int:
    """A TCP port on loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def work_folder(name: str, user: str | None) -> Path:
    """A new temporary folder that ``user`` (or whoever runs the tests) owns; removed when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix=f"hearth-{name}-"))
    folder.chmod(0o755)
    if user:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    at_end(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run_as(user: str | None) -> dict[str, object]:
    """Arguments of ``subprocess`` that drop from root to ``user``: some servers refuse to run as root."""
    if not user:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def server_user(name: str) -> str | None:
    """The user a server runs as: ``name`` when the tests run as root, else whoever runs them."""
    return name if os.geteuid() == 0 else None


class Child:
    """One server process with its group; ends with the tests at the latest."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path, user: str | None) -> None:
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                list(arguments),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=log.parent,
                **run_as(user),  # type: ignore[call-overload]
            )
        self.log = log
        at_end(self.kill)

    def kill(self) -> None:
        """End it and all it started, at once, as a crash would."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM, within: float = 20.0) -> None:
        """Ask it to end and wait."""
        self._signal(number)
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def wait_until(self, ready: Callable[[], bool], what: str, within: float = 60.0) -> None:
        """Until ``ready()``; CannotHave with the end of its log when it ends first or takes too long."""
        deadline = time.monotonic() + within
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                end = self.log.read_text(errors="replace")[-2000:]
                raise CannotHave(f"{what} did not start. The end of its log:\n{end}")
            time.sleep(0.05)


def apt_install(*packages: str) -> bool:
    """Install Debian packages when root on such a machine; whether that was done."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"tests: installing {' '.join(packages)} from Debian's packages", flush=True)
    for arguments in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *arguments], env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout[-1000:], done.stderr[-1000:], sep="\n")
    return done.returncode == 0
