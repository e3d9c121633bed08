"""Offers and declines: the answers of providers, and what became of them."""

from __future__ import annotations

from typing import Any

from monitoring.domain.lessons.lesson import Lesson, Subject, council_reader, for_each
from shared.contracts import Envelope
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

OfferNews = OfferMade | OfferWithdrawn | OfferShortlisted | OfferSelected | OfferConfirmed | OfferRefused | OfferReleased


def offer_made(said: OfferMade, envelope: Envelope) -> tuple[Lesson, ...]:
    """A provider offered a home."""
    facts = {"made_at": said.made_at, "lot": said.lot, "tier": said.tier, "suitable": said.suitable, "vacancy": said.vacancy}
    return _offer(said, envelope, "made", facts)


def offer_withdrawn(said: OfferWithdrawn, envelope: Envelope) -> tuple[Lesson, ...]:
    """An offer was taken back."""
    facts = {"withdrawn_at": envelope.time, "withdrawn_reason": said.reason, "withdrawn_side": said.side}
    return _offer(said, envelope, "withdrawn", facts)


def offer_shortlisted(said: OfferShortlisted, envelope: Envelope) -> tuple[Lesson, ...]:
    """An offer came among the two or three."""
    return _offer(said, envelope, "shortlisted", {"shortlisted_at": envelope.time})


def offer_selected(said: OfferSelected, envelope: Envelope) -> tuple[Lesson, ...]:
    """A council chose an offer and asks for its bed."""
    return _offer(said, envelope, "selected", {"selected_at": envelope.time})


def offer_confirmed(said: OfferConfirmed, envelope: Envelope) -> tuple[Lesson, ...]:
    """The bed of a chosen offer is held."""
    return _offer(said, envelope, "confirmed", {"confirmed_at": said.confirmed_at})


def offer_refused(said: OfferRefused, envelope: Envelope) -> tuple[Lesson, ...]:
    """The bed of a chosen offer was gone."""
    return _offer(said, envelope, "refused", {"refused_at": envelope.time, "refused_reasons": list(said.reasons)})


def offer_released(said: OfferReleased, envelope: Envelope) -> tuple[Lesson, ...]:
    """An offer was not chosen, and its provider told why."""
    return _offer(said, envelope, "released", {"released_at": envelope.time, "released_reason": said.reason})


def opportunity_declined(said: OpportunityDeclined, envelope: Envelope) -> tuple[Lesson, ...]:
    """A provider said no; its latest no to a referral is kept."""
    return for_each(
        (council_reader(said.council), said.provider),
        Subject.DECLINE,
        key={"referral": said.referral, "provider": said.provider},
        about={"council": said.council},
        news="declined",
        version=envelope.version,
        facts={"declined_at": said.declined_at, "reason": said.reason, "side": said.side},
    )


def _offer(said: OfferNews, envelope: Envelope, news: str, facts: dict[str, Any]) -> tuple[Lesson, ...]:
    readers = (council_reader(said.council), said.provider)
    about = {"referral": said.referral, "council": said.council, "provider": said.provider}
    return for_each(readers, Subject.OFFER, key={"id": said.offer}, about=about, news=news, version=envelope.version, facts=facts)
