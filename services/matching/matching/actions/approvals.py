"""Approvals by named officers, recorded for one offer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from matching.actions.judging import Judged, judge, own_referral
from matching.actions.refusing import broken_rules
from matching.domain.approval import Approval, NewApproval, faults_in_approvals
from matching.domain.ranking import Option
from matching.store import approvals
from shared import clock, ids
from shared.tenancy import Transaction
from shared.uk_time import UK


def as_recorded(found: Judged, option: Option, given: Sequence[NewApproval], *, by: str) -> tuple[Approval, ...]:
    """Approvals of this offer as they will be kept."""
    now = clock.now()
    return tuple(Approval(ids.new_id(), found.known.referral, option.offer.offer, option.offer.household, one, by, now) for one in given)


async def record(transaction: Transaction, council: str, referral: UUID, offer: UUID, given: NewApproval, *, by: str) -> Approval:
    """Write down what a named officer approved for an offer that still stands; it counts when that offer is chosen.

    Refused: another council's referral, an offer that no longer stands, an office that may not approve this, a day in the future or
    before the referral was sent.
    """
    found = await judge(transaction, council, referral)
    option = found.option(offer)
    sent_on = found.known.sent_at.astimezone(UK).date()
    if faults := faults_in_approvals([given], sent_on=sent_on, today=clock.today(), field=""):
        raise broken_rules(faults)
    [kept] = as_recorded(found, option, [given], by=by)
    await approvals.keep(transaction, council, [kept])
    return kept


async def of_referral(transaction: Transaction, council: str, referral: UUID) -> Sequence[Approval]:
    """Every approval recorded on one of the council's referrals."""
    await own_referral(transaction, council, referral)
    return await approvals.of_referral(transaction, council, referral)
