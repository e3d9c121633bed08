"""Single pieces of news, for tests that need only one placement."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from shared import clock, ids
from shared.contracts.referrals import PlacementAgreed, PlacementStarted, ReferralCreated
from shared.contracts.words import PlacementKind, Urgency
from tests.running.services import RunningService


async def a_referral(service: RunningService, council: str, *, again: UUID | None = None) -> UUID:
    """A council began to look for a home, just now."""
    referral = ids.new_id()
    event = ReferralCreated(
        referral=referral,
        council=council,
        lot="general",
        urgency=Urgency.PLANNED,
        kind=PlacementKind.SHORT_TERM,
        planned=True,
        ages=(7,),
        needed_by=clock.today(),
        re_referral_of=again,
    )
    await service.deliver(event, subject=str(referral), organisation=f"council:{council}", council=council)
    return referral


async def a_placement(
    service: RunningService,
    council: str,
    provider: str,
    *,
    days_ago: int = 14,
    pounds: str = "700.00",
    tier: int | None = 1,
    referral: UUID | None = None,
) -> UUID:
    """Agreed, and started so many days ago: as many nights are slept."""
    placement, started_on = ids.new_id(), clock.today() - timedelta(days=days_ago)
    common = {"placement": placement, "referral": referral or ids.new_id(), "council": council, "provider": provider}
    common |= {"vacancy": ids.new_id(), "hold": ids.new_id()}
    agreed = PlacementAgreed(
        **common,
        offer=None,
        lot="general",
        kind=PlacementKind.SHORT_TERM,
        children=1,
        ages=(7,),
        tier=tier,
        pounds_per_week=Decimal(pounds),
        starts_on=started_on,
        within_20_miles="yes",
        agreed_at=clock.now(),
    )
    started = PlacementStarted(**common, started_on=started_on, numbers_in_year=(1,))
    organisation = f"council:{council}"
    await service.deliver(started, subject=str(placement), version=2, organisation=organisation, council=council)
    await service.deliver(agreed, subject=str(placement), version=1, organisation=organisation, council=council)
    return placement


def baseline(pounds: str = "750.00", band: str = "5-10", lot: str = "general", day: date = date(2012, 4, 1)) -> dict[str, str]:
    """One price of a council's list."""
    return {"lot": lot, "band": band, "from_date": day.isoformat(), "pounds_per_week": pounds}
