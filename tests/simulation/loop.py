"""An event loop on a clock of its own: nothing really waits, and what is due first happens first, so a run is its seed's alone."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from contextvars import Context
from typing import Any


class NothingMoves(Exception):
    """Somebody waits and nothing will ever happen."""


class ModelledLoop(asyncio.BaseEventLoop):
    """asyncio's loop without sockets: when nothing is ready the clock jumps to the next moment somebody waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = 0.0
        self._due: list[tuple[float, int, asyncio.TimerHandle]] = []
        """Who waits for which moment; of one moment, who asked first."""
        self._asked = 0
        self.set_exception_handler(lambda *_: None)  # what a killed process leaves half done is nobody's to hear of

    def time(self) -> float:
        """Seconds since the run began."""
        return self.moment

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        """See asyncio; what it checks for programs under development is left out, since all of a run goes through here."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        """See asyncio."""
        return self.call_at(self.moment + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        """See asyncio."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._asked += 1
        heapq.heappush(self._due, (when, self._asked, timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its moment comes."""

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        due: list[Any] = self._due
        while due and due[0][2]._cancelled:
            heapq.heappop(due)
        if not ready:
            if not due:
                raise NothingMoves
            self.moment = max(self.moment, due[0][0])
        while due and due[0][0] <= self.moment:
            ready.append(heapq.heappop(due)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _process_events(self, event_list: Any) -> None:
        """There are none from outside."""

    def _write_to_self(self) -> None:
        """Nobody waits outside."""
