"""What providers ask of their offers: make, change, withdraw, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from matching.actions.home_holds import held_until
from matching.actions.judging import miles_from_home
from matching.actions.opportunities import sent_to
from matching.actions.refusing import broken_rules, not_now
from matching.actions.surroundings import surroundings
from matching.domain.amendment import faults_of_confirming
from matching.domain.choice import faults_of_guard
from matching.domain.guard import Check, checks
from matching.domain.home import Home
from matching.domain.message import faults_in_message
from matching.domain.notice import NoticeType, of_offer
from matching.domain.offer import (
    LIVE,
    SIDE_OF,
    STANDING,
    Answer,
    Offer,
    OfferState,
    Terms,
    WithdrawalReason,
    faults_in_terms,
    faults_of_moment,
)
from matching.domain.opportunity import Opportunity
from matching.domain.pricing import Pricing, faults_in_pricing
from matching.domain.referral import Referral
from matching.domain.suitability import Reason as ReasonAgainst
from matching.domain.suitability import Standing, obstacles, reasons
from matching.store import notices, offer_counts, offers, opportunities, register, vacancies
from matching.store.referrals import kept_view
from shared import clock, ids, outbox
from shared.contracts import matching as contracts
from shared.refusals import Reason, RefusalKind, Refused, conflict, not_found
from shared.tenancy import Transaction
from shared.versions import Expected


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every reason why a home cannot take the referral as it stands, and each check of the law."""

    against: tuple[ReasonAgainst, ...]
    checks: tuple[Check, ...]


Told = tuple[Offer, Judgement | None]
"""An offer and how it is judged; None when that can no longer be."""


async def make(transaction: Transaction, provider: str, referral: UUID, terms: Terms) -> Told:
    """Offer one of the provider's own vacancies for a referral that was sent to it and is open.

    Refused: after the closing time (which is named), on a withdrawn or placed referral, another provider's vacancy, an
    essential need left unanswered, the same vacancy twice, and whatever a check of the law blocks, every reason at once. A home that
    cannot take the child for another reason is not refused: it is ranked last and its provider is told why.
    """
    await opportunities.answer_in_turn(transaction, referral, provider)
    opportunity = await sent_to(transaction, provider, referral)
    now = clock.now()
    home, judged = await _checked(transaction, provider, opportunity, terms, now)
    offer = Offer(
        offer=ids.new_id(),
        council=opportunity.council,
        referral=referral,
        reference=opportunity.reference,
        lot=opportunity.lot,
        provider=provider,
        tier=opportunity.tier,
        household=home.household,
        terms=terms,
        state=OfferState.MADE,
        made_at=now,
        changed_at=now,
        version=1,
    )
    if not await offers.make(transaction, offer):
        message = "You have offered this vacancy for this referral already. Change that offer, or offer another vacancy."
        raise conflict(message, Reason("vacancy", "offered_once", message))
    if opportunity.declined:
        await opportunities.take_back_decline(transaction, opportunity, now)
    event = contracts.OfferMade(
        offer=offer.offer,
        referral=referral,
        council=_code(offer),
        provider=provider,
        vacancy=terms.vacancy,
        household=home.household,
        lot=offer.lot,
        tier=offer.tier,
        suitable=not judged.against,
        made_at=now,
    )
    outbox.record(transaction, event, subject=str(offer.offer), version=offer.version, council=_code(offer))
    await notices.tell(transaction, now, of_offer(NoticeType.OFFER_MADE, offer))
    return offer, judged


async def change(transaction: Transaction, provider: str, offer_id: UUID, terms: Terms, expected: Expected) -> Told:
    """New price, date or answers for an offer that still stands, until the closing time. The vacancy stays the same."""
    offer = await own(transaction, provider, offer_id)
    expected.require(offer.version)
    _must_stand(offer)
    opportunity = await sent_to(transaction, provider, offer.referral)
    now = clock.now()
    if terms.vacancy != offer.terms.vacancy:
        message = "An offer keeps its vacancy. Withdraw this offer and make another one for the other vacancy."
        raise conflict(message, Reason("vacancy", "vacancy_unchanged", message))
    _, judged = await _checked(transaction, provider, opportunity, terms, now)
    changed = await offers.change_terms(transaction, offer, terms, now)
    if changed is None:
        raise _changed_meanwhile()
    await notices.tell(transaction, now, of_offer(NoticeType.OFFER_CHANGED, changed))
    return changed, judged


async def confirm(transaction: Transaction, provider: str, offer_id: UUID, changed: Changed) -> Told:
    """Stand by an offer that no longer fitted after an amendment, perhaps with other answers or another day; then it can be chosen again.

    Refused: when it was not asked for, after its moment, and with answers that the amended referral's essential needs do not have.
    Of a confirmation, a withdrawal and its lapsing exactly one is done.
    """
    offer, now = await own(transaction, provider, offer_id), clock.now()
    if faults := faults_of_confirming(offer, now):
        raise not_now(faults)
    opportunity = await sent_to(transaction, provider, offer.referral)
    terms = changed.on(offer.terms)
    _, judged = await _fitting(transaction, provider, opportunity, terms)
    confirmed = await offers.confirm(transaction, offer, terms, now)
    if confirmed is None:
        raise _changed_meanwhile()
    await notices.tell(transaction, now, of_offer(NoticeType.OFFER_CHANGED, confirmed))
    return confirmed, judged


