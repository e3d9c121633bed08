"""What is being measured now, said while it goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_began = time.monotonic()


def say(words: str) -> None:
    """One line with the seconds since the start."""
    print(f"{time.monotonic() - _began:6.1f} s  {words}", file=sys.stderr, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say what begins; anything that may take more than two seconds is a step."""
    say(f"{words} …")
    yield
