"""Postcodes of the return, each sealed under a data key of its own, wrapped under the council's: where a placement is, where home was."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.store import vault
from referrals.store.vault import Keyring, Sealed, Wrapped
from referrals.tables import postcodes
from shared.tenancy import Transaction

Dated = tuple[tuple[date, str], ...]
"""Postcodes, each with the day from which it held, oldest first."""

_BATCH = 500


def _bound_to(subject: UUID) -> str:
    return f"postcode/{subject}"


async def keep(transaction: Transaction, ring: Keyring, held: Mapping[UUID, Dated]) -> None:
    """Seal and keep the postcodes of each subject (a placement or a care period), in place of those kept before."""
    rows = []
    for subject, dated in held.items():
        text = json.dumps([[day.isoformat(), postcode] for day, postcode in dated])
        sealed = vault.seal_text(ring, transaction.organisation, _bound_to(subject), text)
        rows.append(
            {
                "organisation": str(transaction.organisation),
                "subject": subject,
                "key_id": sealed.key.key_id,
                "wrapped_key": sealed.key.wrapped_key,
                "sealed": sealed.sealed,
            }
        )
    for start in range(0, len(rows), _BATCH):
        statement = upsert(postcodes).values(rows[start : start + _BATCH])
        newer = {name: statement.excluded[name] for name in ("key_id", "wrapped_key", "sealed")}
        await transaction.execute(statement.on_conflict_do_update(index_elements=["organisation", "subject"], set_=newer))


async def of(transaction: Transaction, ring: Keyring, subjects: Collection[UUID]) -> dict[UUID, Dated]:
    """The postcodes of these subjects; those without any are left out."""
    if not subjects:
        return {}
    rows = await transaction.execute(
        select(postcodes).where(postcodes.c.organisation == str(transaction.organisation), postcodes.c.subject.in_(subjects))
    )
    found: dict[UUID, Dated] = {}
    for row in rows:
        stored = Sealed(Wrapped(row.key_id, row.wrapped_key), row.sealed)
        text = vault.unseal_text(ring, transaction.organisation, _bound_to(row.subject), stored)
        found[row.subject] = tuple((date.fromisoformat(day), postcode) for day, postcode in json.loads(text))
    return found


_REWRAP = (
    update(postcodes)
    .where(postcodes.c.organisation == bindparam("of"), postcodes.c.subject == bindparam("about"))
    .values(key_id=bindparam("under"), wrapped_key=bindparam("wrapped"))
)


async def rotate(transaction: Transaction, ring: Keyring) -> Mapping[str, int]:
    """Re-wrap every postcode's data key under the council's newest key; how many there were under each key before."""
    council, newest = transaction.organisation, ring.newest(transaction.organisation).id
    mine = postcodes.c.organisation == str(council)
    counted = await transaction.execute(select(postcodes.c.key_id, func.count().label("how_many")).where(mine).group_by(postcodes.c.key_id))
    before: Mapping[str, int] = {row.key_id: row.how_many for row in counted}
    older = select(postcodes.c.subject, postcodes.c.key_id, postcodes.c.wrapped_key).where(mine, postcodes.c.key_id != newest)
    while rows := (await transaction.execute(older.order_by(postcodes.c.subject).limit(_BATCH).with_for_update())).all():
        fresh = [
            (row.subject, vault.rewrap_text(ring, council, _bound_to(row.subject), Wrapped(row.key_id, row.wrapped_key))) for row in rows
        ]
        await transaction.execute(
            _REWRAP, [{"of": str(council), "about": subject, "under": key.key_id, "wrapped": key.wrapped_key} for subject, key in fresh]
        )
    return before
