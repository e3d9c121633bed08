"""What a council decides: its shortlist, its choice, and the record of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from matching.actions import panels
from matching.actions.approvals import as_recorded
from matching.actions.home_holds import before_choice
from matching.actions.judging import Judged, judge, own_referral
from matching.actions.refusing import broken_rules
from matching.domain.amendment import faults_of_choosing_unconfirmed
from matching.domain.approval import NewApproval, faults_in_approvals
from matching.domain.choice import Choice, ShortlistReason, faults_of_choice, faults_of_shortlist
from matching.domain.considered import faults_of_because
from matching.domain.decision import Decision, Made, record
from matching.domain.decision_hash import hash_of
from matching.domain.guard import limit_to_confirm, outside_terms
from matching.domain.home_hold import ANSWER_WITHIN
from matching.domain.notice import NoticeType, of_offer
from matching.domain.offer import OfferState
from matching.domain.referral import KnownReferral, ReferralState
from matching.domain.suitability import arrival
from matching.domain.working_days import last_permitted_day
from matching.store import approvals, decisions, home_holds, notices, offer_counts, offers, opportunities, referrals, regularising
from shared import clock, ids, outbox
from shared.contracts import matching as contracts
from shared.refusals import Reason, RefusalKind, Refused, conflict, not_found
from shared.tenancy import Transaction
from shared.uk_time import UK
from shared.versions import Expected

_NOT_OPEN = {
    ReferralState.IN_HOUSE: "The referral has not been broadcast yet: there is nothing to choose from.",
    ReferralState.MATCHED_IN_HOUSE: "One of your own carers was taken for this referral; the bed is being asked for.",
    ReferralState.CHOOSING: "An offer was chosen and its bed is being asked for. Look at the choice in a moment: "
    "if it is refused, you may choose another.",
    ReferralState.PLACED: "A home has been agreed for this referral.",
    ReferralState.LAPSED: "Nothing was decided on this referral in time, so its offers were released. "
    "Amend it with a new closing time to open it again.",
    ReferralState.WITHDRAWN: "This referral was withdrawn. Begin a new one if a home is needed again.",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of a referral: offers that stand, providers that said no, and until when it must be regularised, if it must."""

    standing: int
    declined: int
    must_be_regularised_by: date | None


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
    now = clock.now()
    changed = await offers.put_shortlist(transaction, council, referral, wanted, now)
    before = {option.offer.offer for option in found.options if option.offer.state is OfferState.SHORTLISTED}
    if {offer.offer for offer in changed} != before ^ set(wanted):
        raise _changed_meanwhile()  # an offer was withdrawn between reading and writing
    for offer in changed:
        if offer.state is OfferState.SHORTLISTED:
            code = council.removeprefix("council:")
            event = contracts.OfferShortlisted(offer=offer.offer, referral=referral, council=code, provider=offer.provider)
            outbox.record(transaction, event, subject=str(offer.offer), version=offer.version, council=code)
    listed = (offer for offer in changed if offer.state is OfferState.SHORTLISTED)
    await notices.tell(transaction, now, *(of_offer(NoticeType.OFFER_SHORTLISTED, offer) for offer in listed))
    return await judge(transaction, council, referral)


