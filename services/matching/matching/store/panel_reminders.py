"""Who was reminded of a panel, of what and when; each once for one closing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from matching.domain.panel import Member, Panel
from matching.domain.panel_reminders import Reminder
from matching.tables import panel_reminders
from shared.tenancy import Transaction


async def remind(
    transaction: Transaction, council: str, panel: Panel, due: Iterable[tuple[Member, Reminder]], now: datetime
) -> list[tuple[UUID, Reminder]]:
    """Write down that these members are reminded now, each once for this closing; returns those who were not before."""
    rows = [
        {
            "council": council,
            "panel": panel.panel,
            "member": member.member,
            "reminder": reminder,
            "closes_at": panel.closes_at,
            "reminded_at": now,
        }
        for member, reminder in due
    ]
    if not rows:
        return []
    new = insert(panel_reminders).values(rows).on_conflict_do_nothing().returning(panel_reminders.c.member, panel_reminders.c.reminder)
    return [(row.member, Reminder(row.reminder)) for row in await transaction.execute(new)]


async def reminded(transaction: Transaction, council: str, panel: UUID) -> list[tuple[UUID, Reminder, datetime]]:
    """Who was reminded of what, and when, the first first."""
    table = panel_reminders.c
    rows = await transaction.execute(
        select(panel_reminders).where(table.council == council, table.panel == panel).order_by(table.reminded_at, table.member)
    )
    return [(row.member, Reminder(row.reminder), row.reminded_at) for row in rows]
