"""Referrals: begun, broadcast, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from monitoring.domain.lessons.lesson import Lesson, Subject, council_reader, for_each
from shared.contracts import Envelope
from shared.contracts.referrals import ReferralBroadcast, ReferralCreated, ReferralView, ReferralWithdrawn


def referral_created(said: ReferralCreated, envelope: Envelope) -> tuple[Lesson, ...]:
    """A council began to look for a home."""
    facts: dict[str, Any] = {"created_at": envelope.time, "lot": said.lot, "urgency": said.urgency, "re_referral_of": said.re_referral_of}
    facts["ages"] = list(said.ages)
    return _referral(envelope, said.referral, said.council, "created", facts)


def referral_broadcast(said: ReferralBroadcast, envelope: Envelope) -> tuple[Lesson, ...]:
    """Every provider of the lot could see it from this moment."""
    facts: dict[str, Any] = {"broadcast_at": envelope.time, "broadcast_lot": said.view.lot, "in_house_reason": said.in_house_reason}
    facts |= {"closes_at": said.view.closes_at, "home_district": said.view.home_district, "needs": _needs(said.view)}
    return _referral(envelope, said.view.referral, said.view.council, "broadcast", facts)


def referral_withdrawn(said: ReferralWithdrawn, envelope: Envelope) -> tuple[Lesson, ...]:
    """A council looks no longer."""
    facts = {"withdrawn_at": envelope.time, "withdrawn_reason": said.reason, "withdrawn_side": said.side}
    return _referral(envelope, said.referral, said.council, "withdrawn", facts)


def _referral(envelope: Envelope, id: UUID, council: str, news: str, facts: dict[str, Any]) -> tuple[Lesson, ...]:
    readers = (council_reader(council),)
    about = {"council": council}
    return for_each(readers, Subject.REFERRAL, key={"id": id}, about=about, news=news, version=envelope.version, facts=facts)


def _needs(view: ReferralView) -> list[str]:
    """What a home must bring for these children, each once: essential needs and risks, as every provider of the lot may see them."""
    found = {str(need) for child in view.children for need in child.essential_needs}
    found |= {f"risk_to_child:{risk}" for child in view.children for risk in child.risks_to_child}
    found |= {f"risk_to_others:{risk}" for child in view.children for risk in child.risks_to_others}
    return sorted(found)
