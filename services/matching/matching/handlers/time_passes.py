"""What time makes matching do: everything that waits for somebody ends at its moment, with a coded reason.

A sweep may run at any moment, in several processes at once, or twice: each step is a guarded update in a transaction of its own, so
what it finds done it leaves. What stands in another's way (a hold) is over at its moment whether or not a sweep ran.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from uuid import UUID

from matching.domain.home_hold import ANSWER_WITHIN
from matching.domain.notice import NoticeType, of_offer
from matching.domain.offer import OfferState
from matching.domain.opportunity import OpportunityState
from matching.domain.release import ReleaseReason
from matching.handlers import lookalikes
from matching.handlers.home_holds import end_expired
from matching.handlers.panels import take_stock
from matching.handlers.releases import refuse_choice, release
from matching.store import notices, offers, opportunities, referrals, register, waiting
from matching.store.offers import Ending
from shared import clock, outbox, tenancy
from shared.contracts import matching as says
from shared.contracts.words import WhoseSide
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Databases, Transaction

AT_ONCE = 200
"""What one sweep ends of one kind for one council; the next sweep does the rest."""

NOT_CONFIRMED = "not_confirmed_in_time"
_NOT_CONFIRMED_WORDS = ("The referral was amended and this offer no longer fitted; it was not confirmed in time.",)
NO_ANSWER = "no_answer_in_time"
_NO_ANSWER_WORDS = ("The council chose this offer, but no answer about its bed came in time. If it was taken it is given back.",)

Open = Callable[[], AbstractAsyncContextManager[Transaction]]
"""Opens a transaction with one council's rights in one database."""


async def sweep(databases: Databases) -> int:
    """End all that is past its moment, in every database of the map; how many things ended."""
    ended = 0
    for engine in databases.every():
        async with tenancy.transaction_on(databases, engine, CONSORTIUM) as transaction:
            councils = await register.councils(transaction)
        for council in councils:
            opened = partial(tenancy.transaction_on, databases, engine, Organisation.parse(council))
            for step in STEPS:
                ended += await step(opened, council)
    return ended


async def _expired_holds(opened: Open, council: str) -> int:
    async with opened() as transaction:
        return await end_expired(transaction, council, clock.now(), AT_ONCE)


async def _panels(opened: Open, council: str) -> int:
    """What closed panels decided is written down; late members are reminded at the times their panel states."""
    async with opened() as transaction:
        return await take_stock(transaction, council, clock.now())


async def _choices_without_answer(opened: Open, council: str) -> int:
    """The bed of a chosen offer was asked for and nobody answered: the council keeps its other options.

    An answer that comes after all finds the offer ended, and the bed is given back.
    """
    async with opened() as transaction:
        found = await waiting.choices_waiting(transaction, council, clock.now() - ANSWER_WITHIN, AT_ONCE)
    ended = 0
    for referral, offer in found:
        async with opened() as transaction:
            ended += await refuse_choice(transaction, council, referral, offer, (NO_ANSWER,), _NO_ANSWER_WORDS, clock.now())
    return ended


async def _matches_without_answer(opened: Open, council: str) -> int:
    """The bed of the council's own carer was asked for and nobody answered: the council looks on."""
    async with opened() as transaction:
        found = await waiting.matches_waiting(transaction, council, clock.now() - ANSWER_WITHIN, AT_ONCE)
        for referral, match in found:
            await referrals.settle_in_house_match(transaction, council, referral, match, held=False)
    return len(found)


async def _unconfirmed(opened: Open, council: str) -> int:
    """An offer that no longer fitted was not confirmed in time: it lapses, and both sides are told."""
    async with opened() as transaction:
        now = clock.now()
        found = await waiting.unconfirmed(transaction, council, now, AT_ONCE)
        endings = [Ending(offer, OfferState.WITHDRAWN, NOT_CONFIRMED, WhoseSide.PROVIDER, _NOT_CONFIRMED_WORDS) for offer in found]
        lapsed = await offers.settle(transaction, council, endings, now)
        for offer in lapsed:
            code = council.removeprefix("council:")
            event = says.OfferWithdrawn(
                offer=offer.offer,
                referral=offer.referral,
                council=code,
                provider=offer.provider,
                reason=NOT_CONFIRMED,
                side=WhoseSide.PROVIDER,
            )
            outbox.record(transaction, event, subject=str(offer.offer), version=offer.version, council=code)
            await notices.tell(transaction, now, of_offer(NoticeType.OFFER_WITHDRAWN, offer), of_offer(NoticeType.OFFER_LAPSED, offer))
    return len(lapsed)


async def _undecided(opened: Open, council: str) -> int:
    """Nobody decided in time: the offers are released, the opportunity lapses and what it said of the child is no longer kept."""
    async with opened() as transaction:
        found = await waiting.undecided(transaction, council, clock.now(), clock.today(), AT_ONCE)
    ended = 0
    for referral in found:
        async with opened() as transaction:
            ended += await _lapse(transaction, council, referral)
    return ended


async def _lapse(transaction: Transaction, council: str, referral: UUID) -> bool:
    await opportunities.stop_answers(transaction, referral)
    now = clock.now()
    if not await waiting.put_lapsed(transaction, council, referral, now):
        return False
    await opportunities.close(transaction, council, referral, OpportunityState.LAPSED, now)
    live = await offers.live_of_referral(transaction, council, referral)
    await release(transaction, council, live, ReleaseReason.NOT_DECIDED, now)
    await lookalikes.stop(transaction, council, referral, now)
    return True


STEPS: tuple[Callable[[Open, str], Awaitable[int]], ...] = (
    _expired_holds,
    _panels,
    _choices_without_answer,
    _matches_without_answer,
    _unconfirmed,
    _undecided,
)
"""What a sweep ends, in this order: a choice without answer opens a referral that may then lapse."""
