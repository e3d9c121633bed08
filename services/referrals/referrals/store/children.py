"""Children's records: sealed rows, and the blind index they are found by. Only the council's own, by row security."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.identity import Confirmation, Identity
from referrals.domain.search_terms import SearchField, Term, terms_of
from referrals.store import keys, vault
from referrals.store.vault import Keyring, Sealed, Wrapped
from referrals.tables import child_terms, children, data_keys, search_keys
from shared.one_of import one_of
from shared.organisation import Organisation
from shared.refusals import not_found
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
    key = (await keys.made(transaction, ring, [child]))[child]
    await transaction.execute(
        insert(children).values(
            organisation=str(council),
            id=child,
            version=1,
            sealed=vault.seal(ring, council, child, key, identity),
            confirmation_reason=confirmation,
            created_at=now,
            created_by=subject,
        )
    )
    return await _keep_terms(transaction, ring, child, identity)


async def change(transaction: Transaction, ring: Keyring, child: UUID, identity: Identity, *, version: int) -> bool:
    """Seal the changed record under the child's key, if ``version`` is still the current one; False when it is not."""
    council = transaction.organisation
    key = (await keys.of(transaction, [child])).get(child)
    if key is None:
        return False  # erased meanwhile: its version went on, too
    changed = await transaction.execute(
        update(children)
        .where(children.c.organisation == str(council), children.c.id == child, children.c.version == version)
        .values(version=version + 1, sealed=vault.seal(ring, council, child, key, identity))
    )
    return changed.rowcount == 1


async def change_terms(transaction: Transaction, ring: Keyring, child: UUID, identity: Identity) -> bool:
    """Replace the terms a record is found by; False when another record has the same child id."""
    mine = (child_terms.c.organisation == str(transaction.organisation), child_terms.c.child == child)
    await transaction.execute(delete(child_terms).where(*mine))
    return await _keep_terms(transaction, ring, child, identity)


async def _keep_terms(transaction: Transaction, ring: Keyring, child: UUID, identity: Identity) -> bool:
    blind = vault.blind_terms(ring, transaction.organisation, await _search_key(transaction, ring, hold=True), terms_of(identity))
    rows = [{"organisation": str(transaction.organisation), "field": field, "term": term, "child": child} for field, term in blind]
    kept = await transaction.execute(upsert(child_terms).values(rows).on_conflict_do_nothing().returning(child_terms.c.field))
    return len(kept.all()) == len(rows)


async def hash_terms_anew(transaction: Transaction, ring: Keyring) -> None:
    """Give the council a new search key and hash every record's terms under it: older copies of the terms can then be asked nothing.

    Whoever records a child meanwhile waits for this, or this for it.
    """
    mine = search_keys.c.organisation == str(transaction.organisation)
    await _search_key(transaction, ring)
    await transaction.execute(select(search_keys.c.key_id).where(mine).with_for_update())
    fresh = vault.new_search_key(ring, transaction.organisation)
    await transaction.execute(update(search_keys).where(mine).values(key_id=fresh.key_id, wrapped_key=fresh.wrapped_key))
    await transaction.execute(delete(child_terms).where(child_terms.c.organisation == str(transaction.organisation)))
    here = (children.c.organisation == str(transaction.organisation), children.c.erased_at.is_(None))
    everybody = list((await transaction.execute(select(children.c.id).where(*here))).scalars())
    for start in range(0, len(everybody), _TERMS_OF_AT_ONCE):
        records = await opened(transaction, ring, everybody[start : start + _TERMS_OF_AT_ONCE])
        rows = [
            {"organisation": str(transaction.organisation), "field": field, "term": term, "child": child}
            for child, record in records.items()
            for field, term in vault.blind_terms(ring, transaction.organisation, fresh, terms_of(record.identity))
        ]
        await transaction.execute(insert(child_terms), rows)


_TERMS_OF_AT_ONCE = 500


async def _search_key(transaction: Transaction, ring: Keyring, *, hold: bool = False) -> Wrapped:
    """The council's search key, made when it is first needed; ``hold`` keeps an erasure from replacing it until this transaction ends."""
    mine = search_keys.c.organisation == str(transaction.organisation)
    wanted = select(search_keys.c.key_id, search_keys.c.wrapped_key).where(mine)
    wanted = wanted.with_for_update(read=True) if hold else wanted
    row = (await transaction.execute(wanted)).one_or_none()
    if row is None:
        await keys.check_newest(transaction, ring)
        fresh = vault.new_search_key(ring, transaction.organisation)
        values = {"organisation": str(transaction.organisation), "key_id": fresh.key_id, "wrapped_key": fresh.wrapped_key}
        await transaction.execute(upsert(search_keys).values(values).on_conflict_do_nothing())
        row = (await transaction.execute(wanted)).one()  # of two first callers at once, both use the one that was kept
    return Wrapped(row.key_id, row.wrapped_key)


