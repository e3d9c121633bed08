"""What a council changed after sending: one row a provider told, written by one statement, wiped of its values when the referral closes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update

from matching.domain.amendment import Change
from matching.tables import opportunity_changes, referrals
from shared.tenancy import Transaction

_KEEP = text("""
INSERT INTO opportunity_changes (council, referral, provider, view_version, changed_at, fields, details)
SELECT council, referral, provider, :version, :at, ARRAY(SELECT jsonb_array_elements_text(CAST(:fields AS jsonb))), CAST(:details AS jsonb)
FROM opportunities WHERE council = :council AND referral = :referral AND state = 'open'
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class KeptChange:
    """One amendment as a provider was told it; ``changes`` is None once the referral is closed and only the fields' names are kept."""

    version: int
    changed_at: datetime
    fields: tuple[str, ...]
    changes: tuple[Change, ...] | None


async def view_before(transaction: Transaction, council: str, referral: UUID) -> Mapping[str, Any] | None:
    """The view of a referral as it was last heard, locked until the transaction ends; None when there is none."""
    statement = select(referrals.c.view).where(referrals.c.council == council, referrals.c.referral == referral).with_for_update()
    found: Mapping[str, Any] | None = await transaction.scalar(statement)
    return found


async def keep(transaction: Transaction, council: str, referral: UUID, version: int, at: datetime, changes: Sequence[Change]) -> None:
    """Write what changed for every provider the referral is open to, all in one statement."""
    details = [{"field": one.field, "before": one.before, "after": one.after} for one in changes]
    await transaction.execute(
        _KEEP,
        {
            "council": council,
            "referral": referral,
            "version": version,
            "at": at,
            "fields": json.dumps([one.field for one in changes]),
            "details": json.dumps(details),
        },
    )


async def forget(transaction: Transaction, council: str, referral: UUID) -> None:
    """A closed referral's changes say which fields changed, no longer from what to what."""
    await transaction.execute(
        update(opportunity_changes)
        .where(opportunity_changes.c.council == council, opportunity_changes.c.referral == referral)
        .values(details=None)
    )


async def told_to(transaction: Transaction, provider: str, referral: UUID) -> list[KeptChange]:
    """What a provider was told of a referral's amendments, the last first."""
    rows = await transaction.execute(
        select(opportunity_changes)
        .where(opportunity_changes.c.provider == provider, opportunity_changes.c.referral == referral)
        .order_by(opportunity_changes.c.view_version.desc())
    )
    return [
        KeptChange(
            row.view_version,
            row.changed_at,
            tuple(row.fields),
            None if row.details is None else tuple(Change(one["field"], one["before"], one["after"]) for one in row.details),
        )
        for row in rows
    ]
