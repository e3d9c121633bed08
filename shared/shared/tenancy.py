"""Whose rows a transaction may touch: every request and delivery opens one here, for one organisation and no longer.

PostgreSQL's row security does the refusing; this module tells it who is asking, for that transaction alone, and finds the
database: all councils share one unless the tenancy map gives a council its own.

The connection runs in the driver's autocommit mode and the transaction is opened and closed by hand: ``BEGIN`` and the setting
travel in one message, which saves a round trip on every request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Executable, make_url
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared import outbox, tracing, turns
from shared.contracts import Envelope
from shared.organisation import Kind, Organisation
from shared.refusals import Reason, RefusalKind, Refused, unavailable
from shared.settings import Settings
from shared.turns import AWAY, WAIT_SECONDS, Line, discard, driver_of, line_of

PLUMBING = "plumbing"
"""The setting under which the relay reads the outbox: no organisation, so it sees no organisation's rows."""

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_UNKNOWN = (
    "The database was lost at the last moment: whether this was written is not known. "
    "Ask again under the same Idempotency-Key, which says which it was; or look."
)
SILENT_SECONDS = 3.0
"""How much longer than a statement may take its answer is waited for."""

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver's own confusion about a connection that died under it
    asyncpg.CannotConnectNowError,
    OSError,
    TimeoutError,
)


