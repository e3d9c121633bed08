"""What ``shared.tenancy`` takes for an engine, and the driver's connection under it, on a modelled database.

Everything above is the product's own: its transactions, its SQLAlchemy statements, its SQL. Here a statement becomes text and values, waits
its turn in the schedule, and runs.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.types import JSON

from tests.simulation.postgres.changes import Plan, plans_of
from tests.simulation.postgres.rows import Database, Session, WaitsFor
from tests.simulation.postgres.values import Json

Turn = Callable[[str], Awaitable[None]]
"""Waits until the schedule lets this step happen; what it is, in words."""

_DIALECT = PGDialect(paramstyle="pyformat")
_NAME = re.compile(r"%\((\w+)\)s")
_MANY = re.compile(r"(NOT )?IN \(__\[POSTCOMPILE_(\w+)\]\)")


class Record(tuple[Any, ...]):
    """A row as asyncpg gives it: by place and by name."""

    names: Mapping[str, int] = {}

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.names[key] if isinstance(key, str) else key)


@cache
def _record(columns: tuple[str, ...]) -> type[Record]:
    return type("Record", (Record,), {"names": {name: place for place, name in enumerate(columns)}})


@dataclass
class ModelledEngine:
    """One process's pool for one service's database. ``turn`` belongs to the process; a killed one's statements come to nothing."""

    database: Database
    turn: Turn
    sessions: list[DriverConnection]

    @property
    def pool(self) -> ModelledEngine:
        """Itself."""
        return self

    def size(self) -> int:
        """More connections than a process ever asks for at once: nobody waits for one."""
        return 1_000

    async def connect(self) -> Connection:
        """A connection."""
        driver = DriverConnection(self.database, self.turn, self.is_not_heard)
        self.sessions.append(driver)
        return Connection(driver, self)

    @property
    def is_busy(self) -> bool:
        """Whether the process is in the middle of something: a transaction of its is open."""
        return any(one.session is not None for one in self.sessions)

    def is_not_heard(self, step: str) -> bool:
        """Whether the answer to a step that is done is lost on its way."""
        return False

    async def dispose(self) -> None:
        """Nothing is kept."""

    def kill(self) -> None:
        """The process is gone: PostgreSQL rolls its transactions back."""
        for one in self.sessions:
            one.lose()
        self.sessions.clear()

    __hash__ = object.__hash__


class Connection:
    """As much of SQLAlchemy's AsyncConnection as ``shared.tenancy`` uses."""

    def __init__(self, driver: DriverConnection, engine: ModelledEngine) -> None:
        self.driver_connection = driver
        self.invalidated = False
        self._engine = engine

    @property
    def sync_connection(self) -> Connection:
        """Itself: what SQLAlchemy keeps below itself leads to ``driver_connection``."""
        return self

    @property
    def connection(self) -> Connection:
        """Itself, as above."""
        return self

    async def invalidate(self) -> None:
        """Throw it away."""
        self.invalidated = True
        self.driver_connection.lose()

    async def close(self) -> None:
        """Give it back: what was left open is rolled back."""
        self.driver_connection.lose()
        if self.driver_connection in self._engine.sessions:
            self._engine.sessions.remove(self.driver_connection)

    async def execute(self, statement: Executable, parameters: Any = None) -> Result:
        """One SQLAlchemy statement; many rows of parameters are many inserts."""
        if isinstance(parameters, (list, tuple)):
            count = 0
            for one in parameters:
                rows, _, written = await self._run(statement, one)
                count += written
            return Result(SimpleResultMetaData([]), iter(()), count)
        rows, columns, count = await self._run(statement, parameters or {})
        return Result(SimpleResultMetaData(columns), iter(rows), count)

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        rows, _, _ = await self._run(statement, parameters or {})
        return rows[0][0] if rows else None

    async def _run(self, statement: Any, parameters: Mapping[str, Any]) -> tuple[list[Any], list[str], int]:
        sql, values = as_text(statement, parameters)
        plan, rows, count = await self.driver_connection.run(sql, values)
        return rows, plan.query.columns if plan.query else [], count


class Result(IteratorResult[Any]):
    """SQLAlchemy's own result, with the count a cursor has."""

    def __init__(self, metadata: Any, rows: Any, rowcount: int) -> None:
        super().__init__(metadata, rows)
        self.rowcount = rowcount


class _Text:
    """A compiled statement's text with numbered parameters, and where each value comes from."""

    def __init__(self, compiled: Any) -> None:
        self.compiled = compiled
        order: list[str] = []

        def place(name: str) -> str:
            if name not in order:
                order.append(name)
            return f"${order.index(name) + 1}"

        sql = _MANY.sub(lambda found: f"{'<> ALL' if found[1] else '= ANY'} ({place(found[2])})", compiled.string)
        sql = _NAME.sub(lambda found: place(found[1]), sql)
        if "POSTCOMPILE" in sql:
            raise NotImplementedError(f"the model does not know how this is bound: {sql}")
        self.sql = sql.replace("%%", "%")
        self.order = [(name, isinstance(compiled.binds[name].type, JSON)) for name in order]


_COMPILED: dict[Any, Any] = {}
_TEXTS: dict[Any, _Text] = {}


