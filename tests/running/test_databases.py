"""A database handed to the next test is as a migration left it, whatever the test before did."""

from __future__ import annotations

import asyncpg

from tests.running.databases import TestDatabases, _named


async def test_what_a_test_wrote_is_gone_and_what_a_migration_wrote_is_as_it_was(databases_of_tests: TestDatabases) -> None:
    one = await databases_of_tests.take("monitoring")
    connection = await asyncpg.connect(_named(databases_of_tests.admin_url, one.name))
    try:
        migrated = await connection.fetch("SELECT * FROM expectations ORDER BY kpi")
        await connection.execute("UPDATE expectations SET value = 99")
        await connection.execute("INSERT INTO expectations VALUES ('another', 'consortium', 1, 'A test''s.')")
        await databases_of_tests.give_back(one)
    finally:
        await connection.close()
    again = await databases_of_tests.take("monitoring")
    assert again.name == one.name
    connection = await asyncpg.connect(_named(databases_of_tests.admin_url, again.name))
    try:
        assert migrated
        assert await connection.fetch("SELECT * FROM expectations ORDER BY kpi") == migrated
    finally:
        await connection.close()
        await databases_of_tests.give_back(again)
