"""Short holds on homes: taken and ended by guarded updates, in turn by a lock on the home.

Every statement is given the moment and asks for ``expires_at > now``, so a hold past its moment blocks nobody even if no sweep ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from matching.domain.home_hold import HoldEnd, HoldLengths, HomeHold, cooling_until
from matching.domain.notice import News, NoticeType
from matching.store import notices
from matching.tables import hold_lengths, home_holds, live_offers, vacancies
from shared.one_of import one_of
from shared.tenancy import Transaction

_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('home ' || :vacancy, 0))")
_OWNER = "consortium"


async def in_turn(transaction: Transaction, vacancy: UUID) -> None:
    """Until the transaction ends nobody else holds or chooses this home: what is read after this is true until then.

    Ask the clock after it, not before: whoever waited here may have waited past a hold's end.
    """
    await transaction.execute(_IN_TURN, {"vacancy": str(vacancy)})


def _hold(row: Row[Any]) -> HomeHold:
    return HomeHold(
        hold=row.hold,
        council=row.council,
        vacancy=row.vacancy,
        referral=row.referral,
        offer=row.offer,
        beds=row.beds,
        taken_at=row.taken_at,
        expires_at=row.expires_at,
        cools_until=row.cools_until,
        chosen_at=row.chosen_at,
        ended_at=row.ended_at,
        end=HoldEnd(row.end_reason) if row.end_reason else None,
    )


async def of_homes(transaction: Transaction, wanted: Iterable[UUID], now: datetime) -> dict[UUID, list[HomeHold]]:
    """The holds on these homes that still matter: not ended, or ended so lately that it is others' turn; and the last one of each."""
    of_these = one_of(home_holds.c.vacancy, sorted(set(wanted)))
    latest = (
        select(home_holds.c.hold)
        .where(of_these)
        .ext(distinct_on(home_holds.c.vacancy))
        .order_by(home_holds.c.vacancy, func.coalesce(home_holds.c.ended_at, home_holds.c.expires_at).desc())
    )
    rows = await transaction.execute(
        select(home_holds)
        .where(
            of_these,
            home_holds.c.ended_at.is_(None) | (home_holds.c.cools_until > now) | home_holds.c.hold.in_(latest),
        )
        .order_by(home_holds.c.taken_at, home_holds.c.hold)
    )
    found: dict[UUID, list[HomeHold]] = {}
    for row in rows:
        found.setdefault(row.vacancy, []).append(_hold(row))
    return found


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> list[HomeHold]:
    """Every hold a council took for a referral, the last taken first."""
    rows = await transaction.execute(
        select(home_holds)
        .where(home_holds.c.council == council, home_holds.c.referral == referral)
        .order_by(home_holds.c.taken_at.desc(), home_holds.c.hold.desc())
    )
    return [_hold(row) for row in rows]


async def take(transaction: Transaction, hold: HomeHold) -> bool:
    """Keep the beds if, at this very moment, so many are free and not kept for others; False when they are not."""
    kept = (
        select(func.coalesce(func.sum(home_holds.c.beds), 0))
        .where(home_holds.c.vacancy == hold.vacancy, home_holds.c.ended_at.is_(None), home_holds.c.expires_at > hold.taken_at)
        .scalar_subquery()
    )
    values: dict[str, Any] = {
        "council": hold.council,
        "hold": hold.hold,
        "vacancy": hold.vacancy,
        "referral": hold.referral,
        "offer": hold.offer,
        "beds": hold.beds,
        "taken_at": hold.taken_at,
        "expires_at": hold.expires_at,
        "cools_until": hold.cools_until,
    }
    guarded = select(*(literal(value, home_holds.c[name].type) for name, value in values.items())).where(
        select(vacancies.c.vacancy)
        .where(vacancies.c.vacancy == hold.vacancy, vacancies.c.is_open, vacancies.c.free_beds - kept >= hold.beds)
        .exists()
    )
    done = await transaction.execute(insert(home_holds).from_select(list(values), guarded))
    return done.rowcount == 1


@dataclass(frozen=True, slots=True)
class Interest:
    """One live offer of a home, for whichever council."""

    council: str
    referral: UUID
    offer: UUID


