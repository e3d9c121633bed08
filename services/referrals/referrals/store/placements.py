"""Placements, and who was given the right to know whose they are. Between two: the council, and the one provider."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.placement import Ending, Placement, PlacementState, Stay
from referrals.domain.reasons import CancellationReason
from referrals.domain.ssda903 import TEMPORARY_PLACES
from referrals.domain.stability import Lasting
from referrals.tables import identity_grants, outside_placements, placement_children, placements
from shared.contracts.referrals import WithinTwentyMiles
from shared.contracts.words import PlaceChangeReason, PlacementKind
from shared.cursors import Wanted, after_moment
from shared.one_of import one_of
from shared.organisation import Kind, Organisation
from shared.refusals import not_found
from shared.tenancy import Transaction

FIRST_DAY: ColumnElement[date] = func.coalesce(placements.c.started_on, placements.c.starts_on)


def of_these(table: Any, named: Collection[Placement | Lasting]) -> tuple[ColumnElement[bool], ...]:
    """The rows of a table beside the placements that are about these of them."""
    return one_of(table.council, {each.council for each in named}), one_of(table.placement, [each.id for each in named])


def side(organisation: Organisation) -> ColumnElement[bool]:
    """The caller's side of a placement. Row security says the same and more; said here too, the right index is used."""
    if organisation.kind is Kind.COUNCIL:
        return placements.c.council == str(organisation)
    return placements.c.provider == str(organisation)


async def add(transaction: Transaction, placement: Placement, *, recorded_by: str) -> bool:
    """Keep a new placement; False when its offer, match or referral has one already (news heard twice, or two homes at once)."""
    added = await transaction.execute(upsert(placements).values({**_row(placement), "recorded_by": recorded_by}).on_conflict_do_nothing())
    return added.rowcount == 1


async def exists_for(transaction: Transaction, *, offer: UUID | None, match: UUID | None) -> bool:
    """Whether this offer or in-house match has been made a placement, whatever became of it."""
    table = placements.c
    which = table.offer == offer if offer else table.match == match
    return await transaction.scalar(select(table.id).where(table.council == str(transaction.organisation), which)) is not None


async def name_children(transaction: Transaction, placement: Placement, children: Sequence[UUID]) -> None:
    """Keep whose placement it is, in the referral's order; the council's own knowledge."""
    rows = [
        {"organisation": str(transaction.organisation), "placement": placement.id, "child": child, "number": number}
        for number, child in enumerate(children, start=1)
    ]
    await transaction.execute(insert(placement_children), rows)


async def grant_identity(transaction: Transaction, placement: Placement, children: Sequence[UUID], *, now: datetime) -> None:
    """Give the placement's provider the right to know who these children are."""
    rows = [
        {
            "council": placement.council,
            "provider": placement.provider,
            "placement": placement.id,
            "child": child,
            "number": number,
            "granted_at": now,
        }
        for number, child in enumerate(children, start=1)
    ]
    await transaction.execute(insert(identity_grants), rows)


async def end_grants(transaction: Transaction, placement: Placement, *, now: datetime) -> None:
    """The provider's right to read who the children are ends with the placement."""
    table = identity_grants.c
    mine = (table.council == placement.council, table.placement == placement.id, table.ended_at.is_(None))
    await transaction.execute(update(identity_grants).where(*mine).values(ended_at=now))


async def granted_children(transaction: Transaction, placement: UUID) -> list[UUID]:
    """The children whose identity the asking provider may read for this placement, in the referral's order; none without the right."""
    table = identity_grants.c
    rows = await transaction.execute(
        select(table.child)
        .where(table.provider == str(transaction.organisation), table.placement == placement, table.ended_at.is_(None))
        .order_by(table.number)
    )
    return list(rows.scalars())


async def children_of(transaction: Transaction, placement: UUID) -> list[UUID]:
    """Whose placement it is, in the referral's order; for the council."""
    table = placement_children.c
    rows = await transaction.execute(
        select(table.child).where(table.organisation == str(transaction.organisation), table.placement == placement).order_by(table.number)
    )
    return list(rows.scalars())


async def stays_of(transaction: Transaction, child: UUID, *, but: UUID) -> list[Stay]:
    """A child's other stays that began, for the council's own count of placements in a year; those made elsewhere too."""
    return [stay for placement, stay in (await stays_of_each(transaction, [child]))[child] if placement != but]


