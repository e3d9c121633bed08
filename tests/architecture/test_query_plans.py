"""A list or ranking of the journey reads what it shows, not what there is: by PostgreSQL's own account, on tables of 100,000 rows.

Each request is really made, what it sends to the database is written down, and every statement is run again under EXPLAIN ANALYZE with
the same parameters, under the same row security. Nothing here is timed.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from tests.bench.captured import QueryLog, Statement, heard_all, listening
from tests.bench.england import England, fill
from tests.bench.england_pages import Asked, asked
from tests.conftest import in_own_loop
from tests.running.databases import TestDatabase, TestDatabases
from tests.running.services import RunningService, SigningKey

MOST = 1_500
"""Rows a scan may touch. A page shows fifty, and reads for them some hundreds: every open referral of an agency, each offer of those."""
SIZES = {
    "referrals": England(referrals=100_000, offers=100_000, places=100_000, bare=True),
    # A process loads every vacancy once, to rank in memory: the bench's matter, so there are no more of them here than are quickly loaded.
    "matching": England(referrals=100_000, offers=100_000, places=19_800, sent_to=2, bare=True),
    "providers": England(referrals=100_000, offers=100_000, places=100_000),
}
LARGE = {
    "referrals": ("referrals", "referral_children"),
    "matching": ("referrals", "opportunities", "offers", "notices"),
    "providers": ("households", "vacancies"),
}
NEEDED = {"opportunities_provider": "an agency's open opportunities", "notices_in_order": "an agency's notices"}
"""Index → the request that would read a whole table without it."""

PLANNED_FOR_ITS_VALUES = 5
"""So many times PostgreSQL plans a prepared statement for what it is asked with; then it may keep one plan for whatever is asked."""
_TELL_PLANS = (
    "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off; "
    "SET auto_explain.log_format = json; SET auto_explain.log_level = notice; SET jit = off"
)


@dataclass(frozen=True)
class Filled:
    """One service's database with England in it."""

    service: str
    size: England
    database: TestDatabase
    admin_url: str

    async def administrator(self) -> asyncpg.Connection:
        """A connection that row security does not bind until it takes the application's role."""
        address = make_url(self.admin_url).set(database=self.database.name)
        return await asyncpg.connect(address.render_as_string(hide_password=False))


@dataclass(frozen=True)
class Scan:
    """One table as one statement read it."""

    table: str
    how: str
    rows: int


@pytest.fixture(scope="module", params=sorted(SIZES))
def filled(request: pytest.FixtureRequest, databases_of_tests: TestDatabases, admin_url: str) -> Filled:
    """Filled once for all tests of a service; dropped with the session's other databases, since emptying it would take longer."""

    async def made() -> Filled:
        service = request.param
        one = Filled(service, SIZES[service], await databases_of_tests.take(service), admin_url)
        administrator = await one.administrator()
        await fill(administrator, service, one.size)
        await administrator.close()
        return one

    return in_own_loop(made)


@asynccontextmanager
async def served(filled: Filled, key: SigningKey) -> AsyncIterator[tuple[RunningService, QueryLog]]:
    """The service on that database, and all that it sends there."""
    declared = importlib.import_module(f"{filled.service}.app").SERVICE
    service = RunningService.start(declared, {None: (filled.database.app_url, filled.database.owner_url)}, key)
    with listening(service.databases.shared) as log:
        yield service, log
    await service.close()


async def statements_of(service: RunningService, log: QueryLog, request: Asked) -> list[Statement]:
    """What the request asks of the database when it is made for the second time: nothing is loaded for good any more."""
    await sent_by(service, log, request)
    return await sent_by(service, log, request)


async def sent_by(service: RunningService, log: QueryLog, request: Asked) -> list[Statement]:
    """What the request asks of the database."""
    await heard_all()
    log.take()
    async with service.as_(request.organisation) as http:
        reply = await http.get(request.address)
        assert reply.status_code == 200, f"{request.name}: {reply.status_code} {reply.text}"
    await heard_all()
    return [one for one in log.take() if not one.query.startswith(("BEGIN", "COMMIT", "SELECT set_config", "SELECT pg_catalog"))]


