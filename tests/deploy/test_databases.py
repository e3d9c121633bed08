"""Roles and databases are made the same way by the launcher and by the compose file's script, on every PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import asyncpg
import pytest

from hearth import databases
from hearth.arrangement import SERVICES
from tests.running.postgresql import postgres_url, private_postgres, wheel_postgres_url

ROLES = """SELECT rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles
           WHERE rolname ~ '_(owner|app)$' ORDER BY 1"""
DATABASES = """SELECT datname, pg_get_userbyid(datdba),
                      has_database_privilege(replace(datname, 'hearth_', '') || '_app', datname, 'CONNECT')
               FROM pg_database WHERE datname = ANY($1) ORDER BY 1"""
NAMES = [f"hearth_{service}" for service in SERVICES]


async def made(url: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        roles, found = await connection.fetch(ROLES), await connection.fetch(DATABASES, NAMES)
        return [tuple(row) for row in roles], [tuple(row) for row in found]
    finally:
        await connection.close()


@pytest.mark.parametrize("server", [postgres_url, wheel_postgres_url])
async def test_the_application_role_owns_nothing_and_cannot_pass_row_security_by(server: Callable[[], str]) -> None:
    url = server()
    for _ in range(2):  # the second time finds it made
        addresses, bus = await databases.provision_all(url)
    roles, found = await made(url)
    assert {row[0]: row[1:] for row in roles if row[0].split("_")[0] in SERVICES} == {
        f"{service}_{kind}": (True, False, False, False, False, False) for service in SERVICES for kind in ("owner", "app")
    }
    assert found == sorted((f"hearth_{service}", f"{service}_owner", True) for service in SERVICES)
    app = await asyncpg.connect(addresses["matching"].app_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("CREATE TABLE mine (id int)")
    finally:
        await app.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(databases.address(url, "referrals_app", databases.DEVELOPMENT_PASSWORD, "hearth_matching"))
    await (await asyncpg.connect(bus)).close()


async def test_the_compose_files_script_makes_what_the_launcher_makes() -> None:
    launcher, compose = private_postgres(), private_postgres()
    await databases.provision_all(launcher)
    passwords = dict.fromkeys(("OWNER_PASSWORD", "APP_PASSWORD", "SIGNIN_PASSWORD"), "for-this-test")
    port = compose.partition("127.0.0.1:")[2].partition("/")[0]
    environment = {"PATH": os.environ["PATH"], "PGHOST": "127.0.0.1", "PGPORT": port, "POSTGRES_USER": "postgres", **passwords}
    script = await asyncio.create_subprocess_exec("deploy/postgresql/roles.sh", env=environment, stdout=asyncio.subprocess.DEVNULL)
    assert await script.wait() == 0
    assert await made(compose) == await made(launcher)


async def test_a_server_that_does_not_answer_is_named_with_what_to_do() -> None:
    with pytest.raises(databases.NoDatabaseError, match="Unset it"):
        await databases.check("postgresql://postgres@127.0.0.1:1/postgres")