async def choose(
    transaction: Transaction,
    council: str,
    referral: UUID,
    choice: Choice,
    *,
    decided_by: str,
    roles: Collection[str],
    offer_version: int | None,
    approved: Sequence[NewApproval] = (),
) -> Decision:
    """Choose one offer: the decision is written down with all offers as they stand, and the bed is asked for.

    Refused: while another choice is pending; while another council holds the home; an offer that no longer stands, or has changed
    since ``offer_version``; past a suitable tier-one offer without a coded reason (each passed one is named); while a panel on the
    referral has not decided, and past its decision without a coded reason; what a check of the law blocks, and what it leaves to a
    named officer without an approval (``approved`` now, or recorded before); and what else ``faults_of_choice`` names.
    """
    found = await judge(transaction, council, referral)
    _must_be_open(found.known)
    chosen = found.option(choice.offer)
    if offer_version is not None and offer_version != chosen.offer.version:
        message = "The provider changed this offer after you read it. Look at the options again, then decide."
        raise Refused(RefusalKind.STALE, message, (Reason("offer_version", "version_is_current", message),))
    today = clock.today()
    newly = as_recorded(found, chosen, approved, by=decided_by)
    given = found.approved(chosen.offer) + newly
    sat, departing = await panels.followed(transaction, council, referral, chosen, choice.departure)
    faults = (
        *faults_of_choosing_unconfirmed(chosen.offer),
        *faults_in_approvals(approved, sent_on=found.known.sent_at.astimezone(UK).date(), today=today),
        *faults_of_choice(choice, chosen, found.options, [one.given.approved_for for one in given]),
        *faults_of_because(choice),
        *departing,
    )
    if faults:
        raise broken_rules(faults)
    until = last_permitted_day(max(chosen.offer.terms.available_on, today)) if outside_terms(chosen.checks) else None
    vacancy = chosen.offer.terms.vacancy
    now = await before_choice(transaction, council, vacancy, found.referral.beds)
    made = Made(council, ids.new_id(), now, decided_by, frozenset(map(str, roles)), ids.blinding())
    said = record(made, choice, chosen, found.ranking, found.referral, found.weights, found.grounds, sat, given, until)
    decision = Decision(
        council=council,
        decision=made.decision,
        referral=referral,
        offer=choice.offer,
        decided_at=now,
        decided_by=made.subject,
        reason=choice.reason,
        record=said,
        hash=hash_of(said),
    )
    taken = await referrals.take_for_choice(
        transaction, council, referral, found.known.version, decision=decision.decision, offer=choice.offer
    )
    version = await offers.select_offer(transaction, chosen.offer, now, until) if taken else None
    if version is None:
        raise _changed_meanwhile()
    await decisions.keep(transaction, decision)
    await home_holds.keep_for_choice(transaction, council, choice.offer, now, now + ANSWER_WITHIN)
    await approvals.keep(transaction, council, newly)
    code = council.removeprefix("council:")
    event = contracts.OfferSelected(
        offer=choice.offer,
        referral=referral,
        council=code,
        provider=chosen.offer.provider,
        vacancy=chosen.offer.terms.vacancy,
        beds=found.referral.beds,
        decision=decision.decision,
        decision_hash=hash_of(said).hex(),
        arrives_on=arrival(found.homes[chosen.offer.terms.vacancy], found.referral, chosen.offer.terms.available_on),
        limit_confirmed=limit_to_confirm(chosen.checks),
    )
    outbox.record(transaction, event, subject=str(choice.offer), version=version, council=code)
    await notices.tell(transaction, now, of_offer(NoticeType.OFFER_SELECTED, chosen.offer))
    return decision


async def all_decisions(transaction: Transaction, council: str, referral: UUID) -> Sequence[Decision]:
    """Every decision made on a referral, the last first; refused when none has been made."""
    await own_referral(transaction, council, referral)
    found = await decisions.of_referral(transaction, council, referral)
    if not found:
        raise not_found("decision: none has been made on this referral yet")
    return found


async def newest_referrals(
    transaction: Transaction, council: str, after: tuple[datetime, UUID] | None, limit: int, *, to_regularise: bool = False
) -> tuple[Sequence[KnownReferral], Mapping[UUID, Counted]]:
    """A council's referrals, the last sent first, with what is counted of each; only those to be regularised when that is asked."""
    found = await referrals.newest(transaction, council, after, limit, to_regularise=to_regularise)
    wanted = [known.referral for known in found]
    standing = await offer_counts.standing_counts(transaction, council, wanted)
    declined = await opportunities.declined_counts(transaction, council, wanted)
    until = await regularising.to_regularise(transaction, council, wanted)
    return found, {each: Counted(standing.get(each, 0), declined.get(each, 0), until.get(each)) for each in wanted}
