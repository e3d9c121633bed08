"""One named reason why something cannot be accepted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the trouble is, which rule it breaks, and what to do, in words for a commissioning officer.

    ``field`` is the path in what was sent (``price_bands.2.from_age``). ``message`` never repeats a value that was sent.
    """

    field: str
    rule: StrEnum
    message: str
