"""A child's time in care: the council's own rows, and its placements made through Hearth, as the episodes are derived from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select, union, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.care import OutsidePlacement, Review
from referrals.domain.episodes import CarePeriod, StatusFrom, Stay
from referrals.store import postcodes
from referrals.store.postcodes import Dated
from referrals.store.vault import Keyring
from referrals.tables import (
    agencies,
    care_periods,
    fostering_services,
    legal_statuses,
    outcomes,
    outside_placements,
    placement_children,
    placements,
    reviews,
)
from shared.one_of import one_of
from shared.organisation import Kind, Organisation
from shared.tenancy import Transaction

_MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class Noted:
    """Who recorded something, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, repr=False)
class Care:
    """One child's time in care as recorded; ``outcomes`` by year and column."""

    periods: list[CarePeriod] = field(default_factory=list)
    statuses: list[StatusFrom] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    outcomes: dict[int, Mapping[str, int | str]] = field(default_factory=dict)


async def hold(transaction: Transaction, child: UUID) -> None:
    """Let nobody else write this child's time in care until this transaction ends, so that what was checked stays true."""
    key = f"care/{transaction.organisation}/{child}"
    await transaction.driver.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)


async def _insert(transaction: Transaction, table: Table, rows: Iterable[dict[str, Any]], noted: Noted) -> None:
    whole = [{"organisation": str(transaction.organisation), "recorded_by": noted.by, "recorded_at": noted.at, **row} for row in rows]
    for start in range(0, len(whole), _MOST_AT_ONCE):
        await transaction.execute(insert(table), whole[start : start + _MOST_AT_ONCE])


async def add_periods(transaction: Transaction, rows: Iterable[tuple[UUID, UUID, CarePeriod]], noted: Noted) -> None:
    """Keep care periods: (id, child, period) each. Their home postcodes are kept beside, sealed."""
    kept = (
        {
            "id": id,
            "child": child,
            "began_on": period.began_on,
            "category_of_need": period.category_of_need,
            "ended_on": period.ended_on,
            "ending_reason": period.ending_reason,
            "first_reason": period.first_reason,
        }
        for id, child, period in rows
    )
    await _insert(transaction, care_periods, kept, noted)


async def end_period(transaction: Transaction, child: UUID, ended_on: date, reason: str) -> bool:
    """End the period that lasts; False when none does."""
    table = care_periods.c
    changed = await transaction.execute(
        update(care_periods)
        .where(table.organisation == str(transaction.organisation), table.child == child, table.ended_on.is_(None))
        .values(ended_on=ended_on, ending_reason=reason)
    )
    return changed.rowcount == 1


async def add_statuses(transaction: Transaction, rows: Iterable[tuple[UUID, StatusFrom]], noted: Noted) -> None:
    """Keep legal statuses: (child, status) each."""
    kept = ({"child": child, "from_on": status.from_on, "legal_status": status.legal_status} for child, status in rows)
    await _insert(transaction, legal_statuses, kept, noted)


async def add_reviews(transaction: Transaction, rows: Iterable[tuple[UUID, Review]], noted: Noted) -> None:
    """Keep reviews: (child, review) each."""
    kept = ({"child": child, "held_on": review.held_on, "participation": review.participation} for child, review in rows)
    await _insert(transaction, reviews, kept, noted)


async def add_outside(transaction: Transaction, rows: Iterable[tuple[UUID, UUID, OutsidePlacement]], noted: Noted) -> None:
    """Keep placements made elsewhere: (id, child, placement) each. Their postcodes are kept beside, sealed."""
    kept = (
        {
            "id": id,
            "child": child,
            "began_on": each.began_on,
            "place": each.place,
            "place_provider": each.place_provider,
            "urn": each.urn,
            "same_carer": each.same_carer,
            "ended_on": each.ended_on,
            "ending_reason": each.ending_reason,
        }
        for id, child, each in rows
    )
    await _insert(transaction, outside_placements, kept, noted)


async def end_outside(transaction: Transaction, child: UUID, placement: UUID, ended_on: date, reason: str | None) -> bool:
    """End a placement made elsewhere that lasts; False when there is none such."""
    table = outside_placements.c
    changed = await transaction.execute(
        update(outside_placements)
        .where(
            table.organisation == str(transaction.organisation),
            table.id == placement,
            table.child == child,
            table.ended_on.is_(None),
            table.began_on <= ended_on,
        )
        .values(ended_on=ended_on, ending_reason=reason)
    )
    return changed.rowcount == 1


async def keep_outcomes(transaction: Transaction, rows: Iterable[tuple[UUID, int, Mapping[str, int | str]]], noted: Noted) -> None:
    """Keep a year's outcomes, in place of those kept before: (child, year, facts by column) each."""
    for child, year, facts in rows:
        row = {
            "organisation": str(transaction.organisation),
            "child": child,
            "year": year,
            "facts": dict(facts),
            "recorded_by": noted.by,
            "recorded_at": noted.at,
        }
        statement = upsert(outcomes).values(row)
        newer = {name: statement.excluded[name] for name in ("facts", "recorded_by", "recorded_at")}
        await transaction.execute(statement.on_conflict_do_update(index_elements=["organisation", "child", "year"], set_=newer))


