"""What other services' news makes matching do, one function each.

An event comes in the name of whoever made it true. Where the row it changes is another's (a vacancy's row is its provider's, a
referral's and its offers' the council's), the handler acts as that owner: the services trust each other's events, and row
security keeps every other row out of reach meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from matching.domain.decision import Outcome
from matching.domain.offer import Offer, OfferState
from matching.domain.opportunity import OpportunityState
from matching.domain.referral import ReferralState
from matching.domain.release import WORDS, ReleaseReason
from matching.store import decisions, offers, opportunities, referrals, register, vacancies
from matching.store.offers import Ending
from shared import clock, logs, outbox
from shared.contracts import matching as says
from shared.contracts import providers as from_providers
from shared.contracts import referrals as from_referrals
from shared.contracts.words import WhoseSide
from shared.delivery import Heard, Hears
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Transaction

_log = logs.logger("matching.handlers")


@asynccontextmanager
async def _as_owner(transaction: Transaction, owner: Organisation) -> AsyncIterator[None]:
    """Under the rights of the row's owner; nothing is sent when that is whose event it is."""
    if transaction.organisation == owner:
        yield
    else:
        async with transaction.acting_as(owner):
            yield


def _council(code: str) -> tuple[str, Organisation]:
    owner = Organisation.council(code)
    return str(owner), owner


# --- the consortium's register: its copies are the consortium's, whoever spoke ---


async def on_council_recorded(transaction: Transaction, heard: Heard[from_providers.CouncilRecorded]) -> None:
    """Keep the council's name."""
    async with _as_owner(transaction, CONSORTIUM):
        await register.put_organisation(transaction, f"council:{heard.event.council}", heard.event.name, heard.envelope.version)


async def on_agency_recorded(transaction: Transaction, heard: Heard[from_providers.AgencyRecorded]) -> None:
    """Keep the agency's name."""
    async with _as_owner(transaction, CONSORTIUM):
        await register.put_organisation(transaction, f"agency:{heard.event.agency}", heard.event.name, heard.envelope.version)


async def on_lot_recorded(transaction: Transaction, heard: Heard[from_providers.LotRecorded]) -> None:
    """Keep the lot."""
    async with _as_owner(transaction, CONSORTIUM):
        await register.put_lot(transaction, heard.event, heard.envelope.version)


async def on_tiers_published(transaction: Transaction, heard: Heard[from_providers.TiersPublished]) -> None:
    """Keep the lot's published list in place of the one before.

    A referral reaches the list as it stood at its broadcast (docs/decisions/0501-who-a-broadcast-reaches.md). So only
    referrals broadcast *after* this list was published, but heard before it, are sent to its providers now.
    """
    event = heard.event
    lines = [(f"agency:{line.agency}", line.rank, line.tier) for line in event.lines]
    async with _as_owner(transaction, CONSORTIUM):
        if not await register.replace_list(transaction, event.lot, event.round, event.published_at, lines, heard.envelope.version):
            return
        councils = await register.councils(transaction)
    for council in councils:
        async with _as_owner(transaction, Organisation.parse(council)):
            await opportunities.broadcast_before_list(transaction, council, event.lot, event.published_at)


async def on_council_settings_changed(transaction: Transaction, heard: Heard[from_referrals.CouncilSettingsChanged]) -> None:
    """Keep the council's weights."""
    council, owner = _council(heard.event.council)
    async with _as_owner(transaction, owner):
        await referrals.put_weights(transaction, council, heard.event, heard.envelope.version)


# --- vacancies ---


async def on_vacancy_opened(
    transaction: Transaction, heard: Heard[from_providers.VacancyOpened] | Heard[from_providers.VacancyChanged]
) -> None:
    """Keep the vacancy as published."""
    facts = heard.event.facts
    async with _as_owner(transaction, Organisation.parse(facts.provider)):
        await vacancies.put_facts(transaction, facts, heard.envelope.version)


async def on_vacancy_closed(transaction: Transaction, heard: Heard[from_providers.VacancyClosed]) -> None:
    """The vacancy is no longer a candidate; offers of it stay, and say that it is closed."""
    async with _as_owner(transaction, Organisation.parse(heard.event.provider)):
        await vacancies.close(transaction, heard.event.provider, heard.event.vacancy, heard.envelope.version)


async def on_beds_changed(
    transaction: Transaction,
    heard: Heard[from_providers.VacancyFilled] | Heard[from_providers.VacancyFreed] | Heard[from_providers.VacancyHeld],
) -> None:
    """Keep how many beds are free."""
    event = heard.event
    async with _as_owner(transaction, Organisation.parse(event.provider)):
        await vacancies.set_free_beds(transaction, event.provider, event.vacancy, event.free_beds, heard.envelope.version)


