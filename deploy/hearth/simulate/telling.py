"""Events of a made-up past as lines, in the order of their times."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

SOURCE = "/simulated"
_LINE = json.JSONEncoder(separators=(",", ":"))


@dataclass
class Teller:
    """Keeps what has been said until its time has come, so that lines leave in order. What comes after ``ends`` is never told."""

    ends: datetime
    chance: Random
    lines: int = 0
    _waiting: list[tuple[datetime, int, bytes]] = field(default_factory=list)
    _said: int = 0

    def id(self, moment: datetime) -> str:
        """A new id, in the order of time as version 7 has it, drawn from the seed."""
        at, bits = int(moment.timestamp() * 1000), self.chance.getrandbits(74)
        return f"{at >> 16:08x}-{at & 0xFFFF:04x}-7{bits & 0xFFF:03x}-{0x8000 | (bits >> 12) & 0x3FFF:04x}-{bits >> 26:012x}"

    def tell(
        self, moment: datetime, type: str, subject: str, version: int, organisation: str, council: str | None, data: dict[str, Any]
    ) -> None:
        """Say that something happened, as the service would have."""
        if moment >= self.ends:
            return
        line = {
            "specversion": "1.0",
            "id": self.id(moment),
            "source": SOURCE,
            "type": type,
            "time": moment.isoformat(),
            "subject": subject,
            "version": version,
            "organisation": organisation,
            **({"council": council} if council else {}),
            "data": data,
        }
        self._said += 1
        heapq.heappush(self._waiting, (moment, self._said, _LINE.encode(line).encode()))

    def told_before(self, moment: datetime) -> Iterator[bytes]:
        """The lines whose time lies before this moment; nothing earlier may be said after it."""
        while self._waiting and self._waiting[0][0] < moment:
            self.lines += 1
            yield heapq.heappop(self._waiting)[2]
