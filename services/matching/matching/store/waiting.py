"""What has waited long enough: referrals nobody decided on, choices and matches without an answer about their bed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Date, cast, func, select, update

from matching.domain.ends import IN_HOUSE_FOR
from matching.domain.offer import STANDING, OfferState
from matching.domain.referral import ReferralState
from matching.tables import offers, referrals
from shared.tenancy import Transaction

_DECIDE_BY = func.coalesce(referrals.c.decide_by, referrals.c.closes_at + timedelta(days=30))


async def undecided(transaction: Transaction, council: str, now: datetime, today: date, limit: int) -> list[UUID]:
    """A council's referrals whose time to decide is over: broadcast ones at their moment, in-house ones some weeks after the day.

    One kept before there was such a moment is over 30 days after its closing time.
    """
    due = now >= _DECIDE_BY
    long_past = cast(referrals.c.view["needed_by"].astext, Date) <= today - IN_HOUSE_FOR
    rows = await transaction.execute(
        select(referrals.c.referral)
        .where(
            referrals.c.council == council,
            ((referrals.c.state == ReferralState.OPEN) & due) | ((referrals.c.state == ReferralState.IN_HOUSE) & due & long_past),
        )
        .limit(limit)
    )
    return [row.referral for row in rows]


async def put_lapsed(transaction: Transaction, council: str, referral: UUID, now: datetime) -> bool:
    """Nothing was decided in time. False, and nothing done, when something was in this very moment, or it was given longer."""
    due = now >= _DECIDE_BY
    done = await transaction.execute(
        update(referrals)
        .where(
            referrals.c.council == council,
            referrals.c.referral == referral,
            referrals.c.state.in_((ReferralState.OPEN, ReferralState.IN_HOUSE)),
            due,
        )
        .values(state=ReferralState.LAPSED, version=referrals.c.version + 1)
    )
    return done.rowcount == 1


async def matches_waiting(transaction: Transaction, council: str, since: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Referrals matched in-house whose bed was asked for at or before ``since`` and never answered, each with its match."""
    rows = await transaction.execute(
        select(referrals.c.referral, referrals.c.in_house_match)
        .where(
            referrals.c.council == council,
            referrals.c.state == ReferralState.MATCHED_IN_HOUSE,
            func.coalesce(referrals.c.waiting_since, referrals.c.sent_at) <= since,
        )
        .limit(limit)
    )
    return [(row.referral, row.in_house_match) for row in rows]


async def unconfirmed(transaction: Transaction, council: str, now: datetime, limit: int) -> list[UUID]:
    """A council's standing offers that were asked about again and not confirmed in time; nobody else changes them meanwhile."""
    rows = await transaction.execute(
        select(offers.c.offer)
        .where(
            offers.c.council == council,
            offers.c.state.in_(STANDING),
            offers.c.reconfirmed_at.is_(None),
            offers.c.confirm_by <= now,
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [row.offer for row in rows]


async def choices_waiting(transaction: Transaction, council: str, since: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """A council's referrals with a chosen offer whose bed was asked for at or before ``since`` and never answered, each with the offer."""
    rows = await transaction.execute(
        select(offers.c.referral, offers.c.offer)
        .where(offers.c.council == council, offers.c.state == OfferState.SELECTED, offers.c.changed_at <= since)
        .order_by(offers.c.changed_at)
        .limit(limit)
    )
    return [(row.referral, row.offer) for row in rows]
