"""Bringing a service's databases to its newest schema: Alembic, as the owning role, every database of the tenancy map.

The version before goes on serving meanwhile. So each revision is a transaction of its own that waits at most two seconds for a
lock (whoever wants the table after it waits as long), gives up, lets the others pass and tries again; and no statement of it runs
longer than a minute. What a revision may contain is checked by tests/architecture/test_migrations_beside_old_code.py.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alembic import command, context, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared import logs
from shared.settings import Settings, SettingsMissing

LOCK_SECONDS = 2
STATEMENT_SECONDS = 60
TRIES = 30
PAUSE_SECONDS = 1.0
_ONE_AT_A_TIME = 7261
_LOCK_NOT_AVAILABLE = "55P03"

_log = logs.logger("shared.migrating")


def configuration(package: str) -> Config:
    """Alembic's configuration of one service: its own ``migrations`` folder, no file of settings."""
    module = importlib.import_module(package)
    assert module.__file__ is not None
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def run_environment(metadata: MetaData) -> None:
    """What each service's ``migrations/env.py`` does: migrate on the connection it was handed, each revision in a transaction of its own.

    A revision that makes an index does so by :func:`indexes_beside_writers`.
    """
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
        return
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def indexes_beside_writers(wanted: Mapping[str, str], *, instead_of: Sequence[str] = ()) -> None:
    """For a revision: make these indexes (name: what it is on) while others write, for as long as it takes; then drop those they replace.

    Outside a transaction. One that an interrupted try has left half made is made anew.
    """
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        for name, what in wanted.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")
        for name in instead_of:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute("RESET statement_timeout")
        op.execute("RESET lock_timeout")


def newest(package: str) -> str:
    """The revision that this version of a service brings its databases to."""
    head = ScriptDirectory.from_config(configuration(package)).get_current_head()
    assert head is not None, "every service has migrations"
    return head


async def upgrade(url: str, package: str, revision: str = "head", *, role: str = "") -> None:
    """Bring one database to ``revision``. The address is the owning role's, or an administrator's who then works as ``role``.

    A lock that cannot be had is asked for again; after thirty tries the driver's error is raised, and the revisions before it stay.
    """
    settings = {"lock_timeout": f"{LOCK_SECONDS}s", "statement_timeout": f"{STATEMENT_SECONDS}s", "application_name": "hearth migrate"}
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"server_settings": settings | ({"role": role} if role else {})},
    )

    def work(connection: Connection) -> None:
        # Two processes that migrate at once take turns; of the session and not of a transaction, because each revision has its own.
        connection.execute(text(f"SELECT pg_advisory_lock({_ONE_AT_A_TIME})"))
        connection.commit()
        config = configuration(package)
        config.attributes["connection"] = connection
        if _is_newer(connection, config):
            _log.warning("the schema is newer than this version knows; it is left as it is", service=package)
            return
        command.upgrade(config, revision)
        # Which schema it has is no secret, and whoever looks after a running system asks it as the application.
        connection.execute(text(f"GRANT SELECT ON alembic_version TO {package}_app"))
        connection.commit()

    try:
        for left in reversed(range(TRIES)):
            try:
                async with engine.connect() as connection:
                    await connection.run_sync(work)
                return
            except DBAPIError as error:
                if not left or not _lock_was_held(error):
                    raise
                _log.info("a lock that a migration needs is held; trying again", service=package, tries_left=left)
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await engine.dispose()


def _is_newer(connection: Connection, config: Config) -> bool:
    """Whether a later version has been here: one release back runs on its schema, and brings it nowhere."""
    has = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    return has is not None and has not in {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}


def _lock_was_held(error: DBAPIError) -> bool:
    cause: Any = error.orig
    return getattr(cause, "sqlstate", "") == _LOCK_NOT_AVAILABLE


async def upgrade_all(settings: Settings, package: str) -> None:
    """Every database of the map, one after the other."""
    if not settings.owner_database_url:
        raise SettingsMissing("OWNER_DATABASE_URL is not set; migrate runs as the owning role")
    for url in (settings.owner_database_url, *(place.owner_database_url for place in settings.tenancy_map.values())):
        await upgrade(url, package)


def upgrade_now(url: str, package: str) -> None:
    """The same for callers that are not asynchronous."""
    asyncio.run(upgrade(url, package))
