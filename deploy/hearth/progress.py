"""Says what is happening while it happens: one line rewritten on a terminal, a line every two seconds elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Step:
    """One thing under way. Call ``done()`` for each part of it that is finished."""

    def __init__(self, words: str, total: int | None) -> None:
        self._words = words
        self._total = total
        self._count = 0
        self._started = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._finished = threading.Event()

    def done(self, parts: int = 1) -> None:
        """So many parts more are finished."""
        self._count += parts

    def say(self, words: str) -> None:
        """What it is at now."""
        self._words = words

    def _line(self) -> str:
        so_far = f" {self._count} of {self._total}" if self._total else ""
        return f"{self._words}{so_far} … {time.monotonic() - self._started:.0f} s"

    def _watch(self) -> None:
        pause = 0.2 if self._terminal else 2.0
        while not self._finished.wait(pause):
            if self._terminal:
                sys.stderr.write(f"\r\033[K  {self._line()}")
            else:
                sys.stderr.write(f"  {self._line()}\n")
            sys.stderr.flush()

    def _end(self, outcome: str) -> None:
        self._finished.set()
        clear = "\r\033[K" if self._terminal else ""
        count = f" ({self._count})" if self._total else ""
        print(f"{clear}  {self._words}{count}: {outcome} in {time.monotonic() - self._started:.1f} s", file=sys.stderr, flush=True)


@contextmanager
def step(words: str, total: int | None = None) -> Iterator[Step]:
    """Show ``words`` until the block ends, with the time it took and how many of ``total`` are done; of nothing, nothing is shown."""
    under_way = Step(words, total)
    if total == 0:
        yield under_way
        return
    watcher = threading.Thread(target=under_way._watch, daemon=True)
    watcher.start()
    try:
        yield under_way
    except BaseException:
        under_way._end("stopped")
        raise
    under_way._end("done")
