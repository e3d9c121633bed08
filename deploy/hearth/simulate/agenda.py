"""What is still to happen in a made-up past, in the order of its time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Agenda:
    """Things to be done at their moments. What is due at the same moment is done in the order it was planned."""

    _due: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    _planned: int = 0

    def at(self, moment: datetime, do: Callable[[datetime], None]) -> None:
        """Do this then."""
        self._planned += 1
        heapq.heappush(self._due, (moment, self._planned, do))

    def do_before(self, moment: datetime) -> None:
        """Do all that is due before this moment, and what that brings with it."""
        while self._due and self._due[0][0] < moment:
            due, _, do = heapq.heappop(self._due)
            do(due)
