"""Runs the local issuer inside the launcher's own process: one process fewer to start and to stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from hearth.issuer import LOOPBACK, Keys, application
from hearth.to_mend import ToMendError
from shared.service import KEEP_ALIVE_SECONDS


class PortTakenError(ToMendError):
    """Something else listens on a port that Hearth needs; says how to choose others."""


def require_free(ports: range) -> None:
    """PortTakenError naming every port that something listens on already."""
    taken = [port for port in ports if not _free(port)]
    if taken:
        named = ", ".join(str(port) for port in taken)
        raise PortTakenError(
            f"Port {named} on {LOOPBACK} is in use. Choose others with PORT_BASE, for example: make demo PORT_BASE={ports.start + 100}"
        )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


@contextmanager
def issuer_running(keys: Keys, port: int, *, development: bool, redirects: Iterable[str] = ()) -> Iterator[str]:
    """The issuer's address while it answers there, on loopback only. ``redirects``: where it may send people back to, signed in."""
    address = f"http://{LOOPBACK}:{port}"
    app = application(keys, address, development=development, redirects=redirects)
    how: dict[str, Any] = {"log_level": "warning", "access_log": False, "lifespan": "off", "timeout_keep_alive": KEEP_ALIVE_SECONDS}
    config = uvicorn.Config(app, host=LOOPBACK, port=port, **how)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="issuer", daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(5)
        listening.close()
