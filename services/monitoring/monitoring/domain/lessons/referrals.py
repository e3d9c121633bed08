"""Referrals: begun, broadcast, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from monitoring.domain.lessons.lesson import Lesson, Subject, council_reader, for_each
from shared.contracts import Envelope
from shared.contracts.referrals import ReferralBroadcast, ReferralCreated, ReferralWithdrawn


def referral_created(said: ReferralCreated, envelope: Envelope) -> tuple[Lesson, ...]:
    """A council began to look for a home."""
    facts = {"created_at": envelope.time, "lot": said.lot, "urgency": said.urgency, "re_referral_of": said.re_referral_of}
    return _referral(envelope, said.referral, said.council, "created", facts)


def referral_broadcast(said: ReferralBroadcast, envelope: Envelope) -> tuple[Lesson, ...]:
    """Every provider of the lot could see it from this moment."""
    facts = {"broadcast_at": envelope.time, "broadcast_lot": said.view.lot, "in_house_reason": said.in_house_reason}
    return _referral(envelope, said.view.referral, said.view.council, "broadcast", facts)


def referral_withdrawn(said: ReferralWithdrawn, envelope: Envelope) -> tuple[Lesson, ...]:
    """A council looks no longer."""
    facts = {"withdrawn_at": envelope.time, "withdrawn_reason": said.reason, "withdrawn_side": said.side}
    return _referral(envelope, said.referral, said.council, "withdrawn", facts)


def _referral(envelope: Envelope, id: UUID, council: str, news: str, facts: dict[str, Any]) -> tuple[Lesson, ...]:
    readers = (council_reader(council),)
    about = {"council": council}
    return for_each(readers, Subject.REFERRAL, key={"id": id}, about=about, news=news, version=envelope.version, facts=facts)