def as_text(statement: Any, parameters: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """A SQLAlchemy statement as PostgreSQL would be sent it: compiled once for each shape, as SQLAlchemy itself does."""
    compiled, extracted, collected, _ = statement._compile_w_cache(
        _DIALECT, compiled_cache=_COMPILED, column_keys=sorted(parameters), for_executemany=False
    )
    text = _TEXTS.get(compiled)
    if text is None:
        text = _TEXTS[compiled] = _Text(compiled)
    given = compiled.construct_params(dict(parameters), extracted_parameters=extracted, escape_names=False, _collected_params=collected)
    return text.sql, [Json(given[name]) if json and given[name] is not None else given[name] for name, json in text.order]


class DriverConnection:
    """As much of asyncpg's connection as the kit and the stores use; at most one transaction at a time."""

    def __init__(self, database: Database, turn: Turn, is_not_heard: Callable[[str], bool] = lambda _: False) -> None:
        self.database = database
        self.turn = turn
        self.is_not_heard = is_not_heard
        self.session: Session | None = None
        self._lost = False

    def lose(self) -> None:
        """The connection ends; PostgreSQL rolls back what was open."""
        self._lost = True
        if self.session is not None:
            self.session.roll_back()
            self.session = None

    def terminate(self) -> None:
        """Give the connection up without a word to the server, which rolls back what was open."""
        self.lose()

    def is_closed(self) -> bool:
        """Whether it was lost."""
        return self._lost

    async def execute(self, sql: str, *values: Any) -> str:
        """One statement, or several without values; what the last one says."""
        plan, _, count = await self.run(sql, list(values))
        return plan.kind if plan.query is None else f"{plan.kind} {count}"

    async def fetch(self, sql: str, *values: Any) -> list[Record]:
        """The rows."""
        plan, rows, _ = await self.run(sql, list(values))
        assert plan.query is not None
        kind = _record(tuple(plan.query.columns))
        return [kind(row) for row in rows]

    async def fetchrow(self, sql: str, *values: Any) -> Record | None:
        """The first row, or None."""
        rows = await self.fetch(sql, *values)
        return rows[0] if rows else None

    async def fetchval(self, sql: str, *values: Any) -> Any:
        """The first row's first value, or None."""
        rows = await self.fetch(sql, *values)
        return rows[0][0] if rows else None

    async def run(self, sql: str, values: Iterable[Any]) -> tuple[Plan, list[Any], int]:
        """What was asked, after its turn has come; waiting where another transaction holds what it needs."""
        result: tuple[Plan, list[Any], int] | None = None
        try:
            plans = plans_of(self.database.schema.service, sql)
        except Exception as error:
            self.database.puzzles.append(f"{error!r} in {' '.join(sql.split())}")
            raise
        if not sql.startswith("SELECT set_config("):  # who asks is the transaction's own affair: nobody else can notice
            await self.turn(sql)
        if self._lost:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        for plan in plans:
            result = self._transaction(plan) if plan.query is None else (plan, *await self._statement(plan, values))
        assert result is not None
        if sql == "COMMIT" and self.is_not_heard(sql):
            self.lose()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return result

    def _transaction(self, plan: Plan) -> tuple[Plan, list[Any], int]:
        kind = plan.kind
        if kind.startswith("BEGIN"):
            self.session = Session(self.database)
            if "REPEATABLE" in kind:
                self.session.freeze()
            return plan, [], 0
        session = self.session
        if session is None:
            if kind == "ROLLBACK":
                return plan, [], 0
            raise asyncpg.NoActiveSQLTransactionError("there is no transaction in progress")
        if kind == "COMMIT":
            self.session = None
            if not session.commit():
                return Plan("ROLLBACK", None, 0, "COMMIT"), [], 0
        elif kind == "ROLLBACK":
            self.session = None
            session.roll_back()
        elif kind == "SAVEPOINT":
            session.savepoint()
        elif kind == "ROLLBACK_TO":
            session.back()
        elif kind == "RELEASE":
            session.points.pop()
        else:
            raise NotImplementedError(kind)
        return plan, [], 0

    async def _statement(self, plan: Plan, values: Iterable[Any]) -> tuple[list[Any], int]:
        session = self.session or Session(self.database)
        alone = self.session is None
        if session.failed:
            raise asyncpg.InFailedSQLTransactionError("current transaction is aborted, commands ignored until end of transaction block")
        asking = session.asking
        while True:
            try:
                rows, count = plan.run(session, values)
            except WaitsFor as waits:
                session.fresh, session.asking = {}, asking
                await self._wait(session, waits.holder)
                continue
            except BaseException as error:
                session.fresh, session.failed = {}, True
                if not isinstance(error, asyncpg.PostgresError):
                    self.database.puzzles.append(f"{error!r} in {' '.join(plan.sql.split())}")
                raise
            session.done()
            if alone:
                session.commit()
            return rows, count

    async def _wait(self, session: Session, holder: Session) -> None:
        if session.waiting_in_a_ring(holder):
            session.failed = True
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        session.waits_for = holder
        holder.on_end.append(lambda: None if ended.done() else ended.set_result(None))
        try:
            await ended
        finally:
            session.waits_for = None
        if self._lost:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        await self.turn("look again")
        if self._lost:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
