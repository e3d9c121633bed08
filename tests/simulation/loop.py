"""An event loop on a clock of its own: nothing really waits, and what is due first happens first, so a run is its seed's alone."""

from __future__ import annotations

import asyncio
import heapq
from typing import Any


class NothingMoves(Exception):
    """Somebody waits and nothing will ever happen."""


class ModelledLoop(asyncio.BaseEventLoop):
    """asyncio's loop without sockets: when nothing is ready the clock jumps to the next moment somebody waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = 0.0
        self._clock_resolution = 1e-9
        self.set_exception_handler(lambda *_: None)  # what a killed process leaves half done is nobody's to hear of

    def time(self) -> float:
        """Seconds since the run began."""
        return self.moment

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        scheduled: Any = self._scheduled  # type: ignore[attr-defined]
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
        if not ready:
            if not scheduled:
                raise NothingMoves
            self.moment = max(self.moment, scheduled[0]._when)
        while scheduled and scheduled[0]._when <= self.moment:
            timer = heapq.heappop(scheduled)
            timer._scheduled = False
            ready.append(timer)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _process_events(self, event_list: Any) -> None:
        """There are none from outside."""

    def _write_to_self(self) -> None:
        """Nobody waits outside."""