async def sharing_terms(transaction: Transaction, ring: Keyring, terms: Collection[Term]) -> dict[UUID, frozenset[SearchField]]:
    """Child → the search fields its record shares with these terms, for every record of the council that shares any."""
    if not terms:
        return {}
    # Whoever asks which records share terms is about to write one, and must see every one.
    blind = vault.blind_terms(ring, transaction.organisation, await _search_key(transaction, ring, hold=True), terms)
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
    """These records, opened; those that are not the council's, or were erased, are left out."""
    council = transaction.organisation
    rows = await transaction.execute(
        select(children.c.id, children.c.version, children.c.sealed, data_keys.c.key_id, data_keys.c.wrapped_key)
        .outerjoin(data_keys, and_(data_keys.c.organisation == children.c.organisation, data_keys.c.subject == children.c.id))
        .where(children.c.organisation == str(council), one_of(children.c.id, wanted), children.c.erased_at.is_(None))
    )
    return {row.id: KeptChild(row.id, row.version, _opened(ring, council, row)) for row in rows}


def _opened(ring: Keyring, council: Organisation, row: Any) -> Identity:
    if row.wrapped_key is None:
        raise vault.key_not_here()
    return vault.unseal(ring, council, row.id, Sealed(Wrapped(row.key_id, row.wrapped_key), row.sealed))


async def one(transaction: Transaction, ring: Keyring, child: UUID) -> KeptChild:
    """One record, opened. Refused when the council has none of that id (404), and when it was erased (410)."""
    record = (await opened(transaction, ring, [child])).get(child)
    if record is None:
        raise vault.destroyed("This child's record") if await erased(transaction, [child]) else not_found("child")
    return record


async def erased(transaction: Transaction, wanted: Collection[UUID]) -> set[UUID]:
    """Those of these children whose records the council erased."""
    rows = await transaction.execute(
        select(children.c.id).where(
            children.c.organisation == str(transaction.organisation), one_of(children.c.id, wanted), children.c.erased_at.is_not(None)
        )
    )
    return set(rows.scalars())


@dataclass(frozen=True)
class Rotation:
    """What a key rotation did."""

    newest_key: str
    children_rewrapped: int
    children_already_current: int
    search_key_rewrapped: bool
    others_rewrapped: int
    keys_no_longer_used: tuple[str, ...]


async def rotate(transaction: Transaction, ring: Keyring) -> Rotation:
    """Re-wrap every data key of the council, and its search key, under its newest. What is sealed does not change.

    Done in batches of 500 inside the one transaction: all of it or none. A record added meanwhile by a server that has not yet read the new
    key stays under the old one; running the rotation again finds it, and it alone.
    """
    newest = ring.newest(transaction.organisation)
    before = await keys.under(transaction)
    of_children = select(children.c.id).where(children.c.organisation == str(transaction.organisation), children.c.erased_at.is_(None))
    rows = await transaction.execute(
        select(data_keys.c.key_id, func.count().label("how_many"))
        .where(data_keys.c.organisation == str(transaction.organisation), data_keys.c.subject.in_(of_children))
        .group_by(data_keys.c.key_id)
    )
    of_children_under = {row.key_id: row.how_many for row in rows}
    current = of_children_under.pop(newest.id, 0)
    older = sum(of_children_under.values())
    rewrapped = await keys.rotate(transaction, ring)
    search_rewrapped, search_before = await _rotate_search_key(transaction, ring, newest.id)
    unused = sorted({*before, *search_before} - {newest.id})
    return Rotation(newest.id, older, current, search_rewrapped, rewrapped - older, tuple(unused))


async def _rotate_search_key(transaction: Transaction, ring: Keyring, newest: str) -> tuple[bool, set[str]]:
    mine = search_keys.c.organisation == str(transaction.organisation)
    row = (await transaction.execute(select(search_keys.c.key_id, search_keys.c.wrapped_key).where(mine).with_for_update())).one_or_none()
    if row is None or row.key_id == newest:
        return False, {row.key_id} if row else set()
    fresh = vault.rewrap_search_key(ring, transaction.organisation, Wrapped(row.key_id, row.wrapped_key))
    await transaction.execute(update(search_keys).where(mine).values(key_id=fresh.key_id, wrapped_key=fresh.wrapped_key))
    return True, {row.key_id}
