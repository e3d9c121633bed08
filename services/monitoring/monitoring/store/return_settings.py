"""When returns are due and when they are chased, where the project manager set it: read by everybody, written by the consortium."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from monitoring.domain.returns.chasing import DueSettings
from monitoring.tables import return_settings
from shared.tenancy import Transaction

SETTINGS = return_settings.c


async def of_form(transaction: Transaction, form: str) -> tuple[DueSettings, int] | None:
    """What was set for a form, and its version; None while nothing was."""
    row = (await transaction.execute(select(return_settings).where(SETTINGS.form == form))).one_or_none()
    return (DueSettings(row.due_after_days, row.chase_before_days, row.chase_every_days), row.version) if row else None


async def change(transaction: Transaction, form: str, found: DueSettings, version: int) -> bool:
    """Put settings in place of a version of them (0: none yet); False when somebody was faster."""
    values = {
        "due_after_days": found.due_after_days,
        "chase_before_days": found.chase_before_days,
        "chase_every_days": found.chase_every_days,
        "version": version + 1,
    }
    given = insert(return_settings).values(form=form, organisation=str(transaction.organisation), **values)
    done = await transaction.execute(given.on_conflict_do_update(index_elements=["form"], set_=values, where=SETTINGS.version == version))
    return bool(done.rowcount)
