"""Coded reasons, each with whose side it is on, so that demand, supply and process can be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shared.contracts.words import Urgency, WhoseSide


class InHouseReason(StrEnum):
    """Why no carer of the council's own took the child, so that the referral may go to agencies."""

    NO_CARER_WITH_VACANCY = "no_carer_with_vacancy"
    OUTSIDE_APPROVAL = "outside_approval"
    NEEDS_NOT_MET = "needs_not_met"
    SIBLINGS_NOT_TOGETHER = "siblings_not_together"
    TOO_FAR = "too_far"
    OTHER_CHILD_IN_HOME = "other_child_in_home"
    CARER_DECLINED = "carer_declined"
    CHILD_DECLINED = "child_declined"
    BED_LOST = "bed_lost"
    OUT_OF_HOURS_EMERGENCY = "out_of_hours_emergency"


ASKABLE_LATE = frozenset({Urgency.EMERGENCY, Urgency.SAME_DAY})
"""Urgencies for which nobody in the in-house service may have been there to ask."""


def may_skip_asking(reason: InHouseReason, urgency: Urgency) -> bool:
    """Whether the in-house decision may be recorded without the in-house service having been asked.

    Only out of hours, and only for a child who needs a home today: the decision is still made and still coded.
    """
    return reason is InHouseReason.OUT_OF_HOURS_EMERGENCY and urgency in ASKABLE_LATE


class WithdrawalReason(StrEnum):
    """Why a council withdrew a referral."""

    RETURNED_HOME = "returned_home"
    PLACED_WITH_FAMILY = "placed_with_family"
    PLACED_ELSEWHERE = "placed_elsewhere"
    PLAN_CHANGED = "plan_changed"
    COURT_DECIDED_OTHERWISE = "court_decided_otherwise"
    CHILD_REFUSED = "child_refused"
    NO_SUITABLE_OFFER = "no_suitable_offer"
    ENTERED_IN_ERROR = "entered_in_error"


class CancellationReason(StrEnum):
    """Why an agreed placement never began."""

    CHILD_REFUSED = "child_refused"
    PLAN_CHANGED = "plan_changed"
    COURT_DECIDED_OTHERWISE = "court_decided_otherwise"
    CARER_UNAVAILABLE = "carer_unavailable"
    SAFEGUARDING_CONCERN = "safeguarding_concern"
    REFERRAL_WITHDRAWN = "referral_withdrawn"
    ALREADY_PLACED = "already_placed"


WITHDRAWAL_SIDE: Mapping[WithdrawalReason, WhoseSide] = {
    WithdrawalReason.RETURNED_HOME: WhoseSide.CHILD,
    WithdrawalReason.PLACED_WITH_FAMILY: WhoseSide.CHILD,
    WithdrawalReason.PLACED_ELSEWHERE: WhoseSide.COUNCIL,
    WithdrawalReason.PLAN_CHANGED: WhoseSide.COUNCIL,
    WithdrawalReason.COURT_DECIDED_OTHERWISE: WhoseSide.NOBODY,
    WithdrawalReason.CHILD_REFUSED: WhoseSide.CHILD,
    WithdrawalReason.NO_SUITABLE_OFFER: WhoseSide.PROVIDER,
    WithdrawalReason.ENTERED_IN_ERROR: WhoseSide.COUNCIL,
}

CANCELLATION_SIDE: Mapping[CancellationReason, WhoseSide] = {
    CancellationReason.CHILD_REFUSED: WhoseSide.CHILD,
    CancellationReason.PLAN_CHANGED: WhoseSide.COUNCIL,
    CancellationReason.COURT_DECIDED_OTHERWISE: WhoseSide.NOBODY,
    CancellationReason.CARER_UNAVAILABLE: WhoseSide.PROVIDER,
    CancellationReason.SAFEGUARDING_CONCERN: WhoseSide.PROVIDER,
    CancellationReason.REFERRAL_WITHDRAWN: WhoseSide.COUNCIL,
    CancellationReason.ALREADY_PLACED: WhoseSide.COUNCIL,
}

PERSON_MAY_GIVE = frozenset(CancellationReason) - {CancellationReason.REFERRAL_WITHDRAWN, CancellationReason.ALREADY_PLACED}
"""Cancellation reasons a person may give; the other two are what the software says when a bed was held for a referral that was over."""
