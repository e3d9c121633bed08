"""Every state that waits for somebody has an end: by when a council must decide, and what lapses when it does not.

Nothing stays open for ever: an opportunity past its closing time, an offer nobody decides on, a choice without an answer. The
working days are a rule of the house (no source was read); they are longer than any council takes that still looks for a home.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from matching.domain.offer import OfferState
from matching.domain.opportunity import OpportunityState
from matching.domain.referral import ReferralState
from matching.domain.working_days import working_days_after
from shared.contracts.words import Urgency

FINAL_REFERRALS = frozenset({ReferralState.PLACED, ReferralState.WITHDRAWN, ReferralState.LAPSED})
FINAL_OPPORTUNITIES = frozenset({OpportunityState.PLACED, OpportunityState.WITHDRAWN, OpportunityState.LAPSED})
FINAL_OFFERS = frozenset({OfferState.CONFIRMED, OfferState.REFUSED, OfferState.RELEASED, OfferState.WITHDRAWN})
"""A confirmed offer has become a placement, whose bed ``providers`` keeps and whose end is the placement's."""

IN_HOUSE_FOR = timedelta(days=28)
"""How long after the day a home was needed a referral may still be looked at in-house."""

_WORKING_DAYS: Mapping[Urgency, int] = {Urgency.EMERGENCY: 1, Urgency.SAME_DAY: 2, Urgency.PLANNED: 10, Urgency.LONG_TERM: 20}


def decide_by(urgency: Urgency, closes_at: datetime) -> datetime:
    """By when a council must have decided on its offers: working days after they closed, by urgency. Amending sets a new moment."""
    return working_days_after(closes_at, _WORKING_DAYS[urgency])
