"""Who knows what of a child: read from the disclosure ledger, the rights granted, and the referrals sent to providers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, func, select

from referrals.domain.knowledge import FieldSeen, Told
from referrals.store.disclosures import Act
from referrals.tables import disclosures, identity_grants, referral_children, referrals
from shared.tenancy import Transaction


async def seen_of(transaction: Transaction, child: UUID) -> list[FieldSeen]:
    """Each field of the child that some organisation may read or has read, one row a field, organisation, right and placement."""
    council, table = str(transaction.organisation), disclosures.c
    each = (
        select(table.seen_by, table.by_right, table.placement, table.act, table.at, func.unnest(table.fields).label("field"))
        .where(table.organisation == council, table.child == child)
        .subquery()
    )
    read = each.c.act == Act.READ
    found = (
        select(
            each.c.seen_by,
            each.c.by_right,
            each.c.placement,
            each.c.field,
            func.min(each.c.at).label("first"),
            func.max(each.c.at).filter(read).label("last_read"),
            func.count().filter(read).label("reads"),
        )
        .group_by(each.c.seen_by, each.c.by_right, each.c.placement, each.c.field)
        .subquery()
    )
    grants = identity_grants.c
    of_the_grant = and_(
        grants.council == council, grants.child == child, grants.placement == found.c.placement, grants.provider == found.c.seen_by
    )
    rows = await transaction.execute(select(found, grants.ended_at).select_from(found.outerjoin(identity_grants, of_the_grant)))
    return [FieldSeen(r.seen_by, r.by_right, r.placement, r.field, r.first, r.last_read, r.reads, r.ended_at) for r in rows]


async def told_of(transaction: Transaction, child: UUID) -> list[Told]:
    """When, and to the providers of which lot, the child's needs were sent without its name."""
    council, table = str(transaction.organisation), referrals.c
    rows = await transaction.execute(
        select(table.id, table.lot, table.broadcast_at)
        .join(
            referral_children,
            and_(referral_children.c.organisation == council, referral_children.c.referral == table.id),
        )
        .where(table.organisation == council, referral_children.c.child == child, table.broadcast_at.is_not(None))
        .order_by(table.broadcast_at, table.id)
    )
    return [Told(row.id, row.lot, row.broadcast_at) for row in rows]
