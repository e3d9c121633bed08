"""A council's settings: one row a version, the newest in force; none yet means the defaults, as version 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.settings import CouncilSettings
from referrals.store.paging import after_version
from referrals.tables import council_settings
from shared.cursors import Wanted
from shared.tenancy import Transaction

_plain = TypeAdapter(CouncilSettings)
DEFAULT_VERSION = 1


@dataclass(frozen=True)
class KeptSettings:
    """Settings at one version; nobody changed version 1."""

    version: int
    settings: CouncilSettings
    changed_by: str | None = None
    changed_at: datetime | None = None


async def current(transaction: Transaction) -> KeptSettings:
    """The settings in force for the transaction's council."""
    table = council_settings.c
    mine = select(council_settings).where(table.organisation == str(transaction.organisation))
    row = (await transaction.execute(mine.order_by(table.version.desc()).limit(1))).one_or_none()
    if row is None:
        return KeptSettings(DEFAULT_VERSION, CouncilSettings())
    return KeptSettings(row.version, _plain.validate_python(row.settings), row.changed_by, row.changed_at)


async def add(transaction: Transaction, kept: KeptSettings) -> bool:
    """Put a new version in force; False when somebody else made that version first."""
    row = {
        "organisation": str(transaction.organisation),
        "version": kept.version,
        "settings": _plain.dump_python(kept.settings, mode="json"),
        "changed_by": kept.changed_by,
        "changed_at": kept.changed_at,
    }
    added = await transaction.execute(upsert(council_settings).values(row).on_conflict_do_nothing())
    return added.rowcount == 1


async def history(transaction: Transaction, wanted: Wanted) -> Sequence[KeptSettings]:
    """Every version somebody made, newest first, one row more than the page."""
    table = council_settings.c
    query = select(council_settings).where(table.organisation == str(transaction.organisation))
    if (after := after_version(wanted)) is not None:
        query = query.where(table.version < after)
    rows = await transaction.execute(query.order_by(table.version.desc()).limit(wanted.limit + 1))
    return [KeptSettings(r.version, _plain.validate_python(r.settings), r.changed_by, r.changed_at) for r in rows]
