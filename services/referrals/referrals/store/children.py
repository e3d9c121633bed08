"""Children's records: sealed rows, and the blind index they are found by. Only the council's own, by row security."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.identity import Confirmation, Identity
from referrals.domain.search_terms import SearchField, Term, terms_of
from referrals.store import postcodes, vault
from referrals.store.vault import Keyring, Sealed, Wrapped
from referrals.tables import child_terms, children, search_keys
from shared.organisation import Organisation
from shared.tenancy import Transaction


@dataclass(frozen=True)
class KeptChild:
    """One child's record, opened."""

    id: UUID
    version: int
    identity: Identity


async def add(
    transaction: Transaction,
    ring: Keyring,
    child: UUID,
    identity: Identity,
    *,
    confirmation: Confirmation | None,
    now: datetime,
    subject: str,
) -> bool:
    """Seal and keep a new record; False when another record of the council has the same child id, and then nothing is kept."""
    council = transaction.organisation
    sealed = vault.seal(ring, council, child, identity)
    await transaction.execute(
        insert(children).values(
            organisation=str(council),
            id=child,
            version=1,
            key_id=sealed.key.key_id,
            wrapped_key=sealed.key.wrapped_key,
            sealed=sealed.sealed,
            confirmation_reason=confirmation,
            created_at=now,
            created_by=subject,
        )
    )
    return await _keep_terms(transaction, ring, child, identity)


async def change(transaction: Transaction, ring: Keyring, child: UUID, identity: Identity, *, version: int) -> bool:
    """Seal the changed record under a fresh data key, if ``version`` is still the current one; False when it is not."""
    council = transaction.organisation
    sealed = vault.seal(ring, council, child, identity)
    changed = await transaction.execute(
        update(children)
        .where(children.c.organisation == str(council), children.c.id == child, children.c.version == version)
        .values(version=version + 1, key_id=sealed.key.key_id, wrapped_key=sealed.key.wrapped_key, sealed=sealed.sealed)
    )
    return changed.rowcount == 1


async def change_terms(transaction: Transaction, ring: Keyring, child: UUID, identity: Identity) -> bool:
    """Replace the terms a record is found by; False when another record has the same child id."""
    mine = (child_terms.c.organisation == str(transaction.organisation), child_terms.c.child == child)
    await transaction.execute(delete(child_terms).where(*mine))
    return await _keep_terms(transaction, ring, child, identity)


async def _keep_terms(transaction: Transaction, ring: Keyring, child: UUID, identity: Identity) -> bool:
    blind = vault.blind_terms(ring, transaction.organisation, await _search_key(transaction, ring), terms_of(identity))
    rows = [{"organisation": str(transaction.organisation), "field": field, "term": term, "child": child} for field, term in blind]
    kept = await transaction.execute(upsert(child_terms).values(rows).on_conflict_do_nothing().returning(child_terms.c.field))
    return len(kept.all()) == len(rows)


async def _search_key(transaction: Transaction, ring: Keyring) -> Wrapped:
    """The council's search key, made when it is first needed."""
    mine = search_keys.c.organisation == str(transaction.organisation)
    wanted = select(search_keys.c.key_id, search_keys.c.wrapped_key).where(mine)
    row = (await transaction.execute(wanted)).one_or_none()
    if row is None:
        fresh = vault.new_search_key(ring, transaction.organisation)
        values = {"organisation": str(transaction.organisation), "key_id": fresh.key_id, "wrapped_key": fresh.wrapped_key}
        await transaction.execute(upsert(search_keys).values(values).on_conflict_do_nothing())
        row = (await transaction.execute(wanted)).one()  # of two first callers at once, both use the one that was kept
    return Wrapped(row.key_id, row.wrapped_key)


async def sharing_terms(transaction: Transaction, ring: Keyring, terms: Collection[Term]) -> dict[UUID, frozenset[SearchField]]:
    """Child → the search fields its record shares with these terms, for every record of the council that shares any."""
    if not terms:
        return {}
    blind = vault.blind_terms(ring, transaction.organisation, await _search_key(transaction, ring), terms)
    rows = await transaction.execute(
        select(child_terms.c.child, func.array_agg(child_terms.c.field.distinct()).label("fields"))
        .where(
            child_terms.c.organisation == str(transaction.organisation),
            tuple_(child_terms.c.field, child_terms.c.term).in_(blind),
        )
        .group_by(child_terms.c.child)
    )
    return {row.child: frozenset(SearchField(field) for field in row.fields) for row in rows}