async def on_vacancy_held(transaction: Transaction, heard: Heard[from_providers.VacancyHeld]) -> None:
    """The bed was taken. For a chosen offer: it is confirmed, and every other is released with its reason."""
    event = heard.event
    await on_beds_changed(transaction, heard)
    council, owner = _council(event.council)
    async with _as_owner(transaction, owner):
        if event.held_for is from_providers.HoldFor.IN_HOUSE_MATCH:
            await referrals.settle_in_house_match(transaction, council, event.referral, event.asked_by, held=True)
            return
        decision = await referrals.settle_choice(transaction, council, event.referral, event.asked_by, held=True)
        if decision is None:
            await _give_back(transaction, council, event.asked_by)
        else:
            await _confirm(transaction, council, decision, event)


async def _confirm(transaction: Transaction, council: str, decision: UUID, event: from_providers.VacancyHeld) -> None:
    now = clock.now()
    live = await offers.live_of_referral(transaction, council, event.referral)
    told = await decisions.told_if_not_chosen(transaction, council, decision)
    endings = [Ending(offer.offer, OfferState.CONFIRMED) if offer.offer == event.asked_by else _release_of(offer, told) for offer in live]
    changed = await offers.settle(transaction, council, endings, now)
    await decisions.keep_outcome(transaction, council, decision, Outcome.CONFIRMED, (), now)
    for offer in changed:
        if offer.state is OfferState.CONFIRMED:
            _say_confirmed(transaction, offer, decision, event, now)
        else:
            _say_released(transaction, offer)


def _release_of(offer: Offer, told: dict[UUID, tuple[str, tuple[str, ...]]]) -> Ending:
    """What its provider is told: settled when the decision was made, or that the offer came after it."""
    reason, words = told.get(offer.offer, (ReleaseReason.PLACED_ELSEWHERE, WORDS[ReleaseReason.PLACED_ELSEWHERE]))
    return Ending(offer.offer, OfferState.RELEASED, reason, WhoseSide.COUNCIL, words)


def _say_confirmed(transaction: Transaction, offer: Offer, decision: UUID, event: from_providers.VacancyHeld, now: datetime) -> None:
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
    )
    outbox.record(transaction, confirmed, subject=str(offer.offer), version=offer.version, council=event.council)


def _say_released(transaction: Transaction, offer: Offer, reason: str | None = None) -> None:
    council = offer.council.removeprefix("council:")
    released = says.OfferReleased(
        offer=offer.offer, referral=offer.referral, council=council, provider=offer.provider, reason=reason or offer.reason or ""
    )
    outbox.record(transaction, released, subject=str(offer.offer), version=offer.version, council=council)


async def _give_back(transaction: Transaction, council: str, asked_by: UUID) -> None:
    """A bed was held for an offer that is no longer the choice (its referral was withdrawn meanwhile): let it go again.

    A hold heard a second time finds the offer confirmed, and nothing is done.
    """
    offer = await offers.count_another_change(transaction, council, asked_by)
    if offer is not None:
        _say_released(transaction, offer, ReleaseReason.NO_LONGER_CHOSEN)


async def on_vacancy_refused(transaction: Transaction, heard: Heard[from_providers.VacancyRefused]) -> None:
    """The bed was gone: the council is told and keeps its other options."""
    event = heard.event
    council, owner = _council(event.council)
    async with _as_owner(transaction, owner):
        if event.held_for is from_providers.HoldFor.IN_HOUSE_MATCH:
            await referrals.settle_in_house_match(transaction, council, event.referral, event.asked_by, held=False)
            return
        decision = await referrals.settle_choice(transaction, council, event.referral, event.asked_by, held=False)
        if decision is None:
            return
        now = clock.now()
        words = ("The council chose this offer, but the bed could not be had. Look at the vacancy: it may have been taken.",)
        ending = Ending(event.asked_by, OfferState.REFUSED, ",".join(event.reasons), WhoseSide.PROVIDER, words)
        changed = await offers.settle(transaction, council, [ending], now)
        await decisions.keep_outcome(transaction, council, decision, Outcome.REFUSED, event.reasons, now)
        for offer in changed:
            refused = says.OfferRefused(
                offer=offer.offer, referral=offer.referral, council=event.council, provider=offer.provider, reasons=event.reasons
            )
            outbox.record(transaction, refused, subject=str(offer.offer), version=offer.version, council=event.council)


# --- referrals ---


async def on_referral_sent_in_house(transaction: Transaction, heard: Heard[from_referrals.ReferralSentInHouse]) -> None:
    """The council looks at its own carers first."""
    view, at = heard.event.view, heard.envelope.time
    council, owner = _council(view.council)
    async with _as_owner(transaction, owner):
        await referrals.put_stage(transaction, council, view, ReferralState.IN_HOUSE, heard.envelope.version, heard_at=at)