async def withdraw(transaction: Transaction, provider: str, offer_id: UUID, reason: WithdrawalReason) -> Offer:
    """Take an offer back, also after the closing time. Refused while it is chosen, and once it is confirmed or has ended.

    Chosen means that its bed is being asked for, which is over within a second; a withdrawal in between would leave a council
    believing in a home it has not got. Of a withdrawal and a choice at once exactly one is done.
    """
    offer = await own(transaction, provider, offer_id)
    _must_stand(offer)
    side, now = SIDE_OF[reason], clock.now()
    withdrawn = await offers.withdraw(transaction, offer, reason, side, now)
    if withdrawn is None:
        raise _changed_meanwhile()
    event = contracts.OfferWithdrawn(
        offer=offer.offer, referral=offer.referral, council=_code(offer), provider=provider, reason=reason, side=side
    )
    outbox.record(transaction, event, subject=str(offer.offer), version=withdrawn.version, council=_code(offer))
    await notices.tell(transaction, now, of_offer(NoticeType.OFFER_WITHDRAWN, withdrawn))
    return withdrawn


@dataclass(frozen=True, slots=True)
class Changed:
    """What an agency says anew when it confirms; None leaves it as it was."""

    available_on: date | None = None
    answers: tuple[Answer, ...] | None = None

    def on(self, terms: Terms) -> Terms:
        """These terms with what was said anew."""
        return replace(
            terms, available_on=self.available_on or terms.available_on, answers=terms.answers if self.answers is None else self.answers
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """How much interest there is in an offered home, for its provider: a count and a moment, never whose."""

    councils: int
    held_until: datetime | None


async def looked_at(transaction: Transaction, provider: str, offered: Sequence[Offer]) -> Mapping[UUID, Looked]:
    """For each of these offers that is live: how many councils have its home on a shortlist, and until when it is held."""
    wanted = [offer.terms.vacancy for offer in offered if offer.state in LIVE]
    councils = await offer_counts.looking_at(transaction, provider, wanted)
    held = await held_until(transaction, wanted)
    return {
        offer.offer: Looked(councils.get(offer.terms.vacancy, 0), held.get(offer.terms.vacancy)) for offer in offered if offer.state in LIVE
    }


async def own(transaction: Transaction, provider: str, offer_id: UUID) -> Offer:
    """One of the provider's own offers."""
    offer = await offers.of_provider(transaction, provider, offer_id)
    if offer is None:
        raise not_found("offer")
    return offer


async def read(transaction: Transaction, provider: str, offer_id: UUID) -> Told:
    """One of the provider's own offers, with the reasons against it while the referral is open."""
    offer = await own(transaction, provider, offer_id)
    opportunity = await sent_to(transaction, provider, offer.referral)
    home = (await vacancies.homes(transaction, [offer.terms.vacancy])).get(offer.terms.vacancy)
    if opportunity.view is None or home is None or offer.state not in STANDING:
        return offer, None
    return offer, await _judged(transaction, offer.terms, home, kept_view(opportunity.view))


async def newest(transaction: Transaction, provider: str, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[Offer]:
    """The provider's own offers, the last made first."""
    return await offers.newest_of_provider(transaction, provider, after, limit)


async def _checked(
    transaction: Transaction, provider: str, opportunity: Opportunity, terms: Terms, now: datetime
) -> tuple[Home, Judgement]:
    if faults := faults_of_moment(opportunity.state, opportunity.closes_at, now):
        raise not_now(faults)
    return await _fitting(transaction, provider, opportunity, terms)


async def _fitting(transaction: Transaction, provider: str, opportunity: Opportunity, terms: Terms) -> tuple[Home, Judgement]:
    """The home offered on these terms and how it is judged; refused with every rule they break, whatever the hour."""
    assert opportunity.view is not None
    view = kept_view(opportunity.view)
    home = (await vacancies.homes(transaction, [terms.vacancy])).get(terms.vacancy)
    faults = faults_in_terms(terms, home, provider=provider, essential_needs=view.essential_needs, today=clock.today())
    faults += faults_in_message(terms.message)
    if terms.pricing != Pricing():
        bands = [band.code for band in await register.bands(transaction, opportunity.lot)]
        faults += faults_in_pricing(terms.pricing, terms.pounds_per_week, terms.available_on, children=view.beds, bands=bands)
    judged = None
    if home is not None and home.provider == provider:
        judged = await _judged(transaction, terms, home, view)
        faults += faults_of_guard(judged.checks, field="vacancy")
    if faults:
        raise broken_rules(faults)
    assert home is not None
    assert judged is not None
    return home, judged


async def _judged(transaction: Transaction, terms: Terms, home: Home, view: Referral) -> Judgement:
    answers = {answer.need: answer.met for answer in terms.answers}
    around = await surroundings(transaction, view, [home])
    known = around.of(home, miles_from_home(view, home.district), terms.available_on)
    found = obstacles(home, view, Standing.ON_LIST, answers=answers, available_on=terms.available_on, stopped=known.stopped)
    against = reasons(found, home, view, available_on=terms.available_on)
    return Judgement(against, checks(home, view, against, known))


_STOPPED = {
    OfferState.SELECTED: "The council has chosen this offer and the bed is being asked for. You will know within moments; "
    "if it is confirmed, speak to the council.",
    OfferState.CONFIRMED: "This offer is confirmed and the bed is held for the child. Speak to the council at once if that must change.",
}


def _must_stand(offer: Offer) -> None:
    if offer.state not in STANDING:
        words = _STOPPED.get(offer.state, "This offer has ended; it cannot be changed. Make a new offer if the referral is still open.")
        raise conflict(words, Reason("offer", "offer_stands", words))


def _changed_meanwhile() -> Refused:
    message = "The offer changed in this very moment: the council may have chosen it. Read it again."
    return Refused(RefusalKind.CONFLICT, message, (Reason("offer", "offer_as_it_was_read", message),))


def _code(offer: Offer) -> str:
    return offer.council.removeprefix("council:")