async def scans_of(administrator: asyncpg.Connection, service: str, organisation: str, statement: Statement) -> list[Scan]:
    """How each table was read when the statement was run as the application, for that organisation; what it changed is undone.

    It is run as a process runs it, prepared and once more than PostgreSQL plans it for its values: it may then have kept one plan for any.
    """
    await administrator.execute(
        f"{_TELL_PLANS}; SAVEPOINT looked; SET LOCAL ROLE {service}_app; SELECT set_config('app.organisation', '{organisation}', true)"
    )
    told: list[str] = []

    def listener(_: object, message: Any) -> None:
        told.append(message.message)

    prepared = await administrator.prepare(statement.query)
    administrator.add_log_listener(listener)
    for _ in range(PLANNED_FOR_ITS_VALUES + 1):
        await prepared.fetch(*statement.args)
    await administrator.execute("ROLLBACK TO SAVEPOINT looked")  # which also ends the last of them, and only then is its plan told
    await heard_all()
    administrator.remove_log_listener(listener)
    plans = [json.loads(each.partition("plan:\n")[2]) for each in told if "plan:\n" in each]
    its_own = [each["Plan"] for each in plans if each["Query Text"] == statement.query]  # the driver asks for types besides
    assert len(its_own) == PLANNED_FOR_ITS_VALUES + 1, told
    return [scan for plan in its_own for scan in _scans(plan)]


def _scans(node: dict[str, Any]) -> Iterator[Scan]:
    if table := node.get("Relation Name"):
        touched = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        yield Scan(table, f"{node['Node Type']} {node.get('Index Name', '')}".strip(), round(touched * node["Actual Loops"]))
    for inner in node.get("Plans", ()):
        yield from _scans(inner)


async def too_much_read(administrator: asyncpg.Connection, filled: Filled, request: Asked, sent: list[Statement]) -> list[Scan]:
    """Every scan of the request's statements that touched more rows than a page needs."""
    found = []
    for statement in sent:
        scans = await scans_of(administrator, filled.service, request.organisation, statement)
        found += [scan for scan in scans if scan.rows > MOST]
    return found


async def test_no_list_or_ranking_of_the_journey_reads_a_whole_table(filled: Filled, signing_key: SigningKey) -> None:
    administrator = await filled.administrator()
    for table in LARGE[filled.service]:
        assert await administrator.fetchval(f"SELECT count(*) FROM {table}") >= 100_000, table
    async with served(filled, signing_key) as (service, log), administrator.transaction():
        for request in asked(filled.size, 1):
            if request.service == filled.service:
                sent = await statements_of(service, log, request)
                assert sent, f"{request.name} asked the database nothing: this would prove nothing"
                assert await too_much_read(administrator, filled, request, sent) == [], f"{request.name}: {request.address}"
    await administrator.close()


@pytest.mark.parametrize("filled", ["matching"], indirect=True)
async def test_a_bed_held_since_the_last_look_is_taken_up_without_reading_every_vacancy(filled: Filled, signing_key: SigningKey) -> None:
    administrator = await filled.administrator()
    request = next(one for one in asked(filled.size, 1) if one.name == "candidates, first fifty")
    async with served(filled, signing_key) as (service, log):
        await statements_of(service, log, request)
        held = await administrator.fetchrow(
            """INSERT INTO beds_held (provider, hold, household, beds, freed)
               SELECT provider, gen_random_uuid(), household, 1, false FROM vacancies LIMIT 1 RETURNING household"""
        )
        [looked] = [one for one in await sent_by(service, log, request) if "beds_held.changed_in" in one.query]
        for without in ("SELECT", "DROP INDEX vacancies_household"):
            made = administrator.transaction()
            await made.start()
            await administrator.execute(without)
            scans = await scans_of(administrator, filled.service, request.organisation, looked)
            await made.rollback()
            assert sum(scan.rows for scan in scans if scan.table == "vacancies") >= 1, f"nothing of {held['household']} was read"
            assert without.startswith("DROP") == any(scan.rows > MOST for scan in scans), scans
    await administrator.close()


@pytest.mark.parametrize("filled", ["matching"], indirect=True)
async def test_without_its_index_a_list_is_found_to_read_a_whole_table(filled: Filled, signing_key: SigningKey) -> None:
    administrator = await filled.administrator()
    async with served(filled, signing_key) as (service, log):
        for index, name in NEEDED.items():
            request = next(one for one in asked(filled.size, 1) if one.name == name)
            sent = await statements_of(service, log, request)
            made = administrator.transaction()
            await made.start()
            await administrator.execute(f"DROP INDEX {index}")
            found = await too_much_read(administrator, filled, request, sent)
            await made.rollback()
            assert index.partition("_")[0] in {scan.table for scan in found}, f"{name} without {index}: {found}"
    await administrator.close()
