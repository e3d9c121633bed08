"""What providers ask of the referrals sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from matching.actions.refusing import not_now
from matching.domain.notice import News, NoticeType
from matching.domain.offer import SIDE_OF, DeclineReason, Offer, faults_of_moment
from matching.domain.opportunity import Opportunity
from matching.store import amendments, notices, offers, opportunities
from matching.store.amendments import KeptChange
from shared import clock, outbox
from shared.contracts import matching as contracts
from shared.refusals import Reason, conflict, not_found
from shared.tenancy import Transaction


async def open_ones(transaction: Transaction, provider: str, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[Opportunity]:
    """The referrals this provider may answer now, the first to close first."""
    return await opportunities.open_ones(transaction, provider, clock.now(), after, limit)


async def one(transaction: Transaction, provider: str, referral: UUID) -> tuple[Opportunity, Sequence[Offer]]:
    """One referral sent to this provider, open or not, with the offers it has standing on it."""
    found = await sent_to(transaction, provider, referral)
    return found, await offers.live_of_provider(transaction, provider, referral)


async def changes(transaction: Transaction, provider: str, referral: UUID) -> Sequence[KeptChange]:
    """What the council changed in a referral after it was sent to this provider, the last first."""
    await sent_to(transaction, provider, referral)
    return await amendments.told_to(transaction, provider, referral)


async def sent_to(transaction: Transaction, provider: str, referral: UUID) -> Opportunity:
    """A referral as it was sent to this provider; refused when it was not."""
    found = await opportunities.one(transaction, provider, referral)
    if found is None:
        raise not_found("referral")
    return found


async def decline(transaction: Transaction, provider: str, referral: UUID, reason: DeclineReason) -> Opportunity:
    """Say no to a referral, with a coded reason. Refused once it is closed, twice, or while an offer stands on it."""
    await opportunities.answer_in_turn(transaction, referral, provider)
    opportunity = await sent_to(transaction, provider, referral)
    now = clock.now()
    if faults := faults_of_moment(opportunity.state, opportunity.closes_at, now):
        raise not_now(faults)
    if await offers.live_of_provider(transaction, provider, referral):
        message = "You have an offer standing on this referral. Withdraw it first if you can no longer offer."
        raise conflict(message, Reason("referral", "no_offer_standing", message))
    side = SIDE_OF[reason]
    version = await opportunities.decline(transaction, opportunity, reason, side, now)
    if version is None:
        message = "You have declined this referral already. Nothing more is needed."
        raise conflict(message, Reason("referral", "declined_once", message))
    council = opportunity.council.removeprefix("council:")
    event = contracts.OpportunityDeclined(referral=referral, council=council, provider=provider, reason=reason, side=side, declined_at=now)
    outbox.record(transaction, event, subject=f"{referral}/{provider}", version=version, council=council)
    told = News(opportunity.council, NoticeType.OPPORTUNITY_DECLINED, council=council, referral=referral, reference=opportunity.reference)
    await notices.tell(transaction, now, told)
    return await sent_to(transaction, provider, referral)
