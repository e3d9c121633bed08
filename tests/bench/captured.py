"""The statements one request really sent, turned into a pgbench script that does the same again with fresh ids.

What the service asks of the database is written down by the driver's own query log while one real request is answered. Every
parameter becomes a pgbench variable with the type the server itself gives it; ids that must be new each time are made from
the client's number and a counter, rising as Hearth's own do.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

FRESH = "('00000000-0000-4000-9000-' || lpad((:n)::text, 12, '0'))::uuid"
"""A new id each time: ``n`` rises, and each connection of pgbench has numbers of its own."""


@dataclass(frozen=True)
class Statement:
    """One statement as the driver sent it, and how long until the answer, in seconds."""

    query: str
    args: tuple[Any, ...]
    seconds: float


@dataclass
class QueryLog:
    """Everything the connections of one engine send from now on."""

    statements: list[Statement] = field(default_factory=list)

    def take(self) -> list[Statement]:
        """What was sent since the last time."""
        taken, self.statements = self.statements, []
        return taken


@contextmanager
def listening(engine: AsyncEngine) -> Iterator[QueryLog]:
    """Write down what every new connection of the engine sends; to be entered before it connects.

    The driver tells of what is sent through it a turn of the loop later; what goes through SQLAlchemy it does not tell of, so
    that is heard from SQLAlchemy, and put in its place a turn later too.
    """
    log = QueryLog()

    def written(record: Any) -> None:
        log.statements.append(Statement(record.query, tuple(record.args or ()), record.elapsed))

    def connected(connection: Any, _: Any) -> None:
        connection.driver_connection.add_query_logger(written)

    def begun(*heard: Any) -> None:
        heard[4].began = time.perf_counter()

    def done(_: Any, __: Any, query: str, args: Any, context: Any, many: bool) -> None:
        took = time.perf_counter() - context.began
        for each in args if many else [args]:
            asyncio.get_running_loop().call_soon(log.statements.append, Statement(query, tuple(each), took))

    heard_from = {"connect": connected, "before_cursor_execute": begun, "after_cursor_execute": done}
    for name, listener in heard_from.items():
        event.listen(engine.sync_engine, name, listener)
    try:
        yield log
    finally:
        for name, listener in heard_from.items():
            event.remove(engine.sync_engine, name, listener)


async def heard_all() -> None:
    """Let the listeners be told of everything sent so far."""
    for _ in range(3):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Script:
    """A pgbench script and the variables to be defined for it."""

    text: str
    variables: Mapping[str, str]


async def pgbench_script(connection: asyncpg.Connection, statements: Sequence[Statement], *, fresh: Mapping[Any, str]) -> Script:
    """The same statements for pgbench; ``fresh`` says which values are made anew each time, and by what expression.

    ``connection`` is asked for the types of the parameters. Statements that travelled together in one message do so here
    (pgbench's pipeline), so neither side has a round trip more than the other.
    """
    lines = ["\\set i :i + 1", "\\set n :base + :i * :clients + :client_id"]
    variables: dict[str, str] = {}
    for statement in statements:
        parts = [part.strip() for part in statement.query.split(";") if part.strip()] if not statement.args else [statement.query]
        if len(parts) > 1:
            lines.append("\\startpipeline")
        for part in parts:
            lines.append(await _as_pgbench(connection, part, statement.args, fresh, variables) + ";")
        if len(parts) > 1:
            lines.append("\\endpipeline")
    return Script("\n".join(lines) + "\n", variables)


async def _as_pgbench(
    connection: asyncpg.Connection, query: str, args: Sequence[Any], fresh: Mapping[Any, str], variables: dict[str, str]
) -> str:
    if not args:
        # pgbench would take what follows a colon for a variable, in quotes too.
        return re.sub(r"'([^']*:[A-Za-z0-9_][^']*)'", lambda found: _expression(found[1], "text", {}, variables), query)
    types = [kind.name for kind in (await connection.prepare(query)).get_parameters()]

    def expression(number: int) -> str:
        return _expression(args[number - 1], types[number - 1], fresh, variables)

    one_line = " ".join(query.split())
    return re.sub(r"\$(\d+)(::[a-z]+(\[\])?)?", lambda found: expression(int(found[1])), one_line)


def _expression(value: Any, kind: str, fresh: Mapping[Any, str], variables: dict[str, str]) -> str:
    if isinstance(value, list | tuple):
        item = kind.removesuffix("[]").removeprefix("_")
        return f"ARRAY[{', '.join(_expression(each, item, fresh, variables) for each in value)}]::{item}[]"
    if value is None:
        return f"NULL::{kind}"
    if value in fresh:
        return fresh[value]
    if isinstance(value, UUID):
        return FRESH
    text = _text(value)
    name = next((known for known, said in variables.items() if said == text), f"v{len(variables) + 1}")
    variables[name] = text
    return f"(:{name})::{kind}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