async def on_referral_broadcast(transaction: Transaction, heard: Heard[from_referrals.ReferralBroadcast]) -> None:
    """Every provider on the lot's list may answer, all tiers from the same moment."""
    version, at = heard.envelope.version, heard.envelope.time
    council, owner = _council(heard.event.view.council)
    async with _as_owner(transaction, owner):
        await register.hold_list_still(transaction, heard.event.view.lot)
        view = await referrals.put_stage(transaction, council, heard.event.view, ReferralState.OPEN, version, heard_at=at, broadcast_at=at)
        if view is not None:
            reached = await opportunities.broadcast(transaction, council, view, at, version)
            if reached == 0:
                _log.warning("broadcast reached nobody: no list is published for its lot", referral=str(view.referral))


async def on_referral_amended(transaction: Transaction, heard: Heard[from_referrals.ReferralAmended]) -> None:
    """What providers see is replaced; offers stay and are judged anew when they are next looked at."""
    view, version = heard.event.view, heard.envelope.version
    council, owner = _council(view.council)
    async with _as_owner(transaction, owner):
        if await referrals.put_view(transaction, council, view, version, heard_at=heard.envelope.time):
            await opportunities.amend(transaction, council, view, version)


async def on_referral_withdrawn(transaction: Transaction, heard: Heard[from_referrals.ReferralWithdrawn]) -> None:
    """Nobody may answer any more; every offer is released, one whose bed is being asked for too (the hold is then given back)."""
    event, now = heard.event, clock.now()
    council, owner = _council(event.council)
    async with _as_owner(transaction, owner):
        await opportunities.stop_answers(transaction, event.referral)
        news, decision = await referrals.put_withdrawn(
            transaction, council, event.referral, heard.envelope.version, heard_at=heard.envelope.time
        )
        if not news:
            return
        if decision is not None:
            await decisions.keep_outcome(transaction, council, decision, Outcome.REFUSED, (ReleaseReason.REFERRAL_WITHDRAWN,), now)
        await opportunities.close(transaction, council, event.referral, OpportunityState.WITHDRAWN)
        live = await offers.live_of_referral(transaction, council, event.referral)
        await _release(transaction, council, live, ReleaseReason.REFERRAL_WITHDRAWN, now)


async def on_in_house_match_taken(transaction: Transaction, heard: Heard[from_referrals.InHouseMatchTaken]) -> None:
    """The council took one of its own carers; the bed is being asked for."""
    event = heard.event
    council, owner = _council(event.council)
    async with _as_owner(transaction, owner):
        await referrals.put_in_house_match(transaction, council, event.referral, event.match, heard.envelope.version)


async def on_placement_agreed(transaction: Transaction, heard: Heard[from_referrals.PlacementAgreed]) -> None:
    """A home is agreed: nobody may answer any more, and offers that came in since the choice are released."""
    event, now = heard.event, clock.now()
    council, owner = _council(event.council)
    async with _as_owner(transaction, owner):
        await opportunities.stop_answers(transaction, event.referral)
        if not await referrals.put_placed(transaction, council, event.referral):
            return
        await opportunities.close(transaction, council, event.referral, OpportunityState.PLACED)
        live = await offers.live_of_referral(transaction, council, event.referral)
        await _release(transaction, council, [one for one in live if one.offer != event.offer], ReleaseReason.PLACED_ELSEWHERE, now)


async def _release(transaction: Transaction, council: str, live: list[Offer], reason: ReleaseReason, now: datetime) -> None:
    endings = [Ending(offer.offer, OfferState.RELEASED, reason, WhoseSide.COUNCIL, WORDS[reason]) for offer in live]
    for offer in await offers.settle(transaction, council, endings, now):
        _say_released(transaction, offer)


HEARS: Hears = {
    from_providers.CouncilRecorded: on_council_recorded,
    from_providers.AgencyRecorded: on_agency_recorded,
    from_providers.LotRecorded: on_lot_recorded,
    from_providers.TiersPublished: on_tiers_published,
    from_providers.VacancyOpened: on_vacancy_opened,
    from_providers.VacancyChanged: on_vacancy_opened,
    from_providers.VacancyClosed: on_vacancy_closed,
    from_providers.VacancyHeld: on_vacancy_held,
    from_providers.VacancyRefused: on_vacancy_refused,
    from_providers.VacancyFilled: on_beds_changed,
    from_providers.VacancyFreed: on_beds_changed,
    from_referrals.ReferralSentInHouse: on_referral_sent_in_house,
    from_referrals.ReferralBroadcast: on_referral_broadcast,
    from_referrals.ReferralAmended: on_referral_amended,
    from_referrals.ReferralWithdrawn: on_referral_withdrawn,
    from_referrals.InHouseMatchTaken: on_in_house_match_taken,
    from_referrals.PlacementAgreed: on_placement_agreed,
    from_referrals.CouncilSettingsChanged: on_council_settings_changed,
}
"""Everything matching listens to."""
