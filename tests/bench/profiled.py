"""Where a process spends its time, by the part of the program that asked for it."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

_FRAMEWORK, _DRIVER = "FastAPI, Starlette and pydantic", "driver and pool"
PARTS = dict.fromkeys(("fastapi", "starlette", "pydantic", "pydantic_core"), _FRAMEWORK) | dict.fromkeys(("asyncpg", "sqlalchemy"), _DRIVER)
"""Package → the words it goes by; every other installed package is a library, and code of the repository goes by its first folder."""

_ROOT = Path(__file__).parents[2]
_DEEPEST = 6

Where = tuple[str, int, str]


async def shares(work: Callable[[], Awaitable[Any]]) -> tuple[float, dict[str, float]]:
    """Processor seconds of ``work``, profiled, and which share of them went to which part, the largest first.

    The time of the standard library and of built-in functions is counted for the part that called them.
    """
    profile = cProfile.Profile(time.thread_time)
    profile.enable()
    await work()
    profile.disable()
    stats: dict[Where, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    found: defaultdict[str, float] = defaultdict(float)
    for where, (_, _, own, _, _) in stats.items():
        for part, share in _parts(where, stats, 0).items():
            found[part] += own * share
    total = sum(found.values())
    return total, {part: seconds / total for part, seconds in sorted(found.items(), key=lambda pair: -pair[1])}


def _parts(where: Where, stats: dict[Where, Any], deep: int) -> dict[str, float]:
    part = _part(where[0])
    if part:
        return {part: 1.0}
    callers = stats[where][4] if where in stats and deep < _DEEPEST else {}
    weight = sum(each[2] for each in callers.values())
    if not weight:
        return {"the rest": 1.0}
    found: defaultdict[str, float] = defaultdict(float)
    for caller, (_, _, own, _) in callers.items():
        for named, share in _parts(caller, stats, deep + 1).items():
            found[named] += share * own / weight
    return found


def _part(file: str) -> str:
    """The part a source file belongs to; nothing for the standard library and built-in functions."""
    if "site-packages/" in file:
        package = file.split("site-packages/")[1].split("/")[0]
        return PARTS.get(package, "other libraries")
    if not Path(file).is_relative_to(_ROOT):
        return ""
    inside = Path(file).relative_to(_ROOT).parts
    return {"shared": "Hearth's kit", "tests": "the rest"}.get(inside[0], f"Hearth's {inside[1]}")
