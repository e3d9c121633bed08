"""Keep what an event says, for the reader whose transaction it is.

News about one subject may come late, twice or in any order. Each event fills its own group of columns, and a group is
replaced only by a higher version of the subject; so the rows end the same whatever the order.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Table, or_
from sqlalchemy.dialects.postgresql import insert

from monitoring import tables
from monitoring.domain.facts import VacancyChange
from shared.tenancy import Transaction


class Noun(StrEnum):
    """A subject whose row is filled group by group."""

    REFERRAL = "referral"
    OFFER = "offer"
    PLACEMENT = "placement"


_TABLES: dict[Noun, Table] = {Noun.REFERRAL: tables.referrals, Noun.OFFER: tables.offers, Noun.PLACEMENT: tables.placements}


async def learn(
    transaction: Transaction, noun: Noun, *, id: UUID, about: dict[str, Any], news: str, version: int, facts: dict[str, Any]
) -> None:
    """Fill the group of columns ``news`` of one subject, unless the same or later news of that group is there.

    ``about`` is what every event of the subject says alike: whose it is. ``facts`` are the group's columns.
    """
    table = _TABLES[noun]
    group = {f"{news}_version": version} | facts
    given = insert(table).values(organisation=str(transaction.organisation), id=id, **about, **group)
    known = table.c[f"{news}_version"]
    await transaction.execute(
        given.on_conflict_do_update(
            index_elements=["organisation", "id"],
            set_={name: given.excluded[name] for name in group},
            where=or_(known.is_(None), known < given.excluded[f"{news}_version"]),
        )
    )


async def learn_decline(
    transaction: Transaction,
    *,
    referral: UUID,
    provider: str,
    council: str,
    version: int,
    declined_at: datetime,
    reason: str,
    side: str,
) -> None:
    """Keep a provider's latest no to a referral."""
    table = tables.declines
    given = insert(table).values(
        organisation=str(transaction.organisation),
        referral=referral,
        provider=provider,
        council=council,
        declined_version=version,
        declined_at=declined_at,
        reason=reason,
        side=side,
    )
    await transaction.execute(
        given.on_conflict_do_update(
            index_elements=["organisation", "referral", "provider"],
            set_={name: given.excluded[name] for name in ("declined_version", "declined_at", "reason", "side")},
            where=table.c.declined_version < given.excluded.declined_version,
        )
    )


async def add_vacancy_change(transaction: Transaction, event_id: UUID, change: VacancyChange) -> None:
    """Add one step of a vacancy's history; the event's id keeps it from being added twice."""
    values = {
        "vacancy": change.vacancy,
        "version": change.version,
        "provider": change.provider,
        "event": str(change.event),
        "happened_at": change.happened_at,
        "lots": list(change.lots),
        "free_beds": change.free_beds,
        "hold": change.hold,
        "beds": change.beds,
    }
    await _add(transaction, tables.vacancy_changes, {"id": event_id} | values)


async def add_bed_request(
    transaction: Transaction, event_id: UUID, *, council: str, provider: str, granted: bool, answered_at: datetime
) -> None:
    """Add one answer to a council's asking for a bed."""
    values = {"id": event_id, "council": council, "provider": provider, "granted": granted, "answered_at": answered_at}
    await _add(transaction, tables.bed_requests, values)


async def add_places_count(
    transaction: Transaction, *, provider: str, version: int, counted_at: datetime, households: int, approved_places: int
) -> None:
    """Add what a provider told of its approved places."""
    values = {
        "provider": provider,
        "version": version,
        "counted_at": counted_at,
        "households": households,
        "approved_places": approved_places,
    }
    await _add(transaction, tables.places_counts, values)


async def _add(transaction: Transaction, table: Table, values: dict[str, Any]) -> None:
    await transaction.execute(insert(table).values(organisation=str(transaction.organisation), **values).on_conflict_do_nothing())
