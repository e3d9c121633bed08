"""What Hearth holds of one agency for a return, as far as the reader may see it: an agency its own, a council what concerns it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import func, or_, select

from monitoring import tables
from monitoring.domain.period import Period
from monitoring.domain.returns.lines import placement_part
from monitoring.domain.returns.prefill import Held, Stay
from shared.one_of import one_of
from shared.organisation import Organisation
from shared.tenancy import Transaction

PLACEMENTS, COUNTS, EVENTS = tables.placements.c, tables.places_counts.c, tables.placement_event_counts.c


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
            .order_by(COUNTS.counted_at.desc(), COUNTS.version.desc())
            .limit(1)
        )
    ).one_or_none()
    happened = await _happened(transaction, provider, period)
    return Held(stays, told.households if told else None, told.approved_places if told else None, happened)


async def councils_of_placements(transaction: Transaction, agencies: Iterable[str]) -> dict[str, str]:
    """Placement → its council, of these agencies."""
    providers = [str(Organisation.agency(agency)) for agency in agencies]
    found = await transaction.execute(select(PLACEMENTS.id, PLACEMENTS.council).where(one_of(PLACEMENTS.provider, providers)))
    return {placement_part(row.id): row.council for row in found}


async def _happened(transaction: Transaction, provider: str, period: Period) -> Mapping[tuple[str, str], int] | None:
    """What happened in the agency's placements, as counted by month; None where the period is none of whole months, or nothing was told.

    An agency is told only of the events that it may read, so its count may be below its council's.
    """
    if period.first.day != 1 or (period.last + timedelta(days=1)).day != 1:
        return None
    found = await transaction.execute(
        select(EVENTS.kind, EVENTS.council, func.sum(EVENTS.events).label("events"))
        .where(EVENTS.provider == provider, EVENTS.month.between(period.first, period.last))
        .group_by(EVENTS.kind, EVENTS.council)
    )
    return {(row.kind, row.council): int(row.events) for row in found} or None
