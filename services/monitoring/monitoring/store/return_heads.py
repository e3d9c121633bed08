"""Where each return stands, once for its agency and once for the consortium."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from monitoring.domain.returns.states import Head, Key
from monitoring.tables import return_heads
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Transaction

HEADS = return_heads.c


async def one(transaction: Transaction, key: Key) -> Head | None:
    """A return's standing as the reader may see it; None while it was not opened."""
    row = (await transaction.execute(select(return_heads).where(*_is(key)))).one_or_none()
    return _head(row) if row else None


async def opened(transaction: Transaction, fresh: Head, now: datetime) -> Head:
    """The agency's own row, locked until the transaction ends, opened with these facts if it was not.

    Who saves at the same moment waits here, and then sees what the first one made of it. For the agency's own transaction.
    """
    await transaction.execute(_put([_row(transaction.organisation, fresh, now)]))
    query = select(return_heads).where(HEADS.organisation == str(transaction.organisation), *_is(fresh.key)).with_for_update()
    return _head((await transaction.execute(query)).one())


async def put(transaction: Transaction, head: Head) -> None:
    """Write a changed standing for the agency whose transaction it is, and for the consortium that watches it."""
    await _write(transaction, head)
    # By right of the framework: the project manager sees of every return where it stands, and nothing that is drafted.
    async with transaction.acting_as(CONSORTIUM):
        assert head.opened_at is not None
        await transaction.execute(_put([_row(CONSORTIUM, head, head.opened_at)]))
        await _write(transaction, head)


async def open_many(transaction: Transaction, heads: Sequence[Head], now: datetime) -> frozenset[Key]:
    """Open these returns for the organisation whose transaction it is, those that were not; which were opened."""
    rows = [_row(transaction.organisation, head, now) for head in heads]
    if not rows:
        return frozenset()
    given = await transaction.execute(_put(rows).returning(HEADS.form, HEADS.begins, HEADS.agency))
    return frozenset(Key(row.form, row.begins, row.agency) for row in given)


async def of_reader(
    transaction: Transaction, *, form: str | None = None, begins: date | None = None, agency: str | None = None, unreceived: bool = False
) -> list[Head]:
    """Every return the reader may see the standing of, the newest period first."""
    query = select(return_heads).order_by(HEADS.begins.desc(), HEADS.form, HEADS.agency)
    for column, wanted in ((HEADS.form, form), (HEADS.begins, begins), (HEADS.agency, agency)):
        if wanted is not None:
            query = query.where(column == wanted)
    if unreceived:
        query = query.where(HEADS.received_on.is_(None))
    return [_head(row) for row in await transaction.execute(query)]


def _put(rows: list[dict[str, Any]]) -> Any:
    return insert(return_heads).values(rows).on_conflict_do_nothing()


async def _write(transaction: Transaction, head: Head) -> None:
    changed = {
        name: getattr(head, name)
        for name in ("form_version", "due_on", "version", "drafted_at", "accepted", "received_on", "accepted_at", "brought_in")
    }
    mine = HEADS.organisation == str(transaction.organisation)
    await transaction.execute(update(return_heads).where(mine, *_is(head.key)).values(**changed))


def _is(key: Key) -> tuple[Any, ...]:
    return (HEADS.form == key.form, HEADS.begins == key.begins, HEADS.agency == key.agency)


def _row(organisation: Organisation, head: Head, now: datetime) -> dict[str, Any]:
    return {
        "organisation": str(organisation),
        "form": head.key.form,
        "begins": head.key.begins,
        "agency": head.key.agency,
        "form_version": head.form_version,
        "ends": head.ends,
        "due_on": head.due_on,
        "version": head.version,
        "opened_at": now,
        "drafted_at": head.drafted_at,
        "accepted": head.accepted,
        "received_on": head.received_on,
        "accepted_at": head.accepted_at,
        "brought_in": head.brought_in,
    }


def _head(row: Row[Any]) -> Head:
    return Head(
        Key(row.form, row.begins, row.agency),
        row.form_version,
        row.ends,
        row.due_on,
        row.version,
        row.opened_at,
        row.drafted_at,
        row.accepted,
        row.received_on,
        row.accepted_at,
        row.brought_in,
    )
