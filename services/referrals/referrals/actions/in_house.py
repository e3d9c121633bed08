"""The in-house decision: a carer of the council's own is taken, or the coded reason why none is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from referrals.domain import referral as rules
from referrals.domain.reasons import InHouseReason, may_skip_asking
from referrals.domain.referral import Act, Referral, State
from referrals.store import matches
from referrals.store import referrals as store
from referrals.store.matches import InHouseMatch, MatchState
from shared import clock, ids, outbox
from shared.contracts.referrals import InHouseMatchTaken
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction


@dataclass(frozen=True)
class ChosenCarer:
    """A vacancy of the council's own service, the weekly cost of all the children there, and the agreed first day."""

    vacancy: UUID
    pounds_per_week: Decimal
    starts_on: date


async def take_match(
    transaction: Transaction, referral: UUID, chosen: ChosenCarer, check: Callable[[int], None], *, subject: str
) -> Referral:
    """Ask for a bed with the council's own carer; the placement is agreed when the bed is held."""
    before = await _held(transaction, referral, check)
    if words := rules.refusal(Act.DECIDE_IN_HOUSE, before.state):
        raise conflict(words, Reason("state", "allows_this", words))
    if chosen.starts_on < clock.today():
        raise invalid(Reason("starts_on", "not_in_the_past", "The agreed start has passed; give today's date or a later one."))
    after = replace(before, version=before.version + 1, state=State.BED_ASKED, in_house_reason=None)
    match = InHouseMatch(
        id=ids.new_id(),
        referral=before.id,
        vacancy=chosen.vacancy,
        pounds_per_week=chosen.pounds_per_week,
        starts_on=chosen.starts_on,
        state=MatchState.ASKED,
        reasons=(),
        decided_by=subject,
        decided_at=clock.now(),
    )
    await store.save(transaction, after)
    await matches.add(transaction, match)
    event = InHouseMatchTaken(
        match=match.id, referral=before.id, council=before.council, vacancy=chosen.vacancy, beds=len(before.terms.children)
    )
    outbox.record(transaction, event, subject=str(before.id), version=after.version, council=before.council)
    return after


async def no_match(transaction: Transaction, referral: UUID, reason: InHouseReason, check: Callable[[int], None]) -> Referral:
    """Record why none of the council's own carers takes the child; then, and only then, agencies may be asked.

    An emergency out of hours may be decided without the service having been asked, but is decided and coded like any other.
    """
    before = await _held(transaction, referral, check)
    late = reason is InHouseReason.OUT_OF_HOURS_EMERGENCY
    if late and not may_skip_asking(reason, before.terms.urgency):
        words = "Out of hours counts only for an emergency or same-day referral; ask your fostering service and give its reason."
        raise invalid(Reason("reason", "only_when_urgent", words))
    skipped = late and before.state is State.DRAFT
    if not skipped and (words := rules.refusal(Act.DECIDE_IN_HOUSE, before.state) or ""):
        raise conflict(words, Reason("state", "allows_this", words))
    after = replace(before, version=before.version + 1, state=State.IN_HOUSE_DECIDED, in_house_reason=reason)
    await store.save(transaction, after)
    return after


async def _held(transaction: Transaction, referral: UUID, check: Callable[[int], None]) -> Referral:
    found = await store.get(transaction, referral, to_change=True)
    if found is None:
        raise not_found("referral")
    check(found.version)
    return found
