"""What happened in placements, which of them last and whose they are, and what officers did when they looked at one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlalchemy import and_, func, insert, select, true, update

from referrals.domain.episodes import CarePeriod
from referrals.domain.placement import Placement, PlacementState
from referrals.domain.placement_events import ComplaintBy, EventKind, PlacementEvent, RetractionReason
from referrals.domain.stability import Done, Lasting, Look
from referrals.store.agreements import lacking
from referrals.store.placements import FIRST_DAY, of_these
from referrals.tables import care_periods, placement_children, placement_events, placement_looks, placements, reviews
from shared.tenancy import Transaction


async def add_event(transaction: Transaction, placement: Placement, event: PlacementEvent) -> None:
    """Keep an event; the transaction must be its author's."""
    await transaction.execute(
        insert(placement_events).values(
            council=placement.council,
            id=event.id,
            placement=placement.id,
            provider=placement.provider if event.shared else None,
            author=event.author,
            kind=event.kind,
            happened_on=event.happened_on,
            until=event.until,
            interview_offered=event.interview_offered,
            complaint_by=event.complaint_by,
            recorded_by=event.by,
            at=event.at,
        )
    )


async def change_event(transaction: Transaction, placement: Placement, event: PlacementEvent) -> bool:
    """Keep what was added to an event: the end of a missing episode, or that it was taken back; False when it is not the asking side's."""
    table = placement_events.c
    changed = await transaction.execute(
        update(placement_events)
        .where(table.council == placement.council, table.id == event.id, table.author == str(transaction.organisation))
        .values(
            until=event.until,
            interview_offered=event.interview_offered,
            retracted_at=event.retracted_at,
            retraction_reason=event.retraction_reason,
        )
    )
    return changed.rowcount == 1


@dataclass(frozen=True)
class EventCount:
    """Events of one kind, provider and month that were not taken back; of them those the provider may read; and how often this changed."""

    count: int
    shared: int
    changes: int


async def count_events(transaction: Transaction, *, provider: str, kind: EventKind, month: date) -> EventCount:
    """What the asking council's records hold of one provider and month (its first day). One such count at a time, so none is missed."""
    council = str(transaction.organisation)
    key = f"events/{council}/{provider}/{kind}/{month.isoformat()}"
    await transaction.driver.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)
    counts = placement_events.c.retracted_at.is_(None)
    row = (
        await transaction.execute(
            select(
                func.count().filter(counts).label("counting"),
                func.count().filter(counts, placement_events.c.provider.is_not(None)).label("shared"),
                (func.count() + func.count(placement_events.c.retracted_at)).label("changes"),
            )
            .join(placements, and_(placements.c.council == placement_events.c.council, placements.c.id == placement_events.c.placement))
            .where(
                placement_events.c.council == council,
                placements.c.provider == provider,
                placement_events.c.kind == kind,
                placement_events.c.happened_on >= month,
                placement_events.c.happened_on < month + relativedelta(months=1),
            )
        )
    ).one()
    return EventCount(row.counting, row.shared, row.changes)


async def events_of(transaction: Transaction, named: Collection[Placement | Lasting]) -> dict[UUID, list[PlacementEvent]]:
    """What the asking side may read of what happened in these placements, oldest first; for each, if only nothing."""
    found: dict[UUID, list[PlacementEvent]] = {placement.id: [] for placement in named}
    table = placement_events.c
    rows = await transaction.execute(
        select(placement_events)
        .where(*of_these(table, named))
        .order_by(table.happened_on, table.id)
    )
    for row in rows:
        found[row.placement].append(_event(row))
    return found


def _event(row: Any) -> PlacementEvent:
    return PlacementEvent(
        id=row.id,
        placement=row.placement,
        kind=EventKind(row.kind),
        happened_on=row.happened_on,
        author=row.author,
        by=row.recorded_by,
        at=row.at,
        shared=row.provider is not None,
        until=row.until,
        interview_offered=row.interview_offered,
        complaint_by=ComplaintBy(row.complaint_by) if row.complaint_by else None,
        retracted_at=row.retracted_at,
        retraction_reason=RetractionReason(row.retraction_reason) if row.retraction_reason else None,
    )


