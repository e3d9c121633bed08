"""Agreements: versions, what each side did with them, notice, reminders. Written under the rights of the side whose word it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.domain.agreement import Act, DeclineReason, Deed, Notice, NoticeReason, Version
from referrals.domain.agreement_due import Stage
from referrals.domain.agreement_terms import Form, terms_of
from referrals.domain.placement import Placement, PlacementState
from referrals.domain.stability import Lasting
from referrals.store.placements import FIRST_DAY, as_placement, of_these, side
from referrals.tables import agreement_acts, agreement_notices, agreement_reminders, agreement_versions, placements
from shared.organisation import Organisation
from shared.tenancy import Transaction


@dataclass(frozen=True)
class Reminder:
    """That a full agreement was asked for."""

    due_on: date
    stage: Stage
    at: datetime


async def versions_of(transaction: Transaction, named: Collection[Placement]) -> dict[UUID, list[Version]]:
    """The versions of these placements' agreements, oldest first, each with what was done with it; for each placement, if only none."""
    deeds: dict[tuple[UUID, int], list[Deed]] = defaultdict(list)
    acts = agreement_acts.c
    for row in await transaction.execute(select(agreement_acts).where(*of_these(acts, named)).order_by(acts.at, acts.author)):
        reason = DeclineReason(row.reason) if row.reason else None
        deeds[row.placement, row.number].append(Deed(row.author, Act(row.act), row.content_hash, row.recorded_by, row.at, reason))
    found: dict[UUID, list[Version]] = {placement.id: [] for placement in named}
    table = agreement_versions.c
    for row in await transaction.execute(select(agreement_versions).where(*of_these(table, named)).order_by(table.number)):
        done = tuple(deeds[row.placement, row.number])
        found[row.placement].append(Version(row.number, terms_of(row.content), row.content_hash, row.author, row.recorded_by, row.at, done))
    return found


async def add_version(transaction: Transaction, placement: Placement, version: Version, content: dict[str, Any]) -> None:
    """Keep a version as proposed; the transaction must be its author's."""
    await transaction.execute(
        insert(agreement_versions).values(
            council=placement.council,
            placement=placement.id,
            number=version.number,
            provider=placement.provider,
            form=version.terms.form,
            content=content,
            content_hash=version.content_hash,
            author=version.author,
            recorded_by=version.by,
            at=version.at,
        )
    )


async def add_deed(transaction: Transaction, placement: Placement, number: int, deed: Deed) -> None:
    """Keep what a side did with a version; the transaction must be that side's."""
    await transaction.execute(
        insert(agreement_acts).values(
            council=placement.council,
            placement=placement.id,
            number=number,
            author=deed.author,
            act=deed.act,
            provider=placement.provider,
            content_hash=deed.content_hash,
            reason=deed.reason,
            recorded_by=deed.by,
            at=deed.at,
        )
    )


async def notices_of(transaction: Transaction, named: Collection[Placement | Lasting]) -> dict[UUID, list[Notice]]:
    """Every notice given about these placements, oldest first, those withdrawn included; for each placement, if only none."""
    found: dict[UUID, list[Notice]] = {placement.id: [] for placement in named}
    table = agreement_notices.c
    for row in await transaction.execute(select(agreement_notices).where(*of_these(table, named)).order_by(table.at, table.id)):
        found[row.placement].append(
            Notice(
                id=row.id,
                author=row.author,
                given_on=row.given_on,
                ends_on=row.ends_on,
                reason=NoticeReason(row.reason),
                by=row.recorded_by,
                at=row.at,
                withdrawn_at=row.withdrawn_at,
                withdrawn_by=row.withdrawn_by,
            )
        )
    return found


async def add_notice(transaction: Transaction, placement: Placement, notice: Notice) -> None:
    """Keep a notice; the transaction must be its author's."""
    await transaction.execute(
        insert(agreement_notices).values(
            council=placement.council,
            placement=placement.id,
            id=notice.id,
            provider=placement.provider,
            author=notice.author,
            given_on=notice.given_on,
            ends_on=notice.ends_on,
            reason=notice.reason,
            recorded_by=notice.by,
            at=notice.at,
        )
    )


async def withdraw_notice(transaction: Transaction, placement: Placement, notice: UUID, *, by: str, at: datetime) -> bool:
    """Take back a standing notice; False when it is not the asking side's own."""
    table = agreement_notices.c
    changed = await transaction.execute(
        update(agreement_notices)
        .where(
            table.council == placement.council,
            table.placement == placement.id,
            table.id == notice,
            table.author == str(transaction.organisation),
            table.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at, withdrawn_by=by)
    )
    return changed.rowcount == 1


async def add_reminder(transaction: Transaction, placement: Placement, reminder: Reminder) -> bool:
    """Keep that an agreement was asked for; False when it was asked for at this stage already."""
    row = {
        "council": placement.council,
        "placement": placement.id,
        "due_on": reminder.due_on,
        "stage": reminder.stage,
        "provider": placement.provider,
        "at": reminder.at,
    }
    added = await transaction.execute(upsert(agreement_reminders).values(row).on_conflict_do_nothing())
    return added.rowcount == 1


async def reminders_of(transaction: Transaction, named: Collection[Placement]) -> dict[UUID, list[Reminder]]:
    """The reminders of these placements' agreements, oldest first; for each placement, if only none."""
    found: dict[UUID, list[Reminder]] = {placement.id: [] for placement in named}
    table = agreement_reminders.c
    for row in await transaction.execute(select(agreement_reminders).where(*of_these(table, named)).order_by(table.at, table.stage)):
        found[row.placement].append(Reminder(row.due_on, Stage(row.stage), row.at))
    return found


def lacking(asking: Organisation) -> ColumnElement[bool]:
    """Whether a placement of the asking side is with an agency, agreed or begun, without a full agreement both sides signed."""
    table, versions, acts = placements.c, agreement_versions.c, agreement_acts.c
    signed = (
        select(versions.number)
        .join(
            agreement_acts, (acts.council == versions.council) & (acts.placement == versions.placement) & (acts.number == versions.number)
        )
        .where(versions.council == table.council, versions.placement == table.id, versions.form == Form.FULL, acts.act == Act.SIGNED)
        .group_by(versions.number)
        .having(func.count() == 2)
    )
    lasts = table.state.in_([PlacementState.AGREED, PlacementState.STARTED])
    return and_(side(asking), table.provider != table.council, lasts, ~signed.exists())


async def incomplete(transaction: Transaction, after: tuple[date, UUID] | None, limit: int | None) -> Sequence[Placement]:
    """The asking side's placements with an agency, agreed or begun, without a full agreement both sides signed, oldest first day first."""
    query, table = select(placements).where(lacking(transaction.organisation)), placements.c
    if after is not None:
        query = query.where(tuple_(FIRST_DAY, table.id) > after)
    rows = await transaction.execute(query.order_by(FIRST_DAY, table.id).limit(limit))
    return [as_placement(row) for row in rows]