async def keep_fostering_service(transaction: Transaction, urn: str, noted: Noted) -> None:
    """Keep the Ofsted number of the council's own fostering service."""
    row = {"organisation": str(transaction.organisation), "urn": urn, "recorded_by": noted.by, "recorded_at": noted.at}
    await transaction.execute(upsert(fostering_services).values(row).on_conflict_do_update(index_elements=["organisation"], set_=row))


async def fostering_service(transaction: Transaction) -> str | None:
    """The Ofsted number of the council's own fostering service, if it was recorded."""
    found: str | None = await transaction.scalar(
        select(fostering_services.c.urn).where(fostering_services.c.organisation == str(transaction.organisation))
    )
    return found


async def children_with_care(transaction: Transaction) -> list[UUID]:
    """Every child of the council that was looked after or lived in a placement, as far as is recorded."""
    me = str(transaction.organisation)
    looked_after = select(care_periods.c.child).where(care_periods.c.organisation == me)
    elsewhere = select(outside_placements.c.child).where(outside_placements.c.organisation == me)
    placed = (
        select(placement_children.c.child)
        .join(placements, placements.c.id == placement_children.c.placement)
        .where(placement_children.c.organisation == me, placements.c.council == me, placements.c.started_on.is_not(None))
    )
    rows = await transaction.execute(union(looked_after, elsewhere, placed))
    return sorted(row.child for row in rows)


async def care_of(transaction: Transaction, ring: Keyring, children: Collection[UUID]) -> dict[UUID, Care]:
    """What is recorded of these children's time in care; for each of them, if only that nothing is."""
    periods = await _rows(transaction, care_periods, children)
    outside = await _rows(transaction, outside_placements, children)
    through_hearth = await _placements(transaction, children)
    held = await postcodes.of(transaction, ring, [row.id for row in (*periods, *outside, *through_hearth)])
    own_urn = await fostering_service(transaction)
    found: dict[UUID, Care] = {child: Care() for child in children}
    for row in periods:
        found[row.child].periods.append(_period(row, held.get(row.id, ())))
    for row in await _rows(transaction, legal_statuses, children):
        found[row.child].statuses.append(StatusFrom(row.from_on, row.legal_status))
    for row in await _rows(transaction, reviews, children):
        found[row.child].reviews.append(Review(row.held_on, row.participation))
    for row in await _rows(transaction, outcomes, children):
        found[row.child].outcomes[row.year] = row.facts
    for row in outside:
        found[row.child].stays.append(_outside(row, held.get(row.id, ())))
    for row in through_hearth:
        found[row.child].stays.append(_stay(row, held.get(row.id, ()), transaction.organisation, own_urn))
    return found


async def lasting(transaction: Transaction, child: UUID) -> tuple[CarePeriod | None, list[StatusFrom]]:
    """The child's care period that lasts, without its homes, and the child's legal statuses."""
    periods = [_period(row, ()) for row in await _rows(transaction, care_periods, [child]) if row.ended_on is None]
    statuses = [StatusFrom(row.from_on, row.legal_status) for row in await _rows(transaction, legal_statuses, [child])]
    return next(iter(periods), None), statuses


async def _rows(transaction: Transaction, table: Table, children: Collection[UUID]) -> Sequence[Any]:
    rows = await transaction.execute(
        select(table)
        .where(table.c.organisation == str(transaction.organisation), one_of(table.c.child, children))
        .order_by(*table.primary_key)
    )
    return rows.all()


async def _placements(transaction: Transaction, children: Collection[UUID]) -> Sequence[Any]:
    table, me = placements.c, str(transaction.organisation)
    rows = await transaction.execute(
        select(
            placement_children.c.child, table.id, table.provider, table.household, table.place, table.started_on, table.ended_on,
            table.ending_reason, agencies.c.sector,
        )
        .join(placement_children, placement_children.c.placement == table.id)
        .outerjoin(agencies, table.provider == "agency:" + agencies.c.urn)
        .where(
            table.council == me,
            placement_children.c.organisation == me,
            one_of(placement_children.c.child, children),
            table.started_on.is_not(None),
        )
        .order_by(table.started_on, table.id)
    )  # fmt: skip
    return rows.all()


def _period(row: Any, homes: Dated) -> CarePeriod:
    return CarePeriod(row.began_on, row.category_of_need, row.ended_on, row.ending_reason, homes, row.first_reason)


def _outside(row: Any, held: Dated) -> Stay:
    return Stay(
        began_on=row.began_on,
        place=row.place,
        ended_on=row.ended_on,
        place_provider=row.place_provider,
        urn=row.urn,
        postcode=held[-1][1] if held else None,
        change_reason=row.ending_reason,
        same_carer=row.same_carer,
    )


def _stay(row: Any, held: Dated, council: Organisation, own_urn: str | None) -> Stay:
    provider = Organisation.parse(row.provider)
    place_provider: str | None = row.sector
    urn: str | None = provider.code
    if provider.kind is not Kind.AGENCY:
        place_provider, urn = ("PR1", own_urn) if provider == council else ("PR2", None)
    return Stay(
        began_on=row.started_on,
        place=row.place,
        ended_on=row.ended_on,
        place_provider=place_provider,
        urn=urn,
        postcode=held[-1][1] if held else None,
        change_reason=row.ending_reason,
        carer=row.household,
    )
