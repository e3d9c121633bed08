"""Bringing a service's databases to its newest schema: Alembic, as the owning role, every database of the tenancy map."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.settings import Settings, SettingsMissing


def configuration(package: str) -> Config:
    """Alembic's configuration of one service: its own ``migrations`` folder, no file of settings."""
    module = importlib.import_module(package)
    assert module.__file__ is not None
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def run_environment(metadata: MetaData) -> None:
    """What each service's ``migrations/env.py`` does: migrate on the connection it was handed, in one transaction."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        # Two processes that migrate at once take turns; a migration never waits long for a lock the running service holds.
        connection.execute(text("SELECT pg_advisory_xact_lock(7261)"))
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        context.run_migrations()


def newest(package: str) -> str:
    """The revision that this version of a service brings its databases to."""
    head = ScriptDirectory.from_config(configuration(package)).get_current_head()
    assert head is not None, "every service has migrations"
    return head


async def upgrade(url: str, package: str, revision: str = "head") -> None:
    """Bring one database to ``revision``; the address is the owning role's."""
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool, hide_parameters=True)

    def work(connection: Connection) -> None:
        config = configuration(package)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        # Which schema it has is no secret, and whoever looks after a running system asks it as the application.
        connection.execute(text(f"GRANT SELECT ON alembic_version TO {package}_app"))

    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()


async def upgrade_all(settings: Settings, package: str) -> None:
    """Every database of the map, one after the other."""
    if not settings.owner_database_url:
        raise SettingsMissing("OWNER_DATABASE_URL is not set; migrate runs as the owning role")
    for url in (settings.owner_database_url, *(place.owner_database_url for place in settings.tenancy_map.values())):
        await upgrade(url, package)


def upgrade_now(url: str, package: str) -> None:
    """The same for callers that are not asynchronous."""
    asyncio.run(upgrade(url, package))
