"""A real RabbitMQ for the tests: given, in a container, running, installed or installed now; else the tests fail, saying how to get one."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.running.child import CannotHave, Child, apt_install, at_end, free_port, run_as, server_user, work_folder

HOW = (
    "The tests need RabbitMQ 3.10 or newer. Either set AMQP_URL (amqp://guest:guest@127.0.0.1:5672/), start a Docker engine, "
    "or install it: apt-get install rabbitmq-server"
)
IMAGE = "rabbitmq:3-alpine"
LOCAL = "amqp://guest:guest@127.0.0.1:5672/"


@functools.cache
def rabbitmq_url() -> str:
    """The address of a broker for the whole test session.

    AMQP_URL if set; else a container where a Docker engine answers; else the one running on this machine; else one started
    from the installed programs, which are installed first when root. CannotHave when all fails.
    """
    given = os.environ.get("AMQP_URL")
    if given:
        return given
    return _container() or (LOCAL if _speaks_amqp(5672) else "") or PrivateBroker().url


def _container() -> str:
    """A broker in a container, or nothing when no Docker engine answers or its image cannot be had."""
    import docker  # type: ignore[import-untyped]
    from docker.errors import DockerException  # type: ignore[import-untyped]

    try:
        docker.from_env(timeout=3).ping()
    except DockerException:
        return ""
    from testcontainers.rabbitmq import RabbitMqContainer

    container = RabbitMqContainer(IMAGE)
    try:
        container.start()
    except Exception as error:  # whatever stands in the way (no registry, no room), an installed broker will do as well
        print(f"tests: a Docker engine answers, but {IMAGE} did not start ({type(error).__name__}): looking for an installed RabbitMQ")
        return ""
    at_end(container.stop)
    host, port = container.get_container_host_ip(), container.get_exposed_port(5672)
    return f"amqp://guest:guest@{host}:{port}/"


class PrivateBroker:
    """A RabbitMQ of the tests' own, on its own ports, that may be stopped and killed without harming anybody."""

    def __init__(self) -> None:
        self._program = _program()
        self._user = server_user("rabbitmq")
        self._folder = work_folder("rabbitmq", self._user)
        self._port, self._epmd_port = free_port(), free_port()
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self._port}\nvm_memory_high_watermark.relative = 0.4\ndisk_free_limit.absolute = 500MB\n"
        )
        (self._folder / "enabled_plugins").write_text("[].\n")
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": f"hearth{self._port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}/"
        at_end(self._end_epmd)
        self.start()

    def start(self) -> None:
        """Start it (again), with what it kept; about seven seconds."""
        log = self._folder / "output"
        log.touch()
        if self._user:
            shutil.chown(log, self._user)
        self._child = Child([str(self._program)], self._environment, log, self._user)
        self._child.wait_until(lambda: _speaks_amqp(self._port), "RabbitMQ")

    def stop(self) -> None:
        """Stop it in good order."""
        self._child.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._child.kill()

    def wipe(self) -> None:
        """Stop it and take away all it kept: what starts again is an empty broker under the old name."""
        self._child.kill()
        shutil.rmtree(self._folder / "mnesia")

    def control(self, *arguments: str) -> str:
        """What ``rabbitmqctl`` says to this; AssertionError with its words when it fails."""
        program = self._program.parent / "rabbitmqctl"
        told = {**self._environment, "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ""}
        done = subprocess.run(
            [program, "--node", self._environment["RABBITMQ_NODENAME"], *arguments],
            env=told,
            capture_output=True,
            text=True,
            cwd=self._folder,
            **run_as(self._user),  # type: ignore[call-overload]
        )
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
        return done.stdout

    def _end_epmd(self) -> None:
        # Erlang's port mapper goes on by itself after the node that started it.
        self._child.kill()
        epmd = shutil.which("epmd")
        if epmd:
            subprocess.run([epmd, "-port", str(self._epmd_port), "-kill"], capture_output=True)


def _program() -> Path:
    """The broker's inner launcher: the one on PATH uses the machine's own folders when root starts it."""
    if not _installed():
        apt_install("rabbitmq-server")
    program = _installed()
    if not program:
        raise CannotHave(HOW)
    return program


def _installed() -> Path | None:
    inner = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    if inner.exists():
        return inner
    found = shutil.which("rabbitmq-server")
    return Path(found) if found else None


def _speaks_amqp(port: int) -> bool:
    """Whether a broker answers AMQP's greeting on loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(connection.recv(1))
    except OSError:
        return False
