"""Requests that go on while a test changes something beneath them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx

Ask = Callable[[], Awaitable[httpx.Response]]


@dataclass
class Answers:
    """What was answered so far: name of the request → status → how often."""

    by_name: dict[str, Counter[int]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """What was answered with 400 or more, in words."""
    one_more: asyncio.Event = field(default_factory=asyncio.Event)

    async def more(self, each: int = 2) -> None:
        """Until every kind of request was answered so often again: with what holds from now on."""
        wanted = {name: found.total() + each for name, found in self.by_name.items()}
        while any(self.by_name[name].total() < number for name, number in wanted.items()):
            self.one_more.clear()
            await self.one_more.wait()


@contextlib.asynccontextmanager
async def asked_meanwhile(**asks: Ask) -> AsyncIterator[Answers]:
    """Each request over and over, all side by side, until the block ends."""
    answers, over = Answers({name: Counter() for name in asks}), asyncio.Event()

    async def go_on(name: str, ask: Ask) -> None:
        while not over.is_set():
            reply = await ask()
            answers.by_name[name][reply.status_code] += 1
            answers.one_more.set()
            if reply.status_code >= 400:
                answers.refused.append(f"{name}: {reply.status_code} {reply.text}")

    async with asyncio.TaskGroup() as group:
        for name, ask in asks.items():
            group.create_task(go_on(name, ask))
        try:
            yield answers
        finally:
            over.set()