async def stays_of_each(transaction: Transaction, named: Collection[UUID]) -> dict[UUID, list[tuple[UUID | None, Stay]]]:
    """The stays that began of each of these children, with the placement's id; those made elsewhere, without one, first.

    Temporary places are no placements of their own, and a placement with the same carer goes on.
    """
    found: dict[UUID, list[tuple[UUID | None, Stay]]] = {child: [] for child in named}
    table = outside_placements.c
    elsewhere = await transaction.execute(
        select(table.child, table.began_on, table.ended_on, table.same_carer)
        .where(table.organisation == str(transaction.organisation), one_of(table.child, named), table.place.not_in(TEMPORARY_PLACES))
        .order_by(table.began_on)
    )
    for row in elsewhere:
        stays = found[row.child]
        if row.same_carer and stays:
            stays[-1] = (None, Stay(stays[-1][1].started_on, row.ended_on))
        else:
            stays.append((None, Stay(row.began_on, row.ended_on)))
    rows = await transaction.execute(
        select(placement_children.c.child, placements.c.id, placements.c.started_on, placements.c.ended_on)
        .join(placement_children, placement_children.c.placement == placements.c.id)
        .where(
            placements.c.council == str(transaction.organisation),
            placement_children.c.organisation == str(transaction.organisation),
            one_of(placement_children.c.child, named),
            placements.c.started_on.is_not(None),
        )
    )
    for row in rows:
        found[row.child].append((row.id, Stay(row.started_on, row.ended_on)))
    return found


async def several(transaction: Transaction, named: Collection[UUID]) -> dict[UUID, Placement]:
    """Those of these placements that are the asking organisation's."""
    rows = await transaction.execute(select(placements).where(one_of(placements.c.id, named), side(transaction.organisation)))
    return {row.id: as_placement(row) for row in rows}


async def get(transaction: Transaction, placement: UUID, *, to_change: bool = False) -> Placement | None:
    """One placement, if the asking organisation is one of its two; ``to_change`` (the council only) holds the row."""
    query = select(placements).where(placements.c.id == placement, side(transaction.organisation))
    row = (await transaction.execute(query.with_for_update() if to_change else query)).one_or_none()
    return as_placement(row) if row else None


async def one(transaction: Transaction, placement: UUID) -> Placement:
    """One placement of the asking organisation; for everybody else there is none, and it is refused as not found."""
    found = await get(transaction, placement)
    if found is None:
        raise not_found("placement")
    return found


async def save(transaction: Transaction, placement: Placement, *, recorded_by: str) -> None:
    """Keep a placement's next version; the row was read with ``to_change``."""
    table = placements.c
    ending = placement.ending
    changed = await transaction.execute(
        update(placements)
        .where(table.council == placement.council, table.id == placement.id, table.version == placement.version - 1)
        .values(
            version=placement.version,
            state=placement.state,
            started_on=placement.started_on,
            ended_on=ending.ended_on if ending else None,
            planned_ending=ending.planned if ending else None,
            ending_reason=ending.reason if ending else None,
            episode_ceased=ending.episode_ceased if ending else None,
            cancellation_reason=placement.cancellation_reason,
            recorded_by=recorded_by,
        )
    )
    assert changed.rowcount == 1, "the row was held and its version read under that hold"


async def of_referral(transaction: Transaction, referral: UUID) -> UUID | None:
    """The placement agreed for a referral and not cancelled, if there is one."""
    table = placements.c
    query = select(table.id).where(
        table.council == str(transaction.organisation), table.referral == referral, table.state != PlacementState.CANCELLED
    )
    found: UUID | None = await transaction.scalar(query)
    return found


async def newest(transaction: Transaction, wanted: Wanted, *, state: PlacementState | None, referral: UUID | None) -> Sequence[Placement]:
    """The asking organisation's placements in this database, newest first, one row more than the page."""
    table = placements.c
    query = select(placements).where(side(transaction.organisation))
    if state:
        query = query.where(table.state == state)
    if referral:
        query = query.where(table.referral == referral)
    if after := after_moment(wanted):
        query = query.where(tuple_(table.agreed_at, table.id) < after)
    rows = await transaction.execute(query.order_by(table.agreed_at.desc(), table.id.desc()).limit(wanted.limit + 1))
    return [as_placement(row) for row in rows]


def _row(placement: Placement) -> dict[str, Any]:
    values = asdict(placement)
    values.pop("ending")
    return {**values, "ages": list(placement.ages)}


def as_placement(row: Any) -> Placement:
    """A row of placements as its value."""
    ending = None
    if row.ended_on is not None:
        ending = Ending(row.ended_on, row.planned_ending, PlaceChangeReason(row.ending_reason), row.episode_ceased)
    return Placement(
        id=row.id,
        council=row.council,
        provider=row.provider,
        referral=row.referral,
        reference=row.reference,
        offer=row.offer,
        match=row.match,
        vacancy=row.vacancy,
        household=row.household,
        hold=row.hold,
        lot=row.lot,
        kind=PlacementKind(row.kind),
        place=row.place,
        children=row.children,
        ages=tuple(row.ages),
        tier=row.tier,
        pounds_per_week=row.pounds_per_week,
        starts_on=row.starts_on,
        within_20_miles=WithinTwentyMiles(row.within_20_miles),
        agreed_at=row.agreed_at,
        state=PlacementState(row.state),
        version=row.version,
        started_on=row.started_on,
        ending=ending,
        cancellation_reason=CancellationReason(row.cancellation_reason) if row.cancellation_reason else None,
    )