async def lasting(transaction: Transaction, only: UUID | None = None) -> Sequence[Lasting]:
    """The council's placements that began and have not ended, each with whose it is and whether an agreement lacks; ``only`` one."""
    table, named, me = placements.c, placement_children.c, str(transaction.organisation)
    whose = and_(named.organisation == me, named.placement == table.id)
    rows = await transaction.execute(
        select(table.id, table.council, FIRST_DAY.label("began_on"), lacking(transaction.organisation).label("lacks"), named.child)
        .outerjoin(placement_children, whose)
        .where(table.council == me, table.state == PlacementState.STARTED, table.id == only if only else true())
        .order_by(table.id, named.number)
    )
    return [
        Lasting(id, council, began_on, tuple(row.child for row in some if row.child is not None), lacks)
        for (id, council, began_on, lacks), some in groupby(rows, key=lambda row: row[:4])
    ]


async def periods_and_reviews(transaction: Transaction, child: UUID | None = None) -> dict[UUID, tuple[CarePeriod, list[date]]]:
    """The newest time in care of one child of the council, or of every child that is looked after, and the days of reviews held in it."""
    me = str(transaction.organisation)
    table, held = care_periods.c, reviews.c
    query = select(table.child, table.began_on, table.category_of_need, table.ended_on, table.ending_reason, table.first_reason)
    mine = query.where(table.organisation == me).order_by(table.began_on)
    which = table.child == child if child else table.ended_on.is_(None)
    found: dict[UUID, tuple[CarePeriod, list[date]]] = {}
    for row in await transaction.execute(mine.where(which)):
        period = CarePeriod(row.began_on, row.category_of_need, row.ended_on, row.ending_reason, (), row.first_reason)
        found[row.child] = (period, [])
    lasts = select(table.child).where(table.organisation == me, which)
    for row in await transaction.execute(select(held.child, held.held_on).where(held.organisation == me, held.child.in_(lasts))):
        found[row.child][1].append(row.held_on)
    return found


async def add_look(transaction: Transaction, placement: UUID, look: Look, *, at: datetime) -> None:
    """Keep that an officer of the council looked at a placement."""
    keys = sorted([sign, number, since.isoformat()] for sign, number, since in look.keys)
    await transaction.execute(
        insert(placement_looks).values(
            organisation=str(transaction.organisation),
            id=look.id,
            placement=placement,
            done=look.done,
            by_date=look.by_date,
            reasons=keys,
            looked_on=look.looked_on,
            recorded_by=look.by,
            at=at,
        )
    )


async def last_looks(transaction: Transaction) -> dict[UUID, Look]:
    """The newest look at each of the council's placements that were looked at."""
    table = placement_looks.c
    newest = (
        select(table.id, func.row_number().over(partition_by=table.placement, order_by=(table.at.desc(), table.id.desc())).label("place"))
        .where(table.organisation == str(transaction.organisation))
        .subquery()
    )
    rows = await transaction.execute(
        select(placement_looks)
        .join(newest, newest.c.id == table.id)
        .where(table.organisation == str(transaction.organisation), newest.c.place == 1)
    )
    return {row.placement: _look(row) for row in rows}


async def looks_at(transaction: Transaction, placement: UUID) -> list[Look]:
    """Every look at one of the council's placements, newest first."""
    table = placement_looks.c
    rows = await transaction.execute(
        select(placement_looks)
        .where(table.organisation == str(transaction.organisation), table.placement == placement)
        .order_by(table.at.desc(), table.id.desc())
    )
    return [_look(row) for row in rows]


def _look(row: Any) -> Look:
    keys = frozenset((sign, number, date.fromisoformat(since)) for sign, number, since in row.reasons)
    return Look(row.id, Done(row.done), row.by_date, keys, row.recorded_by, row.looked_on)
