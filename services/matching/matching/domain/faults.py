"""A rule that was broken, as the domain tells it: which field, which rule, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule; ``message`` never repeats what the caller sent."""

    field: str
    rule: str
    message: str
