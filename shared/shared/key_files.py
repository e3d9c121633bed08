"""A file of keys that may change while a process runs: what it says now, so that keys rotate without a restart.

The file is looked at whenever a key is needed (one ``stat``) and read again when it is another one: replaced, as Kubernetes does with
secrets, or written over. A file that cannot be read or makes no sense changes nothing: the keys held stay good, and the log says so
without its words.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from shared import logs

T = TypeVar("T")

_log = logs.logger("shared.key_files")


class KeyFile(Generic[T]):
    """``parse`` makes keys of the file's text, or raises what a parser raises; ``none`` is held until it has once been read.

    It has no repr, so that no log line and no traceback can show what it holds.
    """

    def __init__(self, path: Path, parse: Callable[[str], T], none: T) -> None:
        self._path = path
        self._parse = parse
        self._held = none
        self._seen: tuple[int, ...] = ()

    def now(self) -> T:
        """The keys as the file has them at this moment."""
        return self._held if self._signature() == self._seen else self.again()

    def again(self) -> T:
        """The same, read even if the file looks unchanged: two changes within one tick of the file system's clock look like one."""
        seen = self._signature()
        try:
            self._held = self._parse(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.error("a key file cannot be read; the keys read before stay good", file=self._path.name, kind=type(error).__name__)
        self._seen = seen
        return self._held

    def _signature(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return (0,)
        return (found.st_mtime_ns, found.st_size, found.st_ino)
