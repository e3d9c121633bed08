"""What a service asks of its databases while it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.running.services import RunningService


class Work:
    """Every statement the service sends to its databases."""

    def __init__(self, one: RunningService) -> None:
        self.statements: list[str] = []
        for engine in one.databases.every():
            event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: self.statements.append(given[2]))
            event.listen(engine.sync_engine, "connect", self._connected)

    def _connected(self, connection: Any, _: Any) -> None:
        connection.driver_connection.add_query_logger(lambda query: self.statements.append(query.query))

    @contextmanager
    def of(self) -> Iterator[list[str]]:
        """The statements sent meanwhile, without what is only a value."""
        self.statements.clear()
        kept: list[str] = []
        yield kept
        kept += [re.sub(r"'[^']*'", "'…'", each) for each in self.statements]
