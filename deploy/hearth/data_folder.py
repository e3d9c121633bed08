"""The folder one launcher keeps everything in: rows, logs, keys, and how to reach what is running."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from hearth.to_mend import ToMendError

DEFAULT = ".hearth"


class InUseError(ToMendError):
    """Another launcher keeps its data in this folder just now."""


class NotRunningError(ToMendError):
    """Nothing has been started from this folder; says how to start it."""


@dataclass(frozen=True)
class Running:
    """What is up: enough for another command to talk to it."""

    issuer: str
    addresses: dict[str, str]
    database_urls: dict[str, str]
    broker_url: str


@dataclass(frozen=True)
class DataFolder:
    """Paths below one folder. Secrets are readable by their owner alone."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> DataFolder:
        """The folder, made if it is not there. PostgreSQL's own user must be able to walk into it."""
        path.mkdir(parents=True, exist_ok=True)
        return cls(path.resolve())

    @property
    def postgres(self) -> Path:
        """The wheel's server: its data and its sockets."""
        folder = self.path / "postgres"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def logs(self) -> Path:
        """One file for each process."""
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def issuer_keys(self) -> Path:
        """The local issuer's signing key and what its clients' secrets are made from."""
        return self.path / "issuer.json"

    @property
    def vault_keys(self) -> Path:
        """The councils' encryption keys of the referrals service."""
        return self.path / "vault_keys.json"

    @property
    def webhook_keys(self) -> Path:
        """The keys that matching seals webhooks' signing secrets under, made when first asked for."""
        file = self.path / "webhook_key"
        if not file.exists():
            write_secret(file, Fernet.generate_key().decode())
        return file

    @property
    def locations_key(self) -> Path:
        """The key between providers and referrals, made when it is first needed."""
        file = self.path / "locations_key"
        if not file.exists():
            write_secret(file, base64.b64encode(secrets.token_bytes(32)).decode())
        return file

    @property
    def _running(self) -> Path:
        return self.path / "running.json"

    def running(self) -> Running:
        """What was started from this folder and still runs. NotRunningError otherwise."""
        if self._running.exists() and self._locked():
            return Running(**json.loads(self._running.read_text()))
        raise NotRunningError(f"Nothing runs from {shown(self.path)}. Start it with: make up   (or give another folder with --data)")

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """This folder is one launcher's until the block ends, however the launcher ends. InUseError when another has it."""
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUseError(f"Hearth already runs from {shown(self.path)}. Stop it first (Ctrl-C where it was started).") from None
            try:
                yield
            finally:
                self._running.unlink(missing_ok=True)

    def say_running(self, running: Running) -> None:
        """Let other commands find what was started."""
        write_secret(self._running, json.dumps(asdict(running), indent=1))

    def _locked(self) -> bool:
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def write_secret(path: Path, text: str) -> None:
    """Write a file whole or not at all, for its owner alone."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).replace(path)


def shown(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
