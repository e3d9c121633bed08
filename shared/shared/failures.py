"""What went wrong, told without what was being worked on: an error's message may quote a row, its type and place do not."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import asyncpg
from pydantic import ValidationError
from sqlalchemy import exc

from shared.refusals import RefusalKind, Refused

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,  # disk full, out of memory, too many connections
    asyncpg.ReadOnlySQLTransactionError,  # the old primary after a failover
    exc.TimeoutError,  # no connection free in the pool
    asyncpg.InvalidCachedStatementError,  # a migration beside it gave a table a column; the next try prepares anew
    asyncpg.InternalClientError,  # a connection died in the middle of something
    ConnectionError,
    TimeoutError,  # the database was silent for longer than any statement may take
)


_KIT = f"{Path(__file__).parent}/"


def is_outage(error: BaseException) -> bool:
    """Whether the database is away rather than the work wrong: to be waited for, not counted as a failure of the event."""
    return any(_away(one) for one in _chain(error))


def is_unwritable(error: BaseException) -> bool:
    """Whether PostgreSQL was asked to keep or to find a text that it keeps in no column: one with a null byte, or with half a character."""
    return any(
        isinstance(one, asyncpg.CharacterNotInRepertoireError | asyncpg.UntranslatableCharacterError)
        or (isinstance(one, UnicodeEncodeError) and one.reason == "surrogates not allowed")
        for one in _chain(error)
    )


def described(error: BaseException) -> str:
    """An error in words fit for logs and dead letters: its type, what constraint or rule it names, where it was raised."""
    cause = list(_chain(error))[-1]
    said = type(cause).__name__
    if isinstance(cause, asyncpg.PostgresError):
        named = [getattr(cause, name, None) for name in ("table_name", "constraint_name")]
        said += "".join(f" {name}" for name in named if name)
    if isinstance(cause, Refused):
        said += f" {cause.kind}" + "".join(f" {reason.rule}" for reason in cause.reasons)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    # Every statement passes the kit last: the place that tells something is the handler's or the store's.
    ours = [frame for frame in ours if not frame.filename.startswith(_KIT)] or ours
    if ours:
        said += f" at {'/'.join(ours[-1].filename.split('/')[-2:])}:{ours[-1].lineno} {ours[-1].name}"
    return said


def fields(error: ValidationError) -> str:
    """Which fields broke which rule, without their values; the first five."""
    broken = error.errors(include_url=False, include_context=False, include_input=False)
    named = [f"{'.'.join(str(part) for part in each['loc']) or 'body'} ({each['type']})" for each in broken[:5]]
    return ", ".join(named) + (f" and {len(broken) - 5} more" if len(broken) > 5 else "")


def _away(error: BaseException) -> bool:
    if isinstance(error, _AWAY):
        return True
    if isinstance(error, Refused):
        return error.kind is RefusalKind.UNAVAILABLE
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated
    # asyncpg says with one class both that its caller erred and that the connection is closed
    return isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError) and "closed" in str(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__
