"""Whose rows a transaction may touch."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import outbox, tenancy, turns
from shared.contracts import providers
from shared.ids import new_id
from shared.organisation import CONSORTIUM, Organisation
from shared.refusals import RefusalKind, Refused

pytestmark = pytest.mark.both_postgres

SOUTHAMPTON = Organisation.council("E06000045")
SLOUGH = Organisation.council("E06000039")
WRITE = text("INSERT INTO notes (organisation, id, words) VALUES (:organisation, :id, :words)")
COUNT = text("SELECT count(*) FROM notes")


async def write(transaction: tenancy.Transaction, organisation: Organisation) -> None:
    await transaction.execute(WRITE, {"organisation": str(organisation), "id": new_id(), "words": "a note"})


async def test_a_row_is_seen_by_its_owner_alone(notes):
    databases = (await notes()).databases
    async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
        await write(transaction, SOUTHAMPTON)
    for organisation, seen in ((SOUTHAMPTON, 1), (SLOUGH, 0), (CONSORTIUM, 0), (Organisation.agency("SC900001"), 0)):
        async with tenancy.transaction(databases, organisation) as transaction:
            assert await transaction.scalar(COUNT) == seen


async def test_a_row_cannot_be_written_for_somebody_else(notes):
    databases = (await notes()).databases
    with pytest.raises(DBAPIError, match="row-level security"):
        async with tenancy.transaction(databases, SLOUGH) as transaction:
            await write(transaction, SOUTHAMPTON)


async def test_a_pooled_connection_forgets_the_organisation_before_it(notes):
    databases = (await notes(pool_size=1)).databases
    async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
        await write(transaction, SOUTHAMPTON)
    async with tenancy.transaction(databases, SLOUGH) as transaction:
        await transaction.driver.execute("COMMIT")  # what follows is outside of any transaction
        assert await transaction.scalar(COUNT) == 0
        assert await transaction.driver.fetchval("SELECT coalesce(current_setting('app.organisation', true), '')") == ""
        await transaction.driver.execute("BEGIN")


async def test_an_error_undoes_everything_news_included(notes):
    service = await notes()
    with pytest.raises(ZeroDivisionError):
        async with tenancy.transaction(service.databases, SOUTHAMPTON) as transaction:
            await write(transaction, SOUTHAMPTON)
            closed = providers.VacancyClosed(vacancy=new_id(), provider="agency:SC900001", reason="test")
            outbox.record(transaction, closed, subject="x", version=1, council=None)
            raise ZeroDivisionError
    async with tenancy.transaction(service.databases, SOUTHAMPTON) as transaction:
        assert await transaction.scalar(COUNT) == 0
    assert await service.published() == []


async def test_a_failed_statement_that_somebody_swallowed_never_commits_as_if_nothing_were(notes):
    databases = (await notes()).databases
    with pytest.raises(RuntimeError, match="already failed"):
        async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
            await write(transaction, SOUTHAMPTON)
            with pytest.raises(DBAPIError):
                await transaction.execute(text("SELECT 1 / 0"))
    async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
        assert await transaction.scalar(COUNT) == 0


async def test_a_savepoint_undoes_only_what_is_inside_and_forgets_its_news(notes):
    service = await notes()
    async with tenancy.transaction(service.databases, SOUTHAMPTON) as transaction:
        await write(transaction, SOUTHAMPTON)
        with pytest.raises(DBAPIError):
            async with transaction.savepoint():
                await write(transaction, SOUTHAMPTON)
                closed = providers.VacancyClosed(vacancy=new_id(), provider="agency:SC900001", reason="test")
                outbox.record(transaction, closed, subject="x", version=1, council=None)
                await write(transaction, SLOUGH)
    async with tenancy.transaction(service.databases, SOUTHAMPTON) as transaction:
        assert await transaction.scalar(COUNT) == 1
    assert await service.published() == []


async def test_acting_as_another_ends_where_it_says(notes):
    databases = (await notes()).databases
    async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
        async with transaction.acting_as(SLOUGH):
            await write(transaction, SLOUGH)
            assert transaction.organisation == SLOUGH
        assert transaction.organisation == SOUTHAMPTON
        assert await transaction.scalar(COUNT) == 0


async def test_a_council_with_a_database_of_its_own_writes_there_and_nowhere_else(notes):
    databases = (await notes(own=("E06000045",))).databases
    for organisation in (SOUTHAMPTON, SLOUGH):
        async with tenancy.transaction(databases, organisation) as transaction:
            await write(transaction, organisation)
    counts = {}
    for name, engine in (("shared", databases.shared), ("own", databases.own["E06000045"])):
        for organisation in (SOUTHAMPTON, SLOUGH):
            async with tenancy.transaction_on(databases, engine, organisation) as transaction:
                counts[name, organisation.code] = await transaction.scalar(COUNT)
    assert counts == {("shared", "E06000045"): 0, ("shared", "E06000039"): 1, ("own", "E06000045"): 1, ("own", "E06000039"): 0}


async def test_a_connection_the_server_dropped_is_replaced_unseen(notes, admin_url):
    service = await notes(pool_size=2)
    async with tenancy.transaction(service.databases, SOUTHAMPTON) as transaction:
        await write(transaction, SOUTHAMPTON)
        database = await transaction.scalar(text("SELECT current_database()"))
    killer = await asyncpg.connect(admin_url)
    await killer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database)
    await killer.close()
    await asyncio.sleep(0.05)
    assert (await service.as_("council:E06000045").get("/notes")).status_code == 200


async def test_a_cancelled_transaction_leaves_nothing_and_no_broken_connection(notes):
    databases = (await notes(pool_size=1)).databases

    async def slow() -> None:
        async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
            await write(transaction, SOUTHAMPTON)
            await transaction.execute(text("SELECT pg_sleep(5)"))

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
        assert await transaction.scalar(COUNT) == 0


@pytest.mark.parametrize(
    "text", ["council:E0600004", "council:e06000045", "agency:", "consortium:x", "plumbing", "", "council:E06000045\n"]
)
def test_only_well_formed_organisations_exist(text):
    with pytest.raises(ValueError, match="organisation|not the code"):
        Organisation.parse(text)


async def test_connections_are_given_in_the_order_of_asking_though_somebody_comes_by_as_one_is_free(notes):
    databases = (await notes(pool_size=1)).databases
    order: list[str] = []

    async def ask(name: str) -> None:
        async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
            order.append(name)
            await transaction.scalar(COUNT)
        if name.isupper():  # whoever was answered asks again at once, as clients under load do
            await ask(name.lower())

    await asyncio.gather(*(ask(name) for name in "ABCDE"))
    assert order == list("ABCDEabcde")


async def test_whoever_waits_too_long_for_a_connection_is_told_so_and_the_next_is_served(notes, monkeypatch):
    monkeypatch.setattr("shared.turns.WAIT_SECONDS", 0.2)
    databases = (await notes(pool_size=1)).databases
    async with tenancy.transaction(databases, SOUTHAMPTON):
        with pytest.raises(Refused) as refused:
            async with tenancy.transaction(databases, SLOUGH):
                raise AssertionError("there is no connection for it")
        assert refused.value.kind is RefusalKind.UNAVAILABLE
    async with tenancy.transaction(databases, SLOUGH) as transaction:
        assert await transaction.scalar(COUNT) == 0


async def _process(databases: tenancy.Databases, *, by_sqlalchemy: bool = False) -> int:
    """The server's process of the connection that was given."""
    async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
        if by_sqlalchemy:
            return await transaction.scalar(text("SELECT pg_backend_pid()"))
        return await transaction.driver.fetchval("SELECT pg_backend_pid()")


