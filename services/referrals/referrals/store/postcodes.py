"""Postcodes of the return, each sealed under the data key of what it is of: a placement, or the home at the start of a care period."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.store import keys, vault
from referrals.store.vault import Keyring, Sealed
from referrals.tables import postcodes
from shared.one_of import one_of
from shared.tenancy import Transaction

Dated = tuple[tuple[date, str], ...]
"""Postcodes, each with the day from which it held, oldest first."""

_BATCH = 500


def bound_to(subject: UUID) -> str:
    """What a sealed postcode is tied to."""
    return f"postcode/{subject}"


def written(dated: Dated) -> str:
    """Postcodes as the text that is sealed."""
    return json.dumps([[day.isoformat(), postcode] for day, postcode in dated])


async def keep(transaction: Transaction, ring: Keyring, held: Mapping[UUID, Dated]) -> None:
    """Seal and keep the postcodes of each subject (a placement or a care period), in place of those kept before."""
    council, key_of = transaction.organisation, await keys.made(transaction, ring, list(held))
    rows = [
        {
            "organisation": str(council),
            "subject": subject,
            "sealed": vault.seal_text(ring, council, subject, key_of[subject], written(dated), bound_to=bound_to(subject)),
        }
        for subject, dated in held.items()
    ]
    for start in range(0, len(rows), _BATCH):
        statement = upsert(postcodes).values(rows[start : start + _BATCH])
        newer = {"sealed": statement.excluded.sealed}
        await transaction.execute(statement.on_conflict_do_update(index_elements=["organisation", "subject"], set_=newer))


async def of(transaction: Transaction, ring: Keyring, subjects: Collection[UUID]) -> dict[UUID, Dated]:
    """The postcodes of these subjects; those without any, or whose key was destroyed, are left out."""
    if not subjects:
        return {}
    rows = await transaction.execute(
        select(postcodes).where(postcodes.c.organisation == str(transaction.organisation), one_of(postcodes.c.subject, subjects))
    )
    key_of = await keys.of(transaction, subjects)
    found: dict[UUID, Dated] = {}
    for row in rows:
        if (key := key_of.get(row.subject)) is None:
            continue
        text = vault.unseal_text(ring, transaction.organisation, row.subject, Sealed(key, row.sealed), bound_to=bound_to(row.subject))
        found[row.subject] = tuple((date.fromisoformat(day), postcode) for day, postcode in json.loads(text))
    return found