async def matching_all(transaction: Transaction, ring: Keyring, terms: Collection[Term], *, limit: int) -> list[UUID]:
    """The records that have every one of these terms, oldest first, at most ``limit``."""
    if not terms:
        return []
    blind = vault.blind_terms(ring, transaction.organisation, await _search_key(transaction, ring), terms)
    rows = await transaction.execute(
        select(child_terms.c.child)
        .where(
            child_terms.c.organisation == str(transaction.organisation),
            tuple_(child_terms.c.field, child_terms.c.term).in_(blind),
        )
        .group_by(child_terms.c.child)
        .having(func.count() == len(blind))
        .order_by(child_terms.c.child)
        .limit(limit)
    )
    return list(rows.scalars())


async def opened(transaction: Transaction, ring: Keyring, wanted: Collection[UUID]) -> dict[UUID, KeptChild]:
    """These records, opened; those that are not the council's are left out."""
    council = transaction.organisation
    rows = await transaction.execute(
        select(children.c.id, children.c.version, children.c.key_id, children.c.wrapped_key, children.c.sealed).where(
            children.c.organisation == str(council), children.c.id.in_(wanted)
        )
    )
    return {row.id: KeptChild(row.id, row.version, _opened(ring, council, row)) for row in rows}


def _opened(ring: Keyring, council: Organisation, row: Any) -> Identity:
    return vault.unseal(ring, council, row.id, Sealed(Wrapped(row.key_id, row.wrapped_key), row.sealed))


@dataclass(frozen=True)
class Rotation:
    """What a key rotation did."""

    newest_key: str
    children_rewrapped: int
    children_already_current: int
    search_key_rewrapped: bool
    postcodes_rewrapped: int
    keys_no_longer_used: tuple[str, ...]


_BATCH = 500


async def rotate(transaction: Transaction, ring: Keyring) -> Rotation:
    """Re-wrap every data key of the council (children, postcodes), and its search key, under its newest. What is sealed does not change.

    Done in batches of 500 inside the one transaction: all of it or none. A record added meanwhile by a server that has not yet read the new
    key stays under the old one; running the rotation again finds it, and it alone.
    """
    council, newest = transaction.organisation, ring.newest(transaction.organisation)
    mine = children.c.organisation == str(council)
    counted = await transaction.execute(select(children.c.key_id, func.count().label("how_many")).where(mine).group_by(children.c.key_id))
    before: Mapping[str, int] = {row.key_id: row.how_many for row in counted}
    rewrapped = 0
    while rows := await _under_an_older_key(transaction, newest.id):
        fresh = [(row.id, vault.rewrap(ring, council, row.id, Wrapped(row.key_id, row.wrapped_key))) for row in rows]
        await transaction.execute(
            _REWRAP,
            [{"of": str(council), "child": child, "under": key.key_id, "wrapped": key.wrapped_key} for child, key in fresh],
        )
        rewrapped += len(fresh)
    search_rewrapped, search_before = await _rotate_search_key(transaction, ring, newest.id)
    postcodes_before = await postcodes.rotate(transaction, ring)
    unused = sorted({*before, *search_before, *postcodes_before} - {newest.id})
    moved = sum(postcodes_before.values()) - postcodes_before.get(newest.id, 0)
    return Rotation(newest.id, rewrapped, before.get(newest.id, 0), search_rewrapped, moved, tuple(unused))


_REWRAP = (
    update(children)
    .where(children.c.organisation == bindparam("of"), children.c.id == bindparam("child"))
    .values(key_id=bindparam("under"), wrapped_key=bindparam("wrapped"))
)


async def _under_an_older_key(transaction: Transaction, newest: str) -> Sequence[Any]:
    rows = await transaction.execute(
        select(children.c.id, children.c.key_id, children.c.wrapped_key)
        .where(children.c.organisation == str(transaction.organisation), children.c.key_id != newest)
        .order_by(children.c.id)
        .limit(_BATCH)
        .with_for_update()
    )
    return rows.all()


async def _rotate_search_key(transaction: Transaction, ring: Keyring, newest: str) -> tuple[bool, set[str]]:
    mine = search_keys.c.organisation == str(transaction.organisation)
    row = (await transaction.execute(select(search_keys.c.key_id, search_keys.c.wrapped_key).where(mine).with_for_update())).one_or_none()
    if row is None or row.key_id == newest:
        return False, {row.key_id} if row else set()
    fresh = vault.rewrap_search_key(ring, transaction.organisation, Wrapped(row.key_id, row.wrapped_key))
    await transaction.execute(update(search_keys).where(mine).values(key_id=fresh.key_id, wrapped_key=fresh.wrapped_key))
    return True, {row.key_id}
