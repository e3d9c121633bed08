"""Children's wishes, each version sealed under the child's key and never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select

from referrals.domain.wishes import Wishes
from referrals.store import keys, vault
from referrals.store.vault import Keyring, Sealed
from referrals.tables import wishes
from shared.tenancy import Transaction


@dataclass(frozen=True, repr=False)
class KeptWishes:
    """One version of what a child said; ``heard`` is None once the child's record was erased."""

    child: UUID
    version: int
    heard: Wishes | None
    recorded_by: str
    recorded_at: datetime


def bound_to(referral: UUID, child: UUID, version: int) -> str:
    """What sealed wishes are tied to."""
    return f"wishes/{referral}/{child}/{version}"


async def add(
    transaction: Transaction, ring: Keyring, referral: UUID, child: UUID, heard: Wishes, *, recorded_by: str, now: datetime
) -> int:
    """Seal and keep a further version; its number. The caller holds the referral, so that two at once follow one another.

    Refused (410) when the child's record was erased: nothing is sealed under a new key that a destroyed one was meant to end.
    """
    council, table = transaction.organisation, wishes.c
    key = (await keys.of(transaction, [child])).get(child)
    if key is None:
        raise vault.destroyed("This child's record")
    mine = (table.organisation == str(council), table.referral == referral, table.child == child)
    version = int(await transaction.scalar(select(func.coalesce(func.max(table.version), 0)).where(*mine))) + 1
    text = json.dumps(heard.to_plain(), ensure_ascii=False, separators=(",", ":"))
    sealed = vault.seal_text(ring, council, child, key, text, bound_to=bound_to(referral, child, version))
    await transaction.execute(
        insert(wishes).values(
            organisation=str(council),
            referral=referral,
            child=child,
            version=version,
            sealed=sealed,
            recorded_by=recorded_by,
            recorded_at=now,
        )
    )
    return version


async def of_referral(transaction: Transaction, ring: Keyring, referral: UUID) -> list[KeptWishes]:
    """What the children of a referral said, opened, the last of each child first."""
    council, table = transaction.organisation, wishes.c
    rows = (
        await transaction.execute(
            select(wishes).where(table.organisation == str(council), table.referral == referral).order_by(table.child, table.version.desc())
        )
    ).all()
    key_of = await keys.of(transaction, {row.child for row in rows})
    found = []
    for row in rows:
        key = key_of.get(row.child)
        heard = None
        if key is not None:
            bound = bound_to(referral, row.child, row.version)
            heard = Wishes.from_plain(json.loads(vault.unseal_text(ring, council, row.child, Sealed(key, row.sealed), bound_to=bound)))
        found.append(KeptWishes(row.child, row.version, heard, row.recorded_by, row.recorded_at))
    return found
