"""Offers that were not chosen: ended together, each provider told."""

from __future__ import annotations

from datetime import datetime

from matching.domain.offer import Offer, OfferState
from matching.domain.release import WORDS, ReleaseReason
from matching.store import offers
from matching.store.offers import Ending
from shared import outbox
from shared.contracts import matching as says
from shared.contracts.words import WhoseSide
from shared.tenancy import Transaction


async def release(transaction: Transaction, council: str, live: list[Offer], reason: ReleaseReason, now: datetime) -> None:
    """End these offers for one reason that says nothing of any other offer, and tell their providers."""
    endings = [Ending(offer.offer, OfferState.RELEASED, reason, WhoseSide.COUNCIL, WORDS[reason]) for offer in live]
    for offer in await offers.settle(transaction, council, endings, now):
        say_released(transaction, offer)


def say_released(transaction: Transaction, offer: Offer, reason: str | None = None) -> None:
    """Publish that an offer was released, for the reason it was ended with or another one."""
    council = offer.council.removeprefix("council:")
    released = says.OfferReleased(
        offer=offer.offer, referral=offer.referral, council=council, provider=offer.provider, reason=reason or offer.reason or ""
    )
    outbox.record(transaction, released, subject=str(offer.offer), version=offer.version, council=council)
