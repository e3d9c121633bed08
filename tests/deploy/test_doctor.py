"""The doctor's judgements one by one, and what it reads of real databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from hearth.arrangement import SERVICES
from hearth.data_folder import DataFolder, Running
from hearth.doctor import reading
from hearth.doctor.finding import Database, Gravity, Queue, Reading, findings
from hearth.doctor.telling import in_words
from shared import migrating
from tests.running.databases import TestDatabases

WELL = Reading(
    health={"referrals": {"database 0": "well"}, "issuer": {}},
    databases=[Database("referrals", "0009", "0009", unsent=3, oldest_seconds=1.0)],
    queues=[Queue("referrals", waiting=5, oldest_seconds=2.0)],
    clocks={"referrals": 0.4},
    councils=["E06000045"],
    keys={"E06000045": ["2026"]},
    sealed={"E06000045": ["2026"]},
    free_disk=0.5,
    sweeps={"referrals": 12.0},
)
ILL = {
    "a process is away": ({"health": {"referrals": None}}, "a-process-does-not-answer", "does not answer"),
    "what it stands on is away": ({"health": {"referrals": {"broker (out)": "does not answer"}}}, "degraded", "broker"),
    "the database is away": ({"databases": [Database("referrals", newest="1", error="OSError")]}, "a-database-does-not-answer", "OSError"),
    "the schema is behind": ({"databases": [Database("referrals", "0008", "0009")]}, "schema-behind", "hearth migrate referrals"),
    "there is no schema": ({"databases": [Database("referrals", None, "0009")]}, "schema-behind", "has no tables"),
    "news waits to be sent": ({"databases": [Database("referrals", "9", "9", 7, 61.0)]}, "outbox-lag", "7 events wait to be sent"),
    "the broker is away": ({"queues": [Queue("referrals", error="Unreachable")]}, "the-broker-does-not-answer", "Unreachable"),
    "news waits to be heard": ({"queues": [Queue("referrals", 9, 0, 61.0)]}, "queue-age", "the oldest for 61 seconds"),
    "very much waits": ({"queues": [Queue("referrals", 10_001)]}, "queue-age", "10001 events wait"),
    "dead letters": ({"queues": [Queue("matching", 0, 2, None, {"offer.made": 2})]}, "dead-letters", "hearth dead-letters list matching"),
    "a clock is ahead": ({"clocks": {"providers": 90.0}}, "clock-skew", "90 seconds ahead of"),
    "a clock is behind": ({"clocks": {"providers": -7300.0}}, "clock-skew", "2 hours behind"),
    "a council has no key": ({"councils": ["E06000045", "E10000014"]}, "key-missing", "hearth vault-keys E10000014"),
    "a key was replaced by a new one": ({"keys": {"E06000045": ["2027"]}}, "key-missing", "Put that key back"),
    "a key was taken out": ({"keys": {}}, "key-missing", "sealed under 2026"),
    "the schema is newer": ({"databases": [Database("referrals", "0010", "0009")]}, "schema-behind", "newer than this version knows"),
    "the disk is nearly full": ({"free_disk": 0.03}, "disk-full", "3% of its disk is free"),
    "nothing is ended in time": ({"sweeps": {"matching": 1300.0}}, "sweep-late", "21 minutes"),
}  # fmt: skip


def test_of_a_well_hearth_it_says_so_and_nothing_else() -> None:
    [found] = findings(WELL)
    assert (found.gravity, found.do) == (Gravity.WELL, "")
    assert [each.gravity for each in findings(replace(WELL, keys=None, councils=["E06000045"]))] == [Gravity.WELL], "development keys"
    others = replace(WELL, keys={"E10000014": ["2026"]}, sealed={"E06000045": ["development"]}, councils=[])
    assert [each.gravity for each in findings(others)] == [Gravity.WELL], "derived for whom the file does not name"


@pytest.mark.parametrize("ill", ILL)
def test_each_thing_that_can_be_wrong_is_said_with_what_to_do(ill: str) -> None:
    change, page, words = ILL[ill]
    [found] = findings(replace(WELL, **change))
    assert (found.page, found.gravity > Gravity.WELL, bool(found.do)) == (page, True, True)
    assert words in "\n".join(in_words([found]))


def test_everything_wrong_at_once_is_all_said_the_worst_first() -> None:
    change = {name: value for changes, _, _ in ILL.values() for name, value in changes.items()}
    found = findings(replace(WELL, **change))
    assert len(found) == len(change)
    assert [each.gravity for each in found] == sorted((each.gravity for each in found), reverse=True)


async def test_it_reads_schema_and_outbox_as_the_application_may(fresh_database: Callable[[str], Awaitable[tuple[str, str]]]) -> None:
    app, owner = await fresh_database("providers")
    found, ahead = await reading._database("providers", app)
    assert (found.schema, found.newest, found.unsent, found.error) == (migrating.newest("providers"), migrating.newest("providers"), 0, "")
    assert ahead is not None
    assert abs(ahead) < 5
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute("SELECT set_config('app.organisation', 'plumbing', false)")
        await connection.execute(
            "INSERT INTO outbox (id, type, envelope, recorded_at) VALUES (gen_random_uuid(), 'x', '{}', now() - interval '5 minutes')"
        )
        late, _ = await reading._database("providers", app)
        assert (late.unsent, 299 < late.oldest_seconds < 400) == (1, True)
        await connection.execute("UPDATE alembic_version SET version_num = '0001'")
        behind, _ = await reading._database("providers", app)
        await connection.execute("UPDATE alembic_version SET version_num = $1", migrating.newest("providers"))
    finally:
        await connection.close()
    assert [each.page for each in findings(replace(WELL, databases=[behind]))] == ["schema-behind", "outbox-lag"]


async def test_a_database_and_a_bus_that_are_away_are_said_to_be(databases_of_tests: TestDatabases) -> None:
    found, ahead = await reading._database("providers", "postgresql://nobody@127.0.0.1:9/none")
    assert (bool(found.error), ahead) == (True, None)


async def test_a_process_that_does_not_answer_is_asked_once_and_not_for_each_thing_it_could_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def listens_and_says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        await reader.read()
        writer.close()

    monkeypatch.setattr(reading, "SECONDS", 0.3)
    async with await asyncio.start_server(listens_and_says_nothing, "127.0.0.1", 0) as silent:
        address = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        nowhere = "postgresql://nobody@127.0.0.1:9/none"
        everything = dict.fromkeys(("issuer", *SERVICES), address)
        found = await reading.read(DataFolder(tmp_path), Running(address, everything, dict.fromkeys(SERVICES, nowhere), nowhere))
    assert set(found.health.values()) == {None}
    paths = sorted(line.split()[1] for line in asked)
    assert paths == [b"/.well-known/openid-configuration", *[b"/health/ready"] * len(SERVICES)]
    assert (found.clocks, found.councils, found.sweeps) == ({}, [], {})
