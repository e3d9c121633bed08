"""The data keys: one a child, placement, care period or referral, in a table that holds nothing else.

What is sealed about a subject is sealed under its key, by whoever seals (``vault.seal``, ``seal_text`` below). Deleting the row is the
erasure: no other table may hold a key. A backup of the data leaves out this table, ``search_keys`` and ``erasures``; they are backed up
apart and kept for a short time (docs/erasure.md).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.store import vault
from referrals.store.vault import Keyring, Sealed, Wrapped
from referrals.tables import data_keys, erasures
from shared.one_of import one_of
from shared.tenancy import Transaction

_BATCH = 500


async def of(transaction: Transaction, subjects: Collection[UUID]) -> dict[UUID, Wrapped]:
    """The keys of these subjects; one that has none, or whose key was destroyed, is left out."""
    if not subjects:
        return {}
    table = data_keys.c
    rows = await transaction.execute(
        select(table.subject, table.key_id, table.wrapped_key).where(
            table.organisation == str(transaction.organisation), one_of(table.subject, subjects)
        )
    )
    return {row.subject: Wrapped(row.key_id, row.wrapped_key) for row in rows}


async def made(transaction: Transaction, ring: Keyring, subjects: Collection[UUID]) -> dict[UUID, Wrapped]:
    """The keys of these subjects, made for those that have none. Refused (410) while the council's newest key is one it had destroyed.

    Ask only for a subject that was not erased: a child's record says so, and what is sealed again under a new key can be read.
    """
    found = await of(transaction, subjects)
    missing = sorted(set(subjects) - set(found))
    if not missing:
        return found
    council = transaction.organisation
    await check_newest(transaction, ring)
    fresh = {subject: vault.new_data_key(ring, council, subject) for subject in missing}
    rows = [
        {"organisation": str(council), "subject": subject, "key_id": key.key_id, "wrapped_key": key.wrapped_key}
        for subject, key in fresh.items()
    ]
    for start in range(0, len(rows), _BATCH):
        await transaction.execute(upsert(data_keys).values(rows[start : start + _BATCH]).on_conflict_do_nothing())
    # Of two that make the first key of one subject at once, both seal under the one that was kept.
    return found | await of(transaction, missing)


async def check_newest(transaction: Transaction, ring: Keyring) -> None:
    """Before something is wrapped under the council's newest key: refused (410) while that is one the council had destroyed."""
    if await _destroyed(transaction, ring.newest(transaction.organisation).id):
        ring.refresh()
        if await _destroyed(transaction, ring.newest(transaction.organisation).id):
            raise vault.council_key_destroyed()


async def _destroyed(transaction: Transaction, key_id: str) -> bool:
    query = select(erasures.c.id).where(
        erasures.c.organisation == str(transaction.organisation), erasures.c.state == "done", erasures.c.key_ids.contains([key_id])
    )
    return await transaction.scalar(query.limit(1)) is not None


async def seal_text(transaction: Transaction, ring: Keyring, subject: UUID, text: str, *, bound_to: str) -> bytes:
    """Seal one text about a child, placement or referral under its key, made if it has none; ``bound_to`` says which text it is."""
    key = (await made(transaction, ring, [subject]))[subject]
    return vault.seal_text(ring, transaction.organisation, subject, key, text, bound_to=bound_to)


async def unseal_text(transaction: Transaction, ring: Keyring, subject: UUID, sealed: bytes, *, bound_to: str) -> str | None:
    """The text back; None when the subject's key was destroyed."""
    key = (await of(transaction, [subject])).get(subject)
    return vault.unseal_text(ring, transaction.organisation, subject, Sealed(key, sealed), bound_to=bound_to) if key else None


async def destroy(transaction: Transaction, subjects: Collection[UUID]) -> int:
    """Delete these keys: what is sealed under them can be read by nobody from the commit on. How many there were."""
    table = data_keys.c
    deleted = await transaction.execute(
        delete(data_keys).where(table.organisation == str(transaction.organisation), one_of(table.subject, subjects))
    )
    return int(deleted.rowcount)


async def under(transaction: Transaction) -> Mapping[str, int]:
    """How many data keys are wrapped under each of the council's keys."""
    table = data_keys.c
    rows = await transaction.execute(
        select(table.key_id, func.count().label("how_many"))
        .where(table.organisation == str(transaction.organisation))
        .group_by(table.key_id)
    )
    return {row.key_id: row.how_many for row in rows}


_REWRAP = (
    update(data_keys)
    .where(data_keys.c.organisation == bindparam("of"), data_keys.c.subject == bindparam("about"))
    .values(key_id=bindparam("under"), wrapped_key=bindparam("wrapped"))
)


async def rotate(transaction: Transaction, ring: Keyring) -> int:
    """Re-wrap every data key under the council's newest key, 500 at a time; how many there were. What is sealed does not change."""
    council, newest, table = transaction.organisation, ring.newest(transaction.organisation).id, data_keys.c
    older = select(table.subject, table.key_id, table.wrapped_key).where(table.organisation == str(council), table.key_id != newest)
    rewrapped = 0
    while rows := (await transaction.execute(older.order_by(table.subject).limit(_BATCH).with_for_update())).all():
        fresh = [(row.subject, vault.rewrap(ring, council, row.subject, Wrapped(row.key_id, row.wrapped_key))) for row in rows]
        await transaction.execute(
            _REWRAP, [{"of": str(council), "about": subject, "under": key.key_id, "wrapped": key.wrapped_key} for subject, key in fresh]
        )
        rewrapped += len(fresh)
    return rewrapped
