"""Erasures as two people ask for and confirm them, and the legal holds that stand in their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.erasure import ErasureState, Ground, HoldReason
from referrals.tables import erasures, legal_holds, search_keys
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Erasure:
    """One erasure: of a child, or (no child) of all that the council keeps; ``key_ids`` are the council keys destroyed with it."""

    id: UUID
    child: UUID | None
    ground: Ground
    state: ErasureState
    asked_by: str
    asked_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    key_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hold:
    """A legal hold in force."""

    id: UUID
    reason: HoldReason
    set_by: str
    set_at: datetime


def _of(child: UUID | None) -> ColumnElement[bool]:
    return erasures.c.child.is_(None) if child is None else erasures.c.child == child


async def ask(transaction: Transaction, erasure: Erasure) -> bool:
    """Keep that an erasure is asked for; False when one of the same is asked for already."""
    row = {
        "organisation": str(transaction.organisation),
        "id": erasure.id,
        "child": erasure.child,
        "ground": erasure.ground,
        "state": erasure.state,
        "asked_by": erasure.asked_by,
        "asked_at": erasure.asked_at,
        "key_ids": [],
    }
    added = await transaction.execute(upsert(erasures).values(row).on_conflict_do_nothing())
    return added.rowcount == 1


async def latest(transaction: Transaction, child: UUID | None, *, to_change: bool = False) -> Erasure | None:
    """The last erasure asked for of this child, or of all that the council keeps; ``to_change`` holds the row."""
    query = select(erasures).where(erasures.c.organisation == str(transaction.organisation), _of(child))
    query = query.order_by(erasures.c.asked_at.desc(), erasures.c.id.desc()).limit(1)
    row = (await transaction.execute(query.with_for_update() if to_change else query)).one_or_none()
    if row is None:
        return None
    state, ground = ErasureState(row.state), Ground(row.ground)
    return Erasure(row.id, row.child, ground, state, row.asked_by, row.asked_at, row.settled_by, row.settled_at, tuple(row.key_ids))


async def settle(
    transaction: Transaction, erasure: Erasure, state: ErasureState, *, by: str, at: datetime, key_ids: Sequence[str] = ()
) -> Erasure:
    """Keep that the erasure was done or withdrawn, and by whom."""
    mine = (erasures.c.organisation == str(transaction.organisation), erasures.c.id == erasure.id)
    await transaction.execute(update(erasures).where(*mine).values(state=state, settled_by=by, settled_at=at, key_ids=list(key_ids)))
    return replace(erasure, state=state, settled_by=by, settled_at=at, key_ids=tuple(key_ids))


async def drop_search_key(transaction: Transaction) -> list[str]:
    """Delete the council's search key; under which council key it was wrapped."""
    mine = search_keys.c.organisation == str(transaction.organisation)
    return list((await transaction.execute(delete(search_keys).where(mine).returning(search_keys.c.key_id))).scalars())


async def hold_in_force(transaction: Transaction, child: UUID) -> Hold | None:
    """The legal hold that keeps this child's record, if there is one."""
    table = legal_holds.c
    query = select(legal_holds).where(table.organisation == str(transaction.organisation), table.child == child, table.lifted_at.is_(None))
    row = (await transaction.execute(query)).one_or_none()
    return Hold(row.id, HoldReason(row.reason), row.set_by, row.set_at) if row else None


async def set_hold(transaction: Transaction, child: UUID, hold: Hold) -> bool:
    """Keep a record from being erased; False when a hold is in force already."""
    row = {
        "organisation": str(transaction.organisation),
        "id": hold.id,
        "child": child,
        "reason": hold.reason,
        "set_by": hold.set_by,
        "set_at": hold.set_at,
    }
    return (await transaction.execute(upsert(legal_holds).values(row).on_conflict_do_nothing())).rowcount == 1


async def lift_hold(transaction: Transaction, child: UUID, *, by: str, at: datetime) -> bool:
    """Lift the hold in force; False when there is none."""
    table = legal_holds.c
    mine = (table.organisation == str(transaction.organisation), table.child == child, table.lifted_at.is_(None))
    return (await transaction.execute(update(legal_holds).where(*mine).values(lifted_by=by, lifted_at=at))).rowcount == 1
