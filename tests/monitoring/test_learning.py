"""One event at a time or thousands at once: what has been learnt is the same."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitoring.domain.lessons import Subject, taught
from monitoring.store.learning import News, groups_of, learn
from monitoring.tables import metadata
from shared import tenancy
from shared.contracts import Envelope
from shared.organisation import CONSORTIUM, Organisation
from tests.monitoring.histories import Past, Told, pasts
from tests.running.services import RunningService


class UndoneError(Exception):
    """Leaves a transaction so that nothing of it stays."""


def news_of(told: Told, *, version: int | None = None) -> News:
    """What is written for one event; with another version, an older or newer telling of the same."""
    envelope = Envelope.of(
        told.event,
        id=told.id,
        source="/test",
        time=told.time,
        subject=told.subject,
        version=version or told.version,
        organisation=told.organisation,
        council=told.council,
        requestid=None,
    )
    return envelope, taught(told.event, envelope)


async def left_by(service: RunningService, past: Past, parts: list[list[News]]) -> dict[str, Any]:
    """Every row that writing these parts one after the other leaves, by table and reader; all undone afterwards."""
    readers = [*(f"council:{code}" for code in past.councils), *(f"agency:{urn}" for urn in past.agencies), "consortium"]
    found: dict[str, Any] = {}
    try:
        async with tenancy.transaction(service.databases, CONSORTIUM) as transaction:
            for part in parts:
                await learn(transaction, part)
            for reader in readers:
                async with transaction.acting_as(Organisation.parse(reader)):
                    for subject in Subject:
                        rows = await transaction.execute(select(metadata.tables[subject]))
                        found[f"{subject} of {reader}"] = sorted(tuple(map(str, row)) for row in rows)
            raise UndoneError
    except UndoneError:
        return found


# No shrinking: each example goes through PostgreSQL twice.
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.explicit, Phase.generate])
@given(past=pasts(), order=st.integers(0, 2**32))
async def test_any_shuffled_and_doubled_history_leaves_the_same_rows_written_singly_or_together(
    monitoring: RunningService, past: Past, order: int
) -> None:
    chance = Random(order)
    told = [news_of(each) for each in past.told]
    # Told again, in the same version and in others: the same row of columns as it stood before or after.
    again = [news_of(each, version=chance.randint(1, 4)) for each in past.told if chance.random() < 0.4]
    news = [*told, *chance.sample(told, k=len(told) // 3), *again]
    chance.shuffle(news)
    singly = await left_by(monitoring, past, [[each] for each in news])
    assert await left_by(monitoring, past, [news]) == singly
    cuts = sorted(chance.randint(0, len(news)) for _ in range(3))
    parts = [news[first:last] for first, last in zip([0, *cuts], [*cuts, len(news)], strict=True)]
    assert await left_by(monitoring, past, parts) == singly


def test_every_lesson_fills_a_group_that_its_table_has() -> None:
    """A lesson names its group in words; a slip of the pen would fill nothing."""
    for subject in Subject:
        table = metadata.tables[subject]
        for group in groups_of(subject):
            assert group.version in table.c
            assert group.columns, f"{subject} {group.news}"
    assert [group.news for group in groups_of(Subject.REFERRAL)] == ["created", "broadcast", "withdrawn"]
    assert [group.columns for group in groups_of(Subject.DECLINE)] == [("declined_at", "reason", "side")]