def engine_for(
    url: str, *, pool_size: int = 10, statement_timeout_ms: int = 15_000, application: str = "hearth", role: str = ""
) -> AsyncEngine:
    """A pool of connections to one database; ``postgresql://`` addresses are taken as they are.

    ``role``: the address is an administrator's, and all that is done is done as this role, row security included.
    """
    address = make_url(url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(
        address,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_reset_on_return=None,
        hide_parameters=True,
        connect_args={
            "timeout": 5,
            # PostgreSQL ends what takes too long, but over a line that has fallen silent nobody hears it say so.
            "command_timeout": statement_timeout_ms / 1000 + SILENT_SECONDS,
            "server_settings": {
                "application_name": application,
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": "60000",
                # A plan that reckons with many rows would be compiled first, for 30 to 70 ms, and then read one (decision 0762).
                "jit": "off",
                **({"role": role} if role else {}),
            },
        },
    )
    if tracing.on():
        from shared import traced_statements  # its parser is not loaded for nothing

        traced_statements.watch(engine)
    return engine


class Databases:
    """The tenancy map of one service: the shared database, and the councils that have one of their own."""

    def __init__(self, shared: AsyncEngine, own: Mapping[str, AsyncEngine] | None = None, *, source: str) -> None:
        self.shared = shared
        self.own = dict(own or {})
        self.source = source
        self.committed = asyncio.Event()

    @classmethod
    def from_settings(cls, settings: Settings, *, service: str) -> Databases:
        """Open the pools the settings name; nothing connects yet."""

        def engine(url: str) -> AsyncEngine:
            return engine_for(
                url, pool_size=settings.pool_size, statement_timeout_ms=settings.statement_timeout_ms, application=f"hearth {service}"
            )

        own = {council: engine(place.database_url) for council, place in settings.tenancy_map.items()}
        return cls(engine(settings.database_url), own, source=f"/{service}")

    def for_organisation(self, organisation: Organisation, *, council: str | None = None) -> AsyncEngine:
        """The database of a council's rows; for an agency or the consortium, of the council it is asking about."""
        code = organisation.code if organisation.kind is Kind.COUNCIL else council
        return self.own.get(code or "", self.shared)

    def every(self) -> list[AsyncEngine]:
        """Each database once, the shared one first."""
        return [self.shared, *self.own.values()]

    def wake(self) -> None:
        """Tell a relay in this process that an event was committed."""
        self.committed.set()

    async def close(self) -> None:
        """Give every connection back."""
        for engine in self.every():
            await turns.close(engine)


class Transaction:
    """One open transaction under one organisation's row security, and the events it will publish if it commits."""

    def __init__(self, connection: AsyncConnection, driver: Any, organisation: Organisation | None, source: str) -> None:
        self.connection = connection
        self.driver = driver
        self.source = source
        self.pending: list[Envelope] = []
        self.has_news = False
        self._organisation = organisation

    @property
    def organisation(self) -> Organisation:
        """Under whose rights the next statement runs."""
        if self._organisation is None:
            raise LookupError("this transaction is the plumbing's and belongs to no organisation")
        return self._organisation

    async def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult[Any]:
        """Run one SQLAlchemy Core statement."""
        return await self.connection.execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.scalar(statement, parameters)

    async def become(self, organisation: Organisation) -> None:
        """What follows runs under this organisation's row security; for deliveries, which hold several authors' events."""
        await self.driver.execute(f"SELECT set_config('app.organisation', '{organisation}', true)")
        self._organisation = organisation

    @asynccontextmanager
    async def acting_as(self, organisation: Organisation) -> AsyncIterator[None]:
        """For these statements, another organisation's row security; the caller says in a comment by which right."""
        before = self.organisation
        await self.become(organisation)
        yield
        await self.become(before)  # after an error the transaction is over, and with it the setting

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what is inside if it fails; events recorded inside are forgotten with it."""
        before, recorded = self._organisation, len(self.pending)
        await self.driver.execute("SAVEPOINT inside")
        try:
            yield
        except BaseException:
            await self.driver.execute("ROLLBACK TO SAVEPOINT inside; RELEASE SAVEPOINT inside")
            self._organisation = before
            del self.pending[recorded:]
            raise
        await self.driver.execute("RELEASE SAVEPOINT inside")


_PLANNED_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan; "
"""After five runs of a statement PostgreSQL may keep one plan for whatever is asked, and takes a span of three years to be a few rows."""


async def _begin(line: Line, setting: str, mode: str = "", *, planned_anew: bool = False) -> tuple[AsyncConnection, Any]:
    """A connection inside a transaction; a connection the server dropped meanwhile is replaced once, unseen."""
    for attempt in (1, 2):
        try:
            connection = await line.connection()
        except (*_LOST, DBAPIError) as error:
            raise unavailable(AWAY) from error
        try:
            driver: Any = driver_of(connection)
            planned = _PLANNED_ANEW if planned_anew else ""
            await driver.execute(f"BEGIN {mode}; {planned}SELECT set_config('app.organisation', '{setting}', true)")
        except _LOST as error:
            await discard(connection)
            if attempt == 2:
                raise unavailable(AWAY) from error
        except BaseException:
            await discard(connection)
            raise
        else:
            return connection, driver
    raise AssertionError("unreachable")


async def _commit(driver: Any) -> None:
    """Make it true. When the answer is lost nobody knows whether it is, and that is what must be said."""
    try:
        said = await driver.execute("COMMIT")
    except _LOST as error:
        driver.terminate()
        raise Refused(RefusalKind.UNAVAILABLE, _UNKNOWN, (Reason("", "outcome_unknown", _UNKNOWN),)) from error
    if said != "COMMIT":
        raise RuntimeError(f"the transaction had already failed: {said}")


@asynccontextmanager
async def _open(
    engine: AsyncEngine, organisation: Organisation | None, source: str, mode: str = "", *, planned_anew: bool = False
) -> AsyncIterator[Transaction]:
    line = line_of(engine)
    async with line.turn():
        connection, driver = await _begin(line, str(organisation) if organisation else PLUMBING, mode, planned_anew=planned_anew)
        transaction = Transaction(connection, driver, organisation, source)
        try:
            yield transaction
            if transaction.pending:
                transaction.has_news = True
                await outbox.flush(transaction)
            await _commit(driver)
        except BaseException as error:
            try:
                if isinstance(error, TimeoutError):  # it would be as silent about being undone
                    driver.terminate()
                if not driver.is_closed():
                    await asyncio.shield(driver.execute("ROLLBACK"))
            except BaseException:
                await connection.invalidate()
            raise
        finally:
            await line.give_back(connection)


@asynccontextmanager
async def transaction(
    databases: Databases, organisation: Organisation, *, council: str | None = None, planned_anew: bool = False
) -> AsyncIterator[Transaction]:
    """One transaction for one organisation: all of it commits on leaving, or none.

    ``council`` names whose database an agency or the consortium means, where councils may have their own. ``planned_anew``: each
    statement is planned for the values it is asked with, which pays where they decide whether ten rows are read or half a million.
    """
    engine = databases.for_organisation(organisation, council=council)
    async with _open(engine, organisation, databases.source, planned_anew=planned_anew) as opened:
        yield opened
    if opened.has_news:
        databases.wake()


@asynccontextmanager
async def snapshot(databases: Databases, organisation: Organisation) -> AsyncIterator[Transaction]:
    """One transaction that reads everything as it stood at one moment, and writes nothing."""
    engine = databases.for_organisation(organisation)
    async with _open(engine, organisation, databases.source, "ISOLATION LEVEL REPEATABLE READ READ ONLY") as opened:
        yield opened


@asynccontextmanager
async def transaction_on(databases: Databases, engine: AsyncEngine, organisation: Organisation) -> AsyncIterator[Transaction]:
    """The same on one database of the map: for those who must look in every one."""
    async with _open(engine, organisation, databases.source) as opened:
        yield opened
    if opened.has_news:
        databases.wake()


@asynccontextmanager
async def plumbing(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    """For the relay alone: reads and marks the outbox, and sees no organisation's rows."""
    async with _open(engine, None, "") as opened:
        yield opened
