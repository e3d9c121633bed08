"""A migration is safe beside the version that is still serving: it neither stops it nor takes away what it uses.

Every statement that a migration runs is recorded from a real run and judged by squawk, the linter for PostgreSQL migrations. How to do in
two releases what one may not: docs/running.md, "Upgrading".
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import Engine

from hearth import databases
from shared import ids, migrating
from shared.contracts import SERVICES

ROOT = Path(__file__).parents[2]
STOPS = {
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-serial-primary-key-field",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "require-concurrent-reindex",
    "require-concurrent-partition-detach",
    "ban-concurrent-index-creation-in-transaction",
    "adding-field-with-default",
}
"""What holds a lock for as long as a table is long, or waits for one that everybody else then waits for."""
TAKES_AWAY = {
    "adding-required-field",
    "ban-drop-column",
    "ban-drop-database",
    "ban-drop-table",
    "ban-truncate-cascade",
    "renaming-column",
    "renaming-table",
}
"""What breaks the version before, which still reads or writes it. Allowed in a later release, to a migration that says which."""

BEFORE_THE_RULE: dict[tuple[str, str], set[str]] = {
    ("referrals", "0003"): {"adding-not-nullable-field", "require-concurrent-index-creation"},
    ("referrals", "0006"): {"require-concurrent-index-creation"},
    ("referrals", "0009"): {"ban-drop-column", "require-concurrent-index-deletion"},
    ("monitoring", "0002"): {"require-concurrent-index-creation"},
    ("monitoring", "0008"): {"adding-serial-primary-key-field", "constraint-missing-not-valid"},
}
"""Migrations of before 0.1.0, when there was no version to serve beside them. Nothing may be added here."""
LAST_BEFORE_THE_RULE = {"referrals": "0009", "providers": "0005", "matching": "0008", "monitoring": "0009"}


def released() -> set[str]:
    """Versions that have a heading in the change log and are not said to be unreleased."""
    headings = re.findall(r"^## (\S+)(.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    return {version for version, rest in headings if "unreleased" not in rest}


@contextmanager
def recorded() -> Iterator[dict[bool, list[str]]]:
    """Every statement that any engine runs meanwhile: under True those in a transaction, under False those that commit by themselves."""
    statements: dict[bool, list[str]] = {True: [], False: []}

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements[connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT"].append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def judged(sql: str, folder: Path, *, in_transaction: bool = True) -> set[str]:
    """The rules that squawk finds broken, of those that matter beside a version that serves."""
    file = folder / f"{ids.new_id()}.sql"
    file.write_text(sql)
    squawk = Path(sys.executable).with_name("squawk")
    said = subprocess.run(
        [squawk, "--pg-version=15", *(["--assume-in-transaction"] if in_transaction else []), "--reporter=json", file],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode in (0, 1), said.stderr
    return {each["rule_name"] for each in json.loads(said.stdout or "[]")} & (STOPS | TAKES_AWAY)


def as_sql(statements: list[str]) -> str:
    """Of a recorded run, what the migration itself did."""
    ours = [each for each in statements if not re.search(r"alembic_version|pg_catalog|pg_advisory_lock|select current_schema|show ", each)]
    return "".join(f"{each.strip().rstrip(';')};\n" for each in ours if not re.match(r"\s*(SELECT|select)\b", each))


@pytest.mark.parametrize("service", SERVICES)
async def test_no_migration_stops_or_breaks_the_version_that_serves_beside_it(admin_url: str, service: str, tmp_path: Path) -> None:
    name = f"migrations_{ids.new_id().hex[:12]}"
    where = await databases.provision(admin_url, service, database=name)
    found: dict[tuple[str, str], set[str]] = {}
    try:
        scripts = list(ScriptDirectory.from_config(migrating.configuration(service)).walk_revisions())[::-1]
        for script in scripts:
            with recorded() as statements:
                await migrating.upgrade(where.owner_url, service, script.revision)
            broken = judged(as_sql(statements[True]), tmp_path)
            broken |= judged(as_sql(statements[False]), tmp_path, in_transaction=False)
            release = getattr(script.module, "takes_away_what_nothing_uses_since", "")
            if release in released():
                broken -= TAKES_AWAY
            if broken:
                found[service, script.revision] = broken
    finally:
        await drop(admin_url, name)
    allowed = {key: rules for key, rules in BEFORE_THE_RULE.items() if key[0] == service}
    assert found == allowed, "see docs/running.md, Upgrading: expand in one release, contract in a later one"
    assert all(revision <= LAST_BEFORE_THE_RULE[service] for _, revision in allowed)


async def drop(admin_url: str, database: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(admin_url)
    await connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
    await connection.close()


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("ALTER TABLE offers DROP COLUMN message", "ban-drop-column"),
        ("ALTER TABLE offers RENAME COLUMN message TO words", "renaming-column"),
        ("ALTER TABLE offers RENAME TO bids", "renaming-table"),
        ("DROP TABLE offers", "ban-drop-table"),
        ("ALTER TABLE offers ALTER COLUMN message SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE offers ALTER COLUMN tier TYPE bigint", "changing-column-type"),
        ("ALTER TABLE offers ADD COLUMN mark text NOT NULL", "adding-required-field"),
        ("CREATE INDEX offers_by_mark ON offers (message)", "require-concurrent-index-creation"),
        ("ALTER TABLE offers ADD CONSTRAINT tier_good CHECK (tier > 0)", "constraint-missing-not-valid"),
        ("ALTER TABLE offers ADD CONSTRAINT one UNIQUE (message)", "disallowed-unique-constraint"),
        ("ALTER TABLE offers ADD CONSTRAINT of FOREIGN KEY (lot) REFERENCES lots (code)", "adding-foreign-key-constraint"),
    ],
)
def test_what_would_stop_or_break_it_is_found(sql: str, rule: str, tmp_path: Path) -> None:
    assert rule in judged(f"{sql};", tmp_path)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE offers ADD COLUMN mark text",
        "ALTER TABLE offers ADD COLUMN mark text NOT NULL DEFAULT ''",
        "CREATE TABLE marks (offer uuid PRIMARY KEY, mark text NOT NULL); CREATE INDEX marks_by ON marks (mark)",
        "ALTER TABLE offers ADD CONSTRAINT tier_good CHECK (tier > 0) NOT VALID",
    ],
)
def test_what_may_be_done_while_the_old_version_serves_passes(sql: str, tmp_path: Path) -> None:
    assert judged(f"{sql};", tmp_path) == set()


def test_an_index_made_beside_writers_is_made_outside_a_transaction(tmp_path: Path) -> None:
    sql = "ALTER TABLE offers ADD COLUMN mark text; CREATE INDEX CONCURRENTLY offers_by_mark ON offers (mark);"
    assert "ban-concurrent-index-creation-in-transaction" in judged(sql, tmp_path)
    assert judged(sql, tmp_path, in_transaction=False) == set()


def test_a_release_that_is_not_out_yet_lets_nothing_be_taken_away() -> None:
    unreleased = importlib.metadata.version("hearth-launcher")
    assert unreleased not in released(), "0.1.0 stands as unreleased; when it is out, the next version does"
