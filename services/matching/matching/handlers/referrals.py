"""Referrals: sent in-house, broadcast, amended, withdrawn, placed."""

from __future__ import annotations

from matching.domain.decision import Outcome
from matching.domain.notice import NoticeType
from matching.domain.opportunity import OpportunityState
from matching.domain.referral import ReferralState
from matching.domain.release import ReleaseReason
from matching.handlers import lookalikes
from matching.handlers.amendments import tell_and_ask
from matching.handlers.owners import as_owner, council_of
from matching.handlers.placements import tell_of_placement
from matching.handlers.releases import release
from matching.store import amendments, decisions, offers, opportunities, referrals, register
from shared import clock, logs
from shared.contracts.referrals import (
    InHouseMatchTaken,
    PlacementAgreed,
    ReferralAmended,
    ReferralBroadcast,
    ReferralSentInHouse,
    ReferralWithdrawn,
)
from shared.delivery import Heard
from shared.tenancy import Transaction

_log = logs.logger("matching.handlers")


async def on_referral_sent_in_house(transaction: Transaction, heard: Heard[ReferralSentInHouse]) -> None:
    """The council looks at its own carers first."""
    view, at = heard.event.view, heard.envelope.time
    council, owner = council_of(view.council)
    async with as_owner(transaction, owner):
        await referrals.put_stage(transaction, council, view, ReferralState.IN_HOUSE, heard.envelope.version, heard_at=at)


async def on_referral_broadcast(transaction: Transaction, heard: Heard[ReferralBroadcast]) -> None:
    """Every provider on the lot's list may answer, all tiers from the same moment."""
    version, at = heard.envelope.version, heard.envelope.time
    council, owner = council_of(heard.event.view.council)
    async with as_owner(transaction, owner):
        await register.hold_list_still(transaction, heard.event.view.lot)
        view = await referrals.put_stage(transaction, council, heard.event.view, ReferralState.OPEN, version, heard_at=at, broadcast_at=at)
        if view is not None:
            reached = await opportunities.broadcast(transaction, council, view, at, version, clock.today())
            if reached == 0:
                _log.warning("broadcast reached nobody: no list is published for its lot", referral=str(view.referral))
            await lookalikes.look(transaction, council, view, at)


async def on_referral_amended(transaction: Transaction, heard: Heard[ReferralAmended]) -> None:
    """What providers see is replaced and they are told what changed; offers that no longer fit are asked about again."""
    view, version = heard.event.view, heard.envelope.version
    council, owner = council_of(view.council)
    async with as_owner(transaction, owner):
        before = await amendments.view_before(transaction, council, view.referral)
        if await referrals.put_view(transaction, council, view, version, heard_at=heard.envelope.time):
            words_too = "words" in heard.event.changed
            await tell_and_ask(transaction, council, before, view, version, heard.envelope.time, words_too=words_too)
            await lookalikes.look(transaction, council, view, heard.envelope.time, amended=True)


async def on_referral_withdrawn(transaction: Transaction, heard: Heard[ReferralWithdrawn]) -> None:
    """Nobody may answer any more; every offer is released, one whose bed is being asked for too (the hold is then given back)."""
    event, now = heard.event, clock.now()
    council, owner = council_of(event.council)
    async with as_owner(transaction, owner):
        await opportunities.stop_answers(transaction, event.referral)
        news, decision = await referrals.put_withdrawn(
            transaction, council, event.referral, heard.envelope.version, heard_at=heard.envelope.time
        )
        if not news:
            return
        if decision is not None:
            await decisions.keep_outcome(transaction, council, decision, Outcome.REFUSED, (ReleaseReason.REFERRAL_WITHDRAWN,), now)
        await opportunities.close(transaction, council, event.referral, OpportunityState.WITHDRAWN, now)
        live = await offers.live_of_referral(transaction, council, event.referral)
        await release(transaction, council, live, ReleaseReason.REFERRAL_WITHDRAWN, now)
        await lookalikes.stop(transaction, council, event.referral, now)


async def on_in_house_match_taken(transaction: Transaction, heard: Heard[InHouseMatchTaken]) -> None:
    """The council took one of its own carers; the bed is being asked for."""
    event = heard.event
    council, owner = council_of(event.council)
    async with as_owner(transaction, owner):
        await referrals.put_in_house_match(transaction, council, event.referral, event.match, heard.envelope.version, clock.now())


async def on_placement_agreed(transaction: Transaction, heard: Heard[PlacementAgreed]) -> None:
    """A home is agreed: nobody may answer any more, and offers that came in since the choice are released."""
    event, now = heard.event, clock.now()
    council, owner = council_of(event.council)
    async with as_owner(transaction, owner):
        await tell_of_placement(transaction, NoticeType.PLACEMENT_AGREED, event, event.agreed_at)
        await opportunities.stop_answers(transaction, event.referral)
        if not await referrals.put_placed(transaction, council, event.referral):
            return
        await opportunities.close(transaction, council, event.referral, OpportunityState.PLACED, now)
        live = await offers.live_of_referral(transaction, council, event.referral)
        await release(transaction, council, [one for one in live if one.offer != event.offer], ReleaseReason.PLACED_ELSEWHERE, now)
        await lookalikes.stop(transaction, council, event.referral, now)
