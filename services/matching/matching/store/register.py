"""What matching keeps of the consortium's register: names, lots, published tiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from matching.domain.birthdays import Band
from matching.tables import lots, organisations, tier_lines, tier_lists
from shared.contracts.providers import AgencyRecorded, LotRecorded
from shared.contracts.words import OfstedRating
from shared.one_of import one_of
from shared.organisation import CONSORTIUM
from shared.tenancy import Transaction

_OWNER = str(CONSORTIUM)


async def put_organisation(transaction: Transaction, organisation: str, name: str, version: int) -> None:
    """Keep an organisation's name; late news changes nothing."""
    new = insert(organisations).values(organisation=organisation, owner=_OWNER, name=name, version=version)
    await transaction.execute(
        new.on_conflict_do_update(
            index_elements=["organisation"], set_={"name": name, "version": version}, where=organisations.c.version < version
        )
    )


async def put_agency(transaction: Transaction, agency: AgencyRecorded, version: int) -> None:
    """Keep an agency's name, Ofsted's judgement of it, and the suspension that stands; late news changes nothing."""
    suspension = agency.suspension
    values: dict[str, Any] = {
        "name": agency.name,
        "rating": agency.rating,
        "suspended_from": suspension and suspension.starts_on,
        "suspended_until": suspension and suspension.ends_on,
        "suspended_because": suspension and suspension.reason,
        "version": version,
    }
    new = insert(organisations).values(organisation=f"agency:{agency.agency}", owner=_OWNER, **values)
    await transaction.execute(
        new.on_conflict_do_update(index_elements=["organisation"], set_=values, where=organisations.c.version < version)
    )


async def names(transaction: Transaction, providers: Iterable[str]) -> dict[str, str]:
    """The names of these organisations, as far as they have been heard."""
    wanted = sorted(set(providers))
    if not wanted:
        return {}
    rows = await transaction.execute(
        select(organisations.c.organisation, organisations.c.name).where(one_of(organisations.c.organisation, wanted))
    )
    return {row.organisation: row.name for row in rows}


async def councils(transaction: Transaction) -> list[str]:
    """Every council of the consortium, in full."""
    rows = await transaction.execute(select(organisations.c.organisation).where(organisations.c.organisation.like("council:%")))
    return sorted(row.organisation for row in rows)


async def put_lot(transaction: Transaction, lot: LotRecorded, version: int) -> None:
    """Keep a lot; late news changes nothing."""
    accepted = (*lot.accepted_ratings, *((OfstedRating.NOT_YET_INSPECTED,) if lot.accepts_not_yet_inspected else ()))
    values: dict[str, Any] = {
        "framework": lot.framework,
        "title": lot.title,
        "kinds": [str(kind) for kind in lot.kinds],
        "price_bands": [band.model_dump(mode="json") for band in lot.price_bands],
        "starts_on": lot.starts_on,
        "ends_on": lot.ends_on,
        "version": version,
        "accepted_ratings": [str(rating) for rating in accepted],
        "below_gate": lot.below_gate,
    }
    new = insert(lots).values(lot=lot.lot, owner=_OWNER, **values)
    await transaction.execute(new.on_conflict_do_update(index_elements=["lot"], set_=values, where=lots.c.version < version))


async def lot_titles(transaction: Transaction) -> dict[str, str]:
    """Each lot's title by its code; there are a handful."""
    rows = await transaction.execute(select(lots.c.lot, lots.c.title))
    return {row.lot: row.title for row in rows}


async def bands(transaction: Transaction, lot: str) -> tuple[Band, ...]:
    """The lot's price bands, the youngest first; none when the lot has not been heard of."""
    kept = await transaction.scalar(select(lots.c.price_bands).where(lots.c.lot == lot))
    found = (Band(band["code"], band["from_age"], band["to_age"]) for band in kept or ())
    return tuple(sorted(found, key=lambda band: (band.from_age, band.to_age)))


async def listed(transaction: Transaction, lot: str) -> dict[str, int]:
    """Each provider on the lot's list as published now, with its tier."""
    rows = await transaction.execute(select(tier_lines.c.provider, tier_lines.c.tier).where(tier_lines.c.lot == lot))
    return {row.provider: row.tier for row in rows}


_LOCK_LIST = text("SELECT pg_advisory_xact_lock(hashtextextended('tier list ' || :lot, 0))")
_LOCK_LIST_SHARED = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('tier list ' || :lot, 0))")


async def hold_list_still(transaction: Transaction, lot: str) -> None:
    """Until the transaction ends nobody replaces this lot's list; broadcasts do not wait for one another."""
    await transaction.execute(_LOCK_LIST_SHARED, {"lot": lot})


async def replace_list(
    transaction: Transaction, lot: str, round: UUID, published_at: datetime, lines: Sequence[tuple[str, int, int, str | None]], version: int
) -> bool:
    """Put a lot's published list in the place of the one before; False, and nothing done, for late news.

    ``lines``: provider in full, rank, tier, Ofsted's judgement then.

    Waits for broadcasts under way, so that each sees one list or the other, whole.
    """
    await transaction.execute(_LOCK_LIST, {"lot": lot})
    values = {"round": round, "published_at": published_at, "version": version}
    new = insert(tier_lists).values(lot=lot, owner=_OWNER, **values)
    kept = await transaction.execute(
        new.on_conflict_do_update(index_elements=["lot"], set_=values, where=tier_lists.c.version < version).returning(tier_lists.c.lot)
    )
    if kept.first() is None:
        return False
    await transaction.execute(delete(tier_lines).where(tier_lines.c.lot == lot))
    if lines:
        await transaction.execute(
            insert(tier_lines),
            [
                {"lot": lot, "owner": _OWNER, "provider": provider, "rank": rank, "tier": tier, "rating": rating}
                for provider, rank, tier, rating in lines
            ],
        )
    return True
