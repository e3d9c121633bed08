"""The notes service on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from tests.running.databases import TestDatabases
from tests.running.services import RunningService, SigningKey
from tests.shared.notes_service import SERVICE, STATEMENTS


async def _run(url: str, statements: list[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def notes(
    databases_of_tests: TestDatabases, fresh_database: Callable[[str], Awaitable[tuple[str, str]]], signing_key: SigningKey
) -> AsyncIterator[Callable[..., Awaitable[RunningService]]]:
    """``await notes()``: the notes service, running; ``own=(…,)`` gives those councils a database of their own."""
    databases_of_tests.tables_of["notes"] = lambda url: _run(url, STATEMENTS)
    started: list[RunningService] = []

    async def start(*, own: tuple[str, ...] = (), **settings: Any) -> RunningService:
        places: dict[str | None, tuple[str, str]] = {None: await fresh_database("notes")}
        places |= {council: await fresh_database("notes") for council in own}
        started.append(RunningService.start(SERVICE, places, signing_key, **settings))
        return started[-1]

    yield start
    for one in started:
        await one.close()
