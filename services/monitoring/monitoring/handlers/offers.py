"""Offers and declines: the answers of providers, and what became of them."""

from __future__ import annotations

from typing import Any

from monitoring.handlers.readers import as_each_reader, council_reader
from monitoring.store import learning
from monitoring.store.learning import Noun
from shared.contracts.matching import (
    OfferConfirmed,
    OfferMade,
    OfferRefused,
    OfferReleased,
    OfferSelected,
    OfferShortlisted,
    OfferWithdrawn,
    OpportunityDeclined,
)
from shared.delivery import Heard
from shared.tenancy import Transaction

OfferNews = OfferMade | OfferWithdrawn | OfferShortlisted | OfferSelected | OfferConfirmed | OfferRefused | OfferReleased


async def on_offer_made(transaction: Transaction, heard: Heard[OfferMade]) -> None:
    """A provider offered a home."""
    said = heard.event
    facts = {"made_at": said.made_at, "lot": said.lot, "tier": said.tier, "suitable": said.suitable}
    await _offer(transaction, heard, "made", facts)


async def on_offer_withdrawn(transaction: Transaction, heard: Heard[OfferWithdrawn]) -> None:
    """An offer was taken back."""
    facts = {"withdrawn_at": heard.envelope.time, "withdrawn_reason": heard.event.reason, "withdrawn_side": heard.event.side}
    await _offer(transaction, heard, "withdrawn", facts)


async def on_offer_shortlisted(transaction: Transaction, heard: Heard[OfferShortlisted]) -> None:
    """An offer came among the two or three."""
    await _offer(transaction, heard, "shortlisted", {"shortlisted_at": heard.envelope.time})


async def on_offer_selected(transaction: Transaction, heard: Heard[OfferSelected]) -> None:
    """A council chose an offer and asks for its bed."""
    await _offer(transaction, heard, "selected", {"selected_at": heard.envelope.time})


async def on_offer_confirmed(transaction: Transaction, heard: Heard[OfferConfirmed]) -> None:
    """The bed of a chosen offer is held."""
    await _offer(transaction, heard, "confirmed", {"confirmed_at": heard.event.confirmed_at})


async def on_offer_refused(transaction: Transaction, heard: Heard[OfferRefused]) -> None:
    """The bed of a chosen offer was gone."""
    await _offer(transaction, heard, "refused", {"refused_at": heard.envelope.time, "refused_reasons": list(heard.event.reasons)})


async def on_offer_released(transaction: Transaction, heard: Heard[OfferReleased]) -> None:
    """An offer was not chosen, and its provider told why."""
    await _offer(transaction, heard, "released", {"released_at": heard.envelope.time, "released_reason": heard.event.reason})


async def on_opportunity_declined(transaction: Transaction, heard: Heard[OpportunityDeclined]) -> None:
    """A provider said no."""
    said = heard.event

    async def write() -> None:
        await learning.learn_decline(
            transaction,
            referral=said.referral,
            provider=said.provider,
            council=said.council,
            version=heard.envelope.version,
            declined_at=said.declined_at,
            reason=said.reason,
            side=said.side,
        )

    await as_each_reader(transaction, write, council_reader(said.council), said.provider)


async def _offer(transaction: Transaction, heard: Heard[Any], news: str, facts: dict[str, Any]) -> None:
    said: OfferNews = heard.event
    about = {"referral": said.referral, "council": said.council, "provider": said.provider}

    async def write() -> None:
        await learning.learn(transaction, Noun.OFFER, id=said.offer, about=about, news=news, version=heard.envelope.version, facts=facts)

    await as_each_reader(transaction, write, council_reader(said.council), said.provider)
