"""The log of events read from its beginning, the facts it leaves, and the kept ones beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from monitoring import tables
from monitoring.domain.lessons import Lesson, Subject
from monitoring.domain.rebuilt import Difference, Kind, differences, name_of
from monitoring.store.learning import Key, Row, fold
from monitoring.tables import metadata
from shared.contracts import Envelope
from shared.organisation import Organisation
from shared.tenancy import PLUMBING, Transaction

AT_ONCE = 2_000

Facts = dict[str, dict[Subject, dict[Key, Row]]]
"""What a log leaves: reader, subject, key, row."""


async def log(transaction: Transaction) -> AsyncIterator[Envelope]:
    """Every event of this database's log. Read under a word that no access token can hold, as the relay reads the outbox."""
    own = transaction.organisation
    await transaction.driver.execute(f"SELECT set_config('app.organisation', '{PLUMBING}', true)")
    rows = await transaction.connection.stream(select(tables.heard.c.envelope).order_by(tables.heard.c.happened_at, tables.heard.c.id))
    async for some in rows.partitions(AT_ONCE):
        for row in some:
            yield Envelope.model_validate(row.envelope)
    await transaction.become(own)


def add(facts: Facts, lesson: Lesson) -> None:
    """One more lesson, as writing it would leave the row."""
    fold(facts.setdefault(lesson.reader, {}), lesson)


async def compare(transaction: Transaction, reader: str, facts: dict[Subject, dict[Key, Row]]) -> tuple[int, list[Difference]]:
    """How many rows one reader has, and which are not as the log leaves them."""
    number, found = 0, []
    async with transaction.acting_as(Organisation.parse(reader)):  # to read each organisation's own copy
        for subject in Subject:
            table = metadata.tables[subject]
            columns = [c for c in table.columns if c.name != "organisation"]
            key = [c.name for c in table.primary_key.columns if c.name != "organisation"]
            query = select(*columns)
            if "organisation" in table.c:
                query = query.where(table.c.organisation == reader)
            kept = [row._asdict() for row in await transaction.execute(query)]
            number += len(kept)
            found += differences(reader, str(subject), key, kept, facts.get(subject, {}).values())
    return number, found


async def put_right(transaction: Transaction, difference: Difference, facts: dict[Subject, dict[Key, Row]]) -> bool:
    """Write a missing or altered row as the log leaves it. A row that is not in the log stays: the application may delete no fact."""
    if difference.kind not in (Kind.MISSING, Kind.ALTERED):
        return False
    table = metadata.tables[difference.table]
    names = [c.name for c in table.primary_key.columns if c.name != "organisation"]
    row = next(r for r in facts[Subject(difference.table)].values() if name_of(r, names) == difference.key)
    whole: dict[str, Any] = {c.name: row.get(c.name) for c in table.columns if c.name != "organisation"}
    whole = {name: list(value) if isinstance(value, tuple) else value for name, value in whole.items()}
    async with transaction.acting_as(Organisation.parse(difference.reader)):
        if difference.kind is Kind.MISSING:
            await transaction.execute(insert(table).values(organisation=difference.reader, **whole).on_conflict_do_nothing())
        else:
            own = [table.c.organisation == difference.reader, *(table.c[name] == row[name] for name in names)]
            await transaction.execute(update(table).where(*own).values(**whole))
    return True