async def test_a_connection_is_handed_on_and_forgets_the_organisation_before_it(notes):
    databases = (await notes(pool_size=2)).databases
    async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
        await transaction.driver.execute(f"INSERT INTO notes (organisation, id, words) VALUES ('{SOUTHAMPTON}', '{new_id()}', 'x')")
        first = await transaction.driver.fetchval("SELECT pg_backend_pid()")
    async with tenancy.transaction(databases, SLOUGH) as transaction:
        assert await transaction.driver.fetchval("SELECT pg_backend_pid()") == first
        assert await transaction.driver.fetchval("SELECT count(*) FROM notes") == 0
    with pytest.raises(asyncpg.UndefinedTableError):
        async with tenancy.transaction(databases, SLOUGH) as transaction:
            await transaction.driver.execute("SELECT * FROM no_such_table")
    assert await _process(databases, by_sqlalchemy=True) == await _process(databases) == first


async def test_connections_at_hand_never_keep_one_from_whoever_asks_through_sqlalchemy(notes):
    databases = (await notes(pool_size=3)).databases
    for by_sqlalchemy in (False, True, True, False):
        found = await asyncio.gather(*(_process(databases, by_sqlalchemy=by_sqlalchemy) for _ in range(9)))
        assert len(set(found)) <= 3
        assert turns.in_use(databases.shared) == 0


async def _processes_at_once(databases: tenancy.Databases, count: int) -> set[int]:
    """The server's processes of so many connections that were in use together."""
    together = asyncio.Barrier(count)

    async def hold() -> int:
        async with tenancy.transaction(databases, SOUTHAMPTON) as transaction:
            await together.wait()
            return await transaction.driver.fetchval("SELECT pg_backend_pid()")

    return set(await asyncio.gather(*(hold() for _ in range(count))))


async def test_no_connection_at_hand_grows_old_unused(notes):
    databases = (await notes(pool_size=3)).databases
    three = await _processes_at_once(databases, 3)
    assert {await _process(databases) for _ in range(3)} == three
    assert [await _process(databases) for _ in range(3)] == [await _process(databases) for _ in range(3)]


async def test_when_the_server_closed_all_that_were_at_hand_nobody_is_refused(notes, admin_url):
    databases = (await notes(pool_size=4)).databases
    before = await _processes_at_once(databases, 4)
    administrator = await asyncpg.connect(admin_url)
    for process in before:
        await administrator.execute("SELECT pg_terminate_backend($1)", process)
    await asyncio.sleep(0.1)
    assert await _process(databases) not in before  # the one that finds the first closed would find the second closed too
    after = await _processes_at_once(databases, 4)
    assert len(before) == len(after) == 4
    assert not before & after
    await turns.close(databases.shared)
    left = await administrator.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)", list(after))
    await administrator.close()
    assert left == 0


async def test_no_statement_is_compiled_before_it_is_run(notes):
    databases = (await notes()).databases
    async with tenancy.transaction(databases, SLOUGH) as transaction:
        assert await transaction.scalar(text("SHOW jit")) == "off"
