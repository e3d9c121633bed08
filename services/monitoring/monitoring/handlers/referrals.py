"""Referrals: begun, broadcast, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from monitoring.handlers.readers import as_each_reader, council_reader
from monitoring.store import learning
from monitoring.store.learning import Noun
from shared.contracts.referrals import ReferralBroadcast, ReferralCreated, ReferralWithdrawn
from shared.delivery import Heard
from shared.tenancy import Transaction


async def on_referral_created(transaction: Transaction, heard: Heard[ReferralCreated]) -> None:
    """A council began to look for a home."""
    said = heard.event
    facts = {"created_at": heard.envelope.time, "lot": said.lot, "urgency": said.urgency, "re_referral_of": said.re_referral_of}
    await _referral(transaction, heard, said.referral, said.council, "created", facts)


async def on_referral_broadcast(transaction: Transaction, heard: Heard[ReferralBroadcast]) -> None:
    """Every provider of the lot could see it from this moment."""
    view = heard.event.view
    facts = {"broadcast_at": heard.envelope.time, "broadcast_lot": view.lot, "in_house_reason": heard.event.in_house_reason}
    await _referral(transaction, heard, view.referral, view.council, "broadcast", facts)


async def on_referral_withdrawn(transaction: Transaction, heard: Heard[ReferralWithdrawn]) -> None:
    """A council looks no longer."""
    said = heard.event
    facts = {"withdrawn_at": heard.envelope.time, "withdrawn_reason": said.reason, "withdrawn_side": said.side}
    await _referral(transaction, heard, said.referral, said.council, "withdrawn", facts)


async def _referral(transaction: Transaction, heard: Heard[Any], id: UUID, council: str, news: str, facts: dict[str, Any]) -> None:
    async def write() -> None:
        await learning.learn(
            transaction, Noun.REFERRAL, id=id, about={"council": council}, news=news, version=heard.envelope.version, facts=facts
        )

    await as_each_reader(transaction, write, council_reader(council))