async def interest(transaction: Transaction, wanted: Iterable[UUID]) -> dict[UUID, list[Interest]]:
    """The live offers of these homes, by home. Only counts of it may be shown."""
    rows = await transaction.execute(select(live_offers).where(one_of(live_offers.c.vacancy, sorted(set(wanted)))))
    found: dict[UUID, list[Interest]] = {}
    for row in rows:
        found.setdefault(row.vacancy, []).append(Interest(row.council, row.referral, row.offer))
    return found


async def keep_for_choice(transaction: Transaction, council: str, offer: UUID, now: datetime, until: datetime) -> None:
    """The council chose the home it holds: the hold waits with the choice for the bed, if it is still live at this moment."""
    await transaction.execute(
        update(home_holds)
        .where(
            home_holds.c.council == council,
            home_holds.c.offer == offer,
            home_holds.c.ended_at.is_(None),
            home_holds.c.expires_at > now,
        )
        .values(chosen_at=now, expires_at=func.greatest(home_holds.c.expires_at, until))
    )


_FREE_AGAIN = (HoldEnd.EXPIRED, HoldEnd.GIVEN_BACK, HoldEnd.OFFER_ENDED)


async def end(transaction: Transaction, hold: HomeHold, reason: HoldEnd, at: datetime) -> HomeHold | None:
    """End a hold of the acting council if nothing else has; None when something has.

    When it ends without a choice, every other council with an offer of the home is told in this same transaction, of one moment.
    """
    ended = replace(hold, ended_at=at, end=reason, cools_until=cooling_until(at, hold.taken_at, hold.expires_at))
    done = await transaction.execute(
        update(home_holds)
        .where(home_holds.c.council == hold.council, home_holds.c.hold == hold.hold, home_holds.c.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason, cools_until=ended.cools_until)
    )
    if done.rowcount != 1:
        return None
    if reason in _FREE_AGAIN:
        others = [one for one in (await interest(transaction, [hold.vacancy])).get(hold.vacancy, []) if one.council != hold.council]
        await notices.tell(transaction, at, *(_free_again(one) for one in others))
    return ended


def _free_again(one: Interest) -> News:
    return News(
        one.council, NoticeType.HOME_FREE_AGAIN, council=one.council.removeprefix("council:"), referral=one.referral, offer=one.offer
    )


async def end_with_offers(transaction: Transaction, council: str, ends: Sequence[tuple[UUID, HoldEnd]], at: datetime) -> None:
    """The offers these homes were held for have ended: so have the holds. One past its moment ended there."""
    reasons = dict(ends)
    running = await transaction.execute(
        select(home_holds).where(
            home_holds.c.council == council, one_of(home_holds.c.offer, list(reasons)), home_holds.c.ended_at.is_(None)
        )
    )
    for hold in [_hold(row) for row in running]:
        if hold.is_live(at):
            await end(transaction, hold, reasons[hold.offer], at)
        else:
            await end(transaction, hold, HoldEnd.EXPIRED, hold.expires_at)


async def expired(transaction: Transaction, council: str, now: datetime, limit: int) -> list[HomeHold]:
    """A council's holds whose moment has passed and of which nothing has noted so; another sweep's are left to it."""
    rows = await transaction.execute(
        select(home_holds)
        .where(home_holds.c.council == council, home_holds.c.ended_at.is_(None), home_holds.c.expires_at <= now)
        .order_by(home_holds.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_hold(row) for row in rows]


async def lengths(transaction: Transaction) -> HoldLengths:
    """How long holds last: as the consortium set it, else the defaults."""
    row = (await transaction.execute(select(hold_lengths).where(hold_lengths.c.owner == _OWNER))).first()
    if row is None:
        return HoldLengths()
    return HoldLengths(
        row.emergency_minutes, row.same_day_minutes, row.planned_working_days, row.long_term_working_days, version=row.version
    )


async def set_lengths(transaction: Transaction, wanted: HoldLengths) -> bool:
    """Put new lengths in force; False when somebody else was quicker. Holds already taken keep their end."""
    values = {
        "emergency_minutes": wanted.emergency_minutes,
        "same_day_minutes": wanted.same_day_minutes,
        "planned_working_days": wanted.planned_working_days,
        "long_term_working_days": wanted.long_term_working_days,
        "version": wanted.version,
    }
    new = insert(hold_lengths).values(owner=_OWNER, **values)
    done = await transaction.execute(
        new.on_conflict_do_update(index_elements=["owner"], set_=values, where=hold_lengths.c.version == wanted.version - 1)
    )
    return done.rowcount == 1
