"""Referrals of different councils that could be joined up: looked for when one is sent or amended, closed when either is over.

What is read across councils is read in each council's own name, inside the transaction that hears the news, and shown to nobody. What is
written says to each council only what of its own referral coincides.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from matching.domain.lookalikes import NEIGHBOURS_MILES, coincidences, could_be_joined_up, marks, pair_of
from matching.domain.referral import Referral
from matching.handlers.owners import as_owner
from matching.store import lookalikes, register
from matching.store.lookalikes import Pair
from matching.store.referrals import view_of
from shared import postcodes
from shared.contracts.referrals import ReferralView
from shared.organisation import Organisation
from shared.tenancy import Transaction


@lru_cache(maxsize=4096)
def _neighbours(district: str | None) -> frozenset[str]:
    return frozenset(postcodes.districts_within(district, NEIGHBOURS_MILES)) if district else frozenset()


async def look(transaction: Transaction, council: str, view: ReferralView, now: datetime, *, amended: bool = False) -> None:
    """Hold an open referral against the other councils' open ones; each council of a pair is told of its own.

    ``amended``: it may be one that is not open, or have pairs that no longer coincide and are closed.
    """
    if amended and not await lookalikes.is_open(transaction, council, view.referral):
        return
    mine = view_of(view)
    wanted = marks(mine, _neighbours(mine.home_district))
    await lookalikes.mark(transaction, council, mine.referral, wanted.own)
    others = await lookalikes.others_open(transaction, wanted.sought)
    found = [pair for whose, other in others if (pair := _pair(mine, whose, other))]
    stale = set(await lookalikes.open_pairs(transaction, council, mine.referral)) - {one.pair for one in found} if amended else set()
    if found:
        await lookalikes.keep(transaction, council, mine.referral, found, now)
    await _close(transaction, stale, now)


def _pair(mine: Referral, whose: str, other: Referral) -> Pair | None:
    homes = mine.home_district, other.home_district
    miles = _about_miles(homes[0], homes[1]) if homes[0] and homes[1] else None
    coinciding = coincidences(mine, other, miles)
    return Pair(whose, other.referral, pair_of(mine.referral, other.referral), coinciding) if could_be_joined_up(coinciding) else None


_about_miles = lru_cache(maxsize=100_000)(postcodes.about_miles)


async def stop(transaction: Transaction, council: str, referral: UUID, now: datetime) -> None:
    """A referral is over: it is found no more, and what was told of it, and of those it could be joined up with, is closed."""
    await lookalikes.in_turn(transaction)
    await lookalikes.unmark(transaction, council, referral)
    await _close(transaction, set(await lookalikes.open_pairs(transaction, council, referral)), now)


async def _close(transaction: Transaction, pairs: set[UUID], now: datetime) -> None:
    """In every council's name in turn, because a row of a pair does not say which council has the other."""
    if not pairs:
        return
    for council in {*await register.councils(transaction), str(transaction.organisation)}:
        async with as_owner(transaction, Organisation.parse(council)):
            await lookalikes.close(transaction, council, sorted(pairs), now)
