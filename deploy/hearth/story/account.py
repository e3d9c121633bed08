"""Tells what happens in words a placements officer understands, and stops at the first thing that is not as it should be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds until something that must come is given up: a broker that starts again on a busy machine may take one of the two minutes."""

WIDTH = 150
"""Narrower than this the tables cannot be read; where output is no terminal, nothing says how wide it is."""


class NotAsItShouldBeError(Exception):
    """A step of the story came out otherwise than it must; says what was expected and what was found."""


class Account:
    """What is told, on standard output."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(quiet=quiet, highlight=False, soft_wrap=True)
        if self._console.width < WIDTH:
            self._console = Console(quiet=quiet, highlight=False, soft_wrap=True, width=WIDTH)
        self._chapter = 0
        self.checks = 0

    def chapter(self, title: str) -> None:
        """A new part of the story."""
        self._chapter += 1
        self._console.print(f"\n[bold]{self._chapter}. {title}[/bold]")

    def say(self, words: str) -> None:
        """One thing that happened."""
        self._console.print(f"   {words}", markup=False)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Things beside each other."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in columns[:-1]:
            table.add_column(column, no_wrap=True)
        table.add_column(columns[-1], min_width=40)
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        self._console.print(Padding(table, (1, 0, 1, 3)), soft_wrap=False)

    def check(self, what: str, found: object, expected: object) -> None:
        """``found`` must be ``expected``; NotAsItShouldBeError otherwise."""
        self.checks += 1
        if found != expected:
            raise NotAsItShouldBeError(f"{what}: expected {expected!r}, found {found!r}")

    def check_that(self, what: str, holds: bool) -> None:
        """``holds`` must be true; NotAsItShouldBeError otherwise."""
        self.checks += 1
        if not holds:
            raise NotAsItShouldBeError(f"{what}: this is not so")


async def until(ask: Callable[[], Awaitable[T]], ready: Callable[[T], bool], what: str, within: float = PATIENCE) -> tuple[T, float]:
    """Ask again until ``ready``: news needs a moment from one service to the next. The answer and the seconds it took."""
    began = time.monotonic()
    while True:
        answer = await ask()
        waited = time.monotonic() - began
        if ready(answer):
            return answer, waited
        if waited > within:
            raise NotAsItShouldBeError(f"{what} did not happen within {within:.0f} seconds")
        await asyncio.sleep(0.02)
