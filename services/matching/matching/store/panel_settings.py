"""How long a council's panels sit, as its administrator set it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from matching.tables import panel_settings
from shared.contracts.words import Urgency
from shared.tenancy import Transaction


async def hours(transaction: Transaction, council: str) -> tuple[dict[Urgency, int], int]:
    """How long the council's panels sit by urgency as its administrator set it, and the setting's version; nothing and 0 if never set."""
    row = (await transaction.execute(select(panel_settings).where(panel_settings.c.council == council))).first()
    return ({}, 0) if row is None else ({Urgency(urgency): count for urgency, count in row.hours.items()}, row.version)


async def put_hours(
    transaction: Transaction, council: str, hours: Mapping[Urgency, int], version: int, *, changed_by: str, now: datetime
) -> bool:
    """Keep the setting in place of version ``version``; False when another was quicker."""
    values = {"hours": dict(hours), "version": version + 1, "changed_by": changed_by, "changed_at": now}
    new = insert(panel_settings).values(council=council, **values)
    kept = new.on_conflict_do_update(index_elements=["council"], set_=values, where=panel_settings.c.version == version)
    return (await transaction.execute(kept.returning(panel_settings.c.version))).first() is not None
