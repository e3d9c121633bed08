"""What Hearth holds of one agency for a return, as far as the reader may see it: an agency its own, a council what concerns it."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from monitoring import tables
from monitoring.domain.period import Period
from monitoring.domain.returns.prefill import Held, Stay
from shared.organisation import Organisation
from shared.tenancy import Transaction

PLACEMENTS, COUNTS = tables.placements.c, tables.places_counts.c


async def held(transaction: Transaction, agency: str, period: Period) -> Held:
    """The agency's placements lived in during the period, and its households and approved places as last told by the end of it."""
    provider = str(Organisation.agency(agency))
    # The ending repeats the day of arrival, so a stay is known even while its start is still on the way.
    began = func.coalesce(PLACEMENTS.started_on, PLACEMENTS.ended_from)
    found = await transaction.execute(
        select(tables.placements, began.label("began"))
        .where(PLACEMENTS.provider == provider, began <= period.last)
        .where(or_(PLACEMENTS.ended_on.is_(None), PLACEMENTS.ended_on >= period.first))
        .order_by(PLACEMENTS.id)
    )
    stays = tuple(
        Stay(
            row.id,
            row.council,
            max(len(row.ages or ()), len(row.numbers_in_year or ()), 1),
            row.began,
            row.ended_on,
            row.ended_as_planned,
            row.ended_reason,
        )
        for row in found
    )
    told = (
        await transaction.execute(
            select(COUNTS.households, COUNTS.approved_places)
            .where(COUNTS.provider == provider, COUNTS.counted_at < period.closes)
            .order_by(COUNTS.version.desc())
            .limit(1)
        )
    ).one_or_none()
    return Held(stays, told.households if told else None, told.approved_places if told else None)
