"""Who knows what of a child, in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from referrals.domain.disclosure import CHILD, Stage, fields_shown
from referrals.domain.knowledge import Known, known_by
from referrals.store import framework
from referrals.store import knowledge as store
from shared.tenancy import Transaction


@dataclass(frozen=True)
class KnownByName:
    """An entry with the name of the organisation that knows, if that was heard of."""

    known: Known
    name: str | None


async def who_knows(transaction: Transaction, child: UUID) -> Sequence[KnownByName]:
    """Every organisation that was given or shown something of this child: which fields, since when, until when, by which right."""
    seen, told = await store.seen_of(transaction, child), await store.told_of(transaction, child)
    found = known_by(seen, told, fields_shown(CHILD, Stage.BROADCAST))
    names = await framework.provider_names(transaction, {field.organisation for field in seen})
    return [KnownByName(each, names.get(each.organisation or "")) for each in found]
