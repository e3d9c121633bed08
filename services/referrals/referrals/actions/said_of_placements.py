"""What the bus is told of notice and of what happens in placements: a side and days, counts by month; never a reason, never of whom."""

from __future__ import annotations

from referrals.domain.agreement import Notice
from referrals.domain.placement import Placement
from referrals.domain.placement_events import PlacementEvent
from referrals.store import stability as store
from shared import outbox
from shared.contracts.referrals import CountedEventKind, PlacementEventsCounted, PlacementNoticeGiven, PlacementNoticeWithdrawn, Side
from shared.organisation import Organisation
from shared.tenancy import Transaction


async def notice_given(transaction: Transaction, placement: Placement, notice: Notice) -> None:
    """Say that one side gave notice, and until when the agreement lasts."""
    council = Organisation.parse(placement.council)
    event = PlacementNoticeGiven(
        notice=notice.id,
        placement=placement.id,
        referral=placement.referral,
        council=council.code,
        provider=placement.provider,
        by=Side.COUNCIL if notice.author == placement.council else Side.PROVIDER,
        notice_on=notice.given_on,
        ends_on=notice.ends_on,
    )
    async with transaction.acting_as(council):
        outbox.record(transaction, event, subject=str(notice.id), version=1, council=council.code)


async def notice_withdrawn(transaction: Transaction, placement: Placement, notice: Notice) -> None:
    """Say that the side that gave notice took it back."""
    council = Organisation.parse(placement.council)
    event = PlacementNoticeWithdrawn(notice=notice.id, placement=placement.id, council=council.code, provider=placement.provider)
    async with transaction.acting_as(council):
        outbox.record(transaction, event, subject=str(notice.id), version=2, council=council.code)


async def event_counted(transaction: Transaction, placement: Placement, event: PlacementEvent) -> None:
    """Say how many events of this kind the council's records now hold of this provider and month; call it after writing ``event``."""
    council, month = Organisation.parse(placement.council), event.happened_on.replace(day=1)
    async with transaction.acting_as(council):
        counted = await store.count_events(transaction, provider=placement.provider, kind=event.kind, month=month)
        outbox.record(
            transaction,
            PlacementEventsCounted(
                council=council.code,
                provider=placement.provider,
                month=month,
                kind=CountedEventKind(event.kind),
                count=counted.count,
                shared_count=counted.shared,
            ),
            subject=f"{council.code}/{placement.provider}/{month.isoformat()}/{event.kind}",
            version=counted.changes,
            council=council.code,
        )
