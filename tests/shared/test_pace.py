"""How often work is looked for: often while there is some, seldom at night."""

from __future__ import annotations

import asyncio
import time

import pytest

from shared import pace
from shared.pace import Pace


@pytest.mark.parametrize(
    ("idle_for", "seconds"), [(0.0, 0.010), (1.9, 0.010), (2.1, 0.040), (29.0, 0.040), (31.0, 0.120), (80_000.0, 0.120)]
)
async def test_the_longer_there_was_nothing_the_longer_the_pause(idle_for: float, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def noted(*_: asyncio.Event, seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(pace, "wait_for_any", noted)
    one, now = Pace(), time.monotonic()
    monkeypatch.setattr(pace.time, "monotonic", lambda: now + idle_for)
    await one.wait()
    one.worked()
    await one.wait()
    assert asked == [seconds, 0.010], "and one thing to do brings back the shortest"


async def test_what_is_committed_here_is_not_waited_for() -> None:
    said = asyncio.Event()
    said.set()
    began = time.monotonic()
    await Pace().wait(said)
    assert time.monotonic() - began < 0.01
