"""Somebody who got hold of the application's own address and types into psql: what they see and change, table by table.

Nothing here goes through our code: the rows are put in by the administrator, and psql is signed in as ``<service>_app``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import asyncpg
import pytest

from shared.contracts import SERVICES
from tests.architecture.catalogue import as_superuser, connected, policies, shape, tables
from tests.architecture.test_row_security import VALUES, _put_a_row

pytestmark = pytest.mark.parametrize("service", SERVICES)

OWNER = VALUES["text"].strip("'")
"""Whose every row is."""
OTHERS = ("council:E06000044", "agency:SC900001", "consortium")
MARK = "=== "

ADDED_TO_ONLY: dict[str, set[str]] = {
    "referrals": {"disclosures"},
    "providers": set(),
    "matching": {"decisions", "approvals"},
    "monitoring": {"heard", "alert_steps", "return_versions", "chart_limits"},
}
"""Who was told what, what was decided and approved, what was heard, done about an alert and returned: records, never changed or deleted."""


async def psql(url: str, statements: Iterable[str]) -> list[str]:
    """Type the statements one after the other, each in its own transaction; what was said to each."""
    typed = "".join(f"\\echo '{MARK}'\n{statement};\n" for statement in statements)
    child = await asyncio.create_subprocess_exec(
        *("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await child.communicate(typed.encode())
    return [part.strip() for part in said.decode().split(MARK)[1:]]


def sees_nothing(said: str) -> bool:
    return said in ("", "0") or "permission denied" in said


async def test_in_psql_nobody_sees_or_changes_a_row_of_another_organisation(fresh_database: Any, admin_url: str, service: str) -> None:
    app_url, owner_url = await fresh_database(service)
    async with connected(as_superuser(admin_url, owner_url)) as administrator:
        names = await _with_a_row_each(administrator)
        shared = {
            policy.table
            for policy in await policies(administrator)
            if policy.command in ("SELECT", "ALL") and shape(policy.expressions()[0]) == "consortium"
        }
    looking = [f'SELECT * FROM "{name}"' for name in names]
    for name, said in zip(names, await psql(app_url, looking), strict=True):
        assert sees_nothing(said), f"without a setting: {name}"
    # One for all, so that the others prove something.
    mine = await psql(app_url, [f"SET app.organisation = '{OWNER}'", *looking])
    assert sum(not sees_nothing(said) for said in mine[1:]) > len(names) // 2
    for other in OTHERS:
        said = (await psql(app_url, [f"SET app.organisation = '{other}'", *looking]))[1:]
        assert {name for name, rows in zip(names, said, strict=True) if not sees_nothing(rows)} <= shared, other
        for verb in ('UPDATE "{0}" SET "{1}" = "{1}" RETURNING 1', 'DELETE FROM "{0}" RETURNING 1'):
            columns = await _first_columns(owner_url, names)
            changed = (await psql(app_url, [f"SET app.organisation = '{other}'", *(verb.format(name, columns[name]) for name in names)]))[
                1:
            ]
            assert {name for name, rows in zip(names, changed, strict=True) if not _nothing_changed(rows)} == set(), (other, verb)


def _nothing_changed(said: str) -> bool:
    return sees_nothing(said) or "violates row-level security" in said


async def _with_a_row_each(administrator: asyncpg.Connection) -> list[str]:
    """Every table but those that a migration filled for the consortium, each with a row now."""
    names = [name for name in await tables(administrator) if not await administrator.fetchval(f'SELECT EXISTS (SELECT FROM "{name}")')]
    for name in names:
        await _put_a_row(administrator, name)
    await administrator.execute("ANALYZE")
    return names


async def _first_columns(owner_url: str, names: list[str]) -> dict[str, str]:
    async with connected(owner_url) as connection:
        return {
            name: await connection.fetchval(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attidentity = '' "
                "AND attgenerated = '' AND NOT attisdropped ORDER BY attnum LIMIT 1",
                f'"{name}"',
            )
            for name in names
        }


REFUSED = r"permission denied|must be superuser|must be owner"
WAYS_AROUND = {
    **dict.fromkeys(
        (
            "SET ROLE {owner}",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION postgres",
            "SET session_replication_role = replica",
            "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            "CREATE POLICY everybody ON {table} USING (true)",
            "ALTER ROLE {app} BYPASSRLS",
            "ALTER ROLE {app} SUPERUSER",
            "CREATE ROLE another",
            "TRUNCATE {table}",
            "DROP TABLE {table}",
            "COPY {table} TO '/tmp/hearth-taken'",
            "COPY {table} TO PROGRAM 'cat'",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_ls_dir('.')",
            "SELECT lo_import('/etc/passwd')",
            "SELECT lo_export(1, '/tmp/hearth-taken')",
            "CREATE FUNCTION public.sees_all() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true'",
            "CREATE TEMP TABLE kept AS SELECT 1",
            "CREATE SCHEMA mine",
            "CREATE TABLE public.mine (a int)",
            "CREATE VIEW public.mine AS SELECT 1",
            "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION pg_catalog.tsvector_update_trigger()",
            "SELECT rolpassword FROM pg_authid",
            "SELECT passwd FROM pg_shadow",
            "SELECT * FROM pg_statistic",
            "SELECT * FROM pg_hba_file_rules",
            "ALTER SYSTEM SET log_statement = 'all'",
            "SELECT pg_reload_conf()",
        ),
        REFUSED,
    ),
    "SET row_security = off; SELECT * FROM {table}": r"would be affected by row-level security",
    "COPY {table} FROM '/etc/passwd'": REFUSED + r"|not supported with row-level security",
    "GRANT {owner} TO {app}": REFUSED + r"|must have admin option",
    "CREATE EXTENSION dblink": REFUSED + r"|not available",
}
"""What somebody would try next, and what PostgreSQL says to it."""


async def test_in_psql_every_way_around_row_security_is_refused(fresh_database: Any, admin_url: str, service: str) -> None:
    app_url, owner_url = await fresh_database(service)
    async with connected(as_superuser(admin_url, owner_url)) as administrator:
        names = await _with_a_row_each(administrator)
        own = [policy.table for policy in await policies(administrator) if shape(policy.expressions()[0]) == "own"]
        sequences = [row[0] for row in await administrator.fetch("SELECT relname FROM pg_class WHERE relkind = 'S'")]
        definers = await administrator.fetch(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef "
            "AND has_function_privilege($1, oid, 'EXECUTE')",
            f"{service}_app",
        )
    words = {"table": own[0], "owner": f"{service}_owner", "app": f"{service}_app"}
    tried = [way.format(**words) for way in WAYS_AROUND]
    for statement, expected, said in zip(tried, WAYS_AROUND.values(), await psql(app_url, tried), strict=True):
        assert re.search(expected, said), (statement, said)
    # What the catalogue and copies show of tables behind row security.
    for name, said in zip(names, await psql(app_url, [f'COPY "{name}" TO STDOUT' for name in names]), strict=True):
        assert sees_nothing(said), name
    assert await psql(app_url, ["SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename <> 'alembic_version'"]) == ["0"]
    assert await psql(app_url, ["SELECT count(*) FROM pg_stats_ext"]) == ["0"]
    for name, said in zip(sequences, await psql(app_url, [f"SELECT setval('\"{name}\"', 1)" for name in sequences]), strict=True):
        assert "permission denied" in said, name
    assert [row["proname"] for row in definers] == [], "a function with its owner's rights that the application may call"


async def test_in_psql_what_is_a_record_can_be_added_to_and_nothing_else(fresh_database: Any, service: str) -> None:
    app_url, owner_url = await fresh_database(service)
    async with connected(owner_url) as connection:
        names = set(await tables(connection))
    assert ADDED_TO_ONLY[service] <= names
    columns = await _first_columns(owner_url, sorted(ADDED_TO_ONLY[service]))
    for table in sorted(ADDED_TO_ONLY[service]):
        tried = [
            f"SET app.organisation = '{OWNER}'",
            f'UPDATE "{table}" SET "{columns[table]}" = "{columns[table]}"',
            f'DELETE FROM "{table}"',
            f'TRUNCATE "{table}"',
            f'MERGE INTO "{table}" AS t USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE',
        ]
        for statement, said in list(zip(tried, await psql(app_url, tried), strict=True))[1:]:
            assert "permission denied" in said, (statement, said)
