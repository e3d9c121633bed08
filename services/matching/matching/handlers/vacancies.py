"""Vacancies and their beds: kept as published, and what becomes of a choice when its bed is held or refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from matching.domain.decision import Outcome
from matching.domain.notice import News, NoticeType, of_offer
from matching.domain.offer import Offer, OfferState
from matching.domain.release import WORDS, ReleaseReason
from matching.handlers.home_holds import end_what_has_no_bed
from matching.handlers.owners import as_owner, council_of
from matching.handlers.releases import refuse_choice, say_released
from matching.store import decisions, notices, offers, referrals, vacancies
from matching.store.offers import Ending
from shared import clock, outbox
from shared.contracts import matching as says
from shared.contracts import providers as contracts
from shared.contracts.words import WhoseSide
from shared.delivery import Heard
from shared.organisation import Organisation
from shared.tenancy import Transaction


async def on_vacancy_opened(transaction: Transaction, heard: Heard[contracts.VacancyOpened] | Heard[contracts.VacancyChanged]) -> None:
    """Keep the vacancy as published."""
    facts = heard.event.facts
    async with as_owner(transaction, Organisation.parse(facts.provider)):
        await vacancies.put_facts(transaction, facts, heard.envelope.version)
    await end_what_has_no_bed(transaction, facts.vacancy)


async def on_vacancy_closed(transaction: Transaction, heard: Heard[contracts.VacancyClosed]) -> None:
    """The vacancy is no longer a candidate; offers of it stay, and say that it is closed. Holds on it have nothing to keep."""
    async with as_owner(transaction, Organisation.parse(heard.event.provider)):
        await vacancies.close(transaction, heard.event.provider, heard.event.vacancy, heard.envelope.version)
    await end_what_has_no_bed(transaction, heard.event.vacancy)


async def on_beds_changed(
    transaction: Transaction,
    heard: Heard[contracts.VacancyFilled] | Heard[contracts.VacancyFreed] | Heard[contracts.VacancyHeld],
) -> None:
    """Keep how many beds are free, and how many children were placed through Hearth; holds for which no bed is left end."""
    await _keep_beds(transaction, heard)
    await end_what_has_no_bed(transaction, heard.event.vacancy)


async def _keep_beds(
    transaction: Transaction,
    heard: Heard[contracts.VacancyFilled] | Heard[contracts.VacancyFreed] | Heard[contracts.VacancyHeld],
) -> None:
    event = heard.event
    async with as_owner(transaction, Organisation.parse(event.provider)):
        await vacancies.set_free_beds(transaction, event.provider, event.vacancy, event.free_beds, heard.envelope.version)
        if isinstance(event, contracts.VacancyHeld):
            await vacancies.beds_held_now(transaction, event.provider, event.hold, event.household, event.beds)
        elif isinstance(event, contracts.VacancyFreed):
            await vacancies.beds_freed(transaction, event.provider, event.hold, event.beds)


async def on_vacancy_held(transaction: Transaction, heard: Heard[contracts.VacancyHeld]) -> None:
    """The bed was taken. For a chosen offer: it is confirmed, and every other is released with its reason."""
    event = heard.event
    await _keep_beds(transaction, heard)
    await _settle(transaction, event)
    await end_what_has_no_bed(transaction, event.vacancy)  # after the choice's own hold has ended with it


async def _settle(transaction: Transaction, event: contracts.VacancyHeld) -> None:
    council, owner = council_of(event.council)
    async with as_owner(transaction, owner):
        if event.held_for is contracts.HoldFor.IN_HOUSE_MATCH:
            await referrals.settle_in_house_match(transaction, council, event.referral, event.asked_by, held=True)
            return
        decision = await referrals.settle_choice(transaction, council, event.referral, event.asked_by, held=True)
        if decision is None:
            await _give_back(transaction, council, event.asked_by)
        else:
            await _confirm(transaction, council, decision, event)


async def _confirm(transaction: Transaction, council: str, decision: UUID, event: contracts.VacancyHeld) -> None:
    now = clock.now()
    live = await offers.live_of_referral(transaction, council, event.referral)
    told = await decisions.told_if_not_chosen(transaction, council, decision)
    endings = [Ending(offer.offer, OfferState.CONFIRMED) if offer.offer == event.asked_by else _release_of(offer, told) for offer in live]
    changed = await offers.settle(transaction, council, endings, now)
    await decisions.keep_outcome(transaction, council, decision, Outcome.CONFIRMED, (), now)
    kept_hash = await decisions.hash_of(transaction, council, decision)
    for offer in changed:
        if offer.state is OfferState.CONFIRMED:
            _say_confirmed(transaction, offer, decision, kept_hash, event, now)
        else:
            say_released(transaction, offer)
    await notices.tell(transaction, now, *(news for offer in changed for news in _news_of(offer)))


def _news_of(offer: Offer) -> tuple[News, ...]:
    """Who is told of an offer that was just settled."""
    if offer.state is OfferState.CONFIRMED:
        return of_offer(NoticeType.OFFER_CONFIRMED, offer), of_offer(NoticeType.CHOICE_CONFIRMED, offer)
    return (of_offer(NoticeType.OFFER_RELEASED, offer),)


def _release_of(offer: Offer, told: dict[UUID, tuple[str, tuple[str, ...]]]) -> Ending:
    """What its provider is told: settled when the decision was made, or that the offer came after it."""
    reason, words = told.get(offer.offer, (ReleaseReason.PLACED_ELSEWHERE, WORDS[ReleaseReason.PLACED_ELSEWHERE]))
    return Ending(offer.offer, OfferState.RELEASED, reason, WhoseSide.COUNCIL, words)


def _say_confirmed(
    transaction: Transaction, offer: Offer, decision: UUID, decision_hash: bytes | None, event: contracts.VacancyHeld, now: datetime
) -> None:
    confirmed = says.OfferConfirmed(
        offer=offer.offer,
        referral=offer.referral,
        council=event.council,
        provider=offer.provider,
        vacancy=offer.terms.vacancy,
        household=offer.household,
        hold=event.hold,
        lot=offer.lot,
        tier=offer.tier,
        pounds_per_week=offer.terms.pounds_per_week,
        available_on=offer.terms.available_on,
        decision=decision,
        confirmed_at=now,
        district=event.district,
        decision_hash=decision_hash.hex() if decision_hash else None,
        must_be_regularised_by=offer.must_be_regularised_by,
    )
    outbox.record(transaction, confirmed, subject=str(offer.offer), version=offer.version, council=event.council)


async def _give_back(transaction: Transaction, council: str, asked_by: UUID) -> None:
    """A bed was held for an offer that is no longer the choice (its referral was withdrawn meanwhile): let it go again.

    A hold heard a second time finds the offer confirmed, and nothing is done. Its agency was told when the offer ended, and
    is not told again: only ``providers`` must know.
    """
    offer = await offers.count_another_change(transaction, council, asked_by)
    if offer is not None:
        say_released(transaction, offer, ReleaseReason.NO_LONGER_CHOSEN)


async def on_vacancy_refused(transaction: Transaction, heard: Heard[contracts.VacancyRefused]) -> None:
    """The bed was gone: the council is told and keeps its other options."""
    event = heard.event
    council, owner = council_of(event.council)
    async with as_owner(transaction, owner):
        if event.held_for is contracts.HoldFor.IN_HOUSE_MATCH:
            await referrals.settle_in_house_match(transaction, council, event.referral, event.asked_by, held=False)
            return
        words = ("The council chose this offer, but the bed could not be had. Look at the vacancy: it may have been taken.",)
        await refuse_choice(transaction, council, event.referral, event.asked_by, event.reasons, words, clock.now())
