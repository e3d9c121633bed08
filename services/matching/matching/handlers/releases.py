"""Offers that were not chosen: ended together, each provider told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from matching.domain.decision import Outcome
from matching.domain.notice import NoticeType, of_offer
from matching.domain.offer import Offer, OfferState
from matching.domain.release import WORDS, ReleaseReason
from matching.store import decisions, notices, offers, referrals
from matching.store.offers import Ending
from shared import outbox
from shared.contracts import matching as says
from shared.contracts.words import WhoseSide
from shared.tenancy import Transaction


async def release(transaction: Transaction, council: str, live: list[Offer], reason: ReleaseReason, now: datetime) -> None:
    """End these offers for one reason that says nothing of any other offer, and tell their providers."""
    endings = [Ending(offer.offer, OfferState.RELEASED, reason, WhoseSide.COUNCIL, WORDS[reason]) for offer in live]
    ended = await offers.settle(transaction, council, endings, now)
    for offer in ended:
        say_released(transaction, offer)
    await notices.tell(transaction, now, *(of_offer(NoticeType.OFFER_RELEASED, offer) for offer in ended))


async def refuse_choice(
    transaction: Transaction, council: str, referral: UUID, offer: UUID, reasons: tuple[str, ...], words: Sequence[str], now: datetime
) -> bool:
    """The bed of a chosen offer cannot be had: the offer ends, the other options stand. False when it is no longer the choice."""
    decision = await referrals.settle_choice(transaction, council, referral, offer, held=False)
    if decision is None:
        return False
    ending = Ending(offer, OfferState.REFUSED, ",".join(reasons), WhoseSide.PROVIDER, tuple(words))
    changed = await offers.settle(transaction, council, [ending], now)
    await decisions.keep_outcome(transaction, council, decision, Outcome.REFUSED, reasons, now)
    for ended in changed:
        code = council.removeprefix("council:")
        refused = says.OfferRefused(offer=ended.offer, referral=ended.referral, council=code, provider=ended.provider, reasons=reasons)
        outbox.record(transaction, refused, subject=str(ended.offer), version=ended.version, council=code)
        await notices.tell(transaction, now, of_offer(NoticeType.OFFER_REFUSED, ended), of_offer(NoticeType.CHOICE_REFUSED, ended))
    return True


def say_released(transaction: Transaction, offer: Offer, reason: str | None = None) -> None:
    """Publish that an offer was released, for the reason it was ended with or another one."""
    council = offer.council.removeprefix("council:")
    released = says.OfferReleased(
        offer=offer.offer, referral=offer.referral, council=council, provider=offer.provider, reason=reason or offer.reason or ""
    )
    outbox.record(transaction, released, subject=str(offer.offer), version=offer.version, council=council)
