"""What a council decides: its shortlist, its choice, and the record of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from matching.actions.judging import Judged, judge, own_referral
from matching.actions.refusing import broken_rules
from matching.domain.choice import Choice, ShortlistReason, faults_of_choice, faults_of_shortlist
from matching.domain.decision import Decision, record
from matching.domain.offer import OfferState
from matching.domain.referral import KnownReferral, ReferralState
from matching.store import decisions, offers, opportunities, referrals
from shared import clock, ids, outbox
from shared.contracts import matching as contracts
from shared.refusals import Reason, RefusalKind, Refused, conflict, not_found
from shared.tenancy import Transaction
from shared.versions import Expected

_NOT_OPEN = {
    ReferralState.IN_HOUSE: "The referral has not been broadcast yet: there is nothing to choose from.",
    ReferralState.MATCHED_IN_HOUSE: "One of your own carers was taken for this referral; the bed is being asked for.",
    ReferralState.CHOOSING: "An offer was chosen and its bed is being asked for. Look at the choice in a moment: "
    "if it is refused, you may choose another.",
    ReferralState.PLACED: "A home has been agreed for this referral.",
    ReferralState.WITHDRAWN: "This referral was withdrawn. Begin a new one if a home is needed again.",
}


def _must_be_open(known: KnownReferral) -> None:
    if known.state is not ReferralState.OPEN:
        message = _NOT_OPEN[known.state]
        raise conflict(message, Reason("referral", "referral_open", message))


def _changed_meanwhile() -> Refused:
    message = "The referral or the offer changed in this very moment. Look at the options again, then decide."
    return conflict(message, Reason("referral", "referral_as_it_was_read", message))


async def shortlist(
    transaction: Transaction, council: str, referral: UUID, wanted: Sequence[UUID], reason: ShortlistReason | None, expected: Expected
) -> Judged:
    """Put two or three offers on the shortlist, in place of the one before; their providers are told.

    Fewer than two only when no two suitable offers stand, or with a coded reason.
    """
    found = await judge(transaction, council, referral)
    expected.require(found.known.version)
    _must_be_open(found.known)
    if faults := faults_of_shortlist(wanted, found.options, reason):
        raise broken_rules(faults)
    if not await referrals.bump(transaction, council, referral, found.known.version):
        raise _changed_meanwhile()
    changed = await offers.put_shortlist(transaction, council, referral, wanted, clock.now())
    before = {option.offer.offer for option in found.options if option.offer.state is OfferState.SHORTLISTED}
    if {offer.offer for offer in changed} != before ^ set(wanted):
        raise _changed_meanwhile()  # an offer was withdrawn between reading and writing
    for offer in changed:
        if offer.state is OfferState.SHORTLISTED:
            code = council.removeprefix("council:")
            event = contracts.OfferShortlisted(offer=offer.offer, referral=referral, council=code, provider=offer.provider)
            outbox.record(transaction, event, subject=str(offer.offer), version=offer.version, council=code)
    return await judge(transaction, council, referral)


async def choose(
    transaction: Transaction, council: str, referral: UUID, choice: Choice, *, decided_by: str, offer_version: int | None
) -> Decision:
    """Choose one offer: the decision is written down with all offers as they stand, and the bed is asked for.

    Refused: while another choice is pending; an offer that no longer stands, or has changed since ``offer_version``; past a
    suitable tier-one offer without a coded reason (each passed one is named); and what else ``faults_of_choice`` names.
    """
    found = await judge(transaction, council, referral)
    _must_be_open(found.known)
    chosen = found.option(choice.offer)
    if offer_version is not None and offer_version != chosen.offer.version:
        message = "The provider changed this offer after you read it. Look at the options again, then decide."
        raise Refused(RefusalKind.STALE, message, (Reason("offer_version", "version_is_current", message),))
    if faults := faults_of_choice(choice, chosen, found.options, found.referral):
        raise broken_rules(faults)
    now = clock.now()
    decision = Decision(
        council=council,
        decision=ids.new_id(),
        referral=referral,
        offer=choice.offer,
        decided_at=now,
        decided_by=decided_by,
        reason=choice.reason,
        record=record(choice, chosen, found.ranking, found.referral, found.weights),
    )
    taken = await referrals.take_for_choice(
        transaction, council, referral, found.known.version, decision=decision.decision, offer=choice.offer
    )
    version = await offers.select_offer(transaction, chosen.offer, now) if taken else None
    if version is None:
        raise _changed_meanwhile()
    await decisions.keep(transaction, decision)
    code = council.removeprefix("council:")
    event = contracts.OfferSelected(
        offer=choice.offer,
        referral=referral,
        council=code,
        provider=chosen.offer.provider,
        vacancy=chosen.offer.terms.vacancy,
        beds=found.referral.beds,
        decision=decision.decision,
    )
    outbox.record(transaction, event, subject=str(choice.offer), version=version, council=code)
    return decision


async def all_decisions(transaction: Transaction, council: str, referral: UUID) -> Sequence[Decision]:
    """Every decision made on a referral, the last first; refused when none has been made."""
    await own_referral(transaction, council, referral)
    found = await decisions.of_referral(transaction, council, referral)
    if not found:
        raise not_found("decision: none has been made on this referral yet")
    return found


async def newest_referrals(
    transaction: Transaction, council: str, after: tuple[datetime, UUID] | None, limit: int
) -> tuple[Sequence[KnownReferral], Mapping[UUID, int], Mapping[UUID, int]]:
    """A council's referrals, the last sent first; how many offers stand on each, and how many providers have said no."""
    found = await referrals.newest(transaction, council, after, limit)
    wanted = [known.referral for known in found]
    standing = await offers.standing_counts(transaction, council, wanted)
    return found, standing, await opportunities.declined_counts(transaction, council, wanted)
