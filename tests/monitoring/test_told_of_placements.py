"""Notice, monthly counts and stability 2 become facts: each for its readers, the latest whatever the order."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

from sqlalchemy import text

from shared import clock, ids, tenancy
from shared.contracts.referrals import (
    CouncilStabilityCounted,
    CountedEventKind,
    PlacementEventsCounted,
    PlacementNoticeGiven,
    PlacementNoticeWithdrawn,
    Side,
)
from shared.organisation import Organisation
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.running.services import RunningService

OWN, AGENCY = f"council:{SOUTHAMPTON}", f"agency:{OAK}"


async def rows(service: RunningService, reader: str, query: str) -> list[Any]:
    async with tenancy.transaction(service.databases, Organisation.parse(reader)) as transaction:
        return [tuple(row) for row in await transaction.execute(text(query))]


async def test_of_what_a_council_keeps_to_itself_its_agency_is_not_even_told_the_number(monitoring: RunningService) -> None:
    event = PlacementEventsCounted(
        council=SOUTHAMPTON, provider=AGENCY, month=date(2026, 5, 1), kind=CountedEventKind.ALLEGATION, count=3, shared_count=1
    )
    await monitoring.deliver(event, subject="s", version=4, organisation=OWN, council=SOUTHAMPTON)
    seen = {
        reader: await rows(monitoring, reader, "SELECT events FROM placement_event_counts")
        for reader in (OWN, AGENCY, "consortium", f"council:{SLOUGH}", f"agency:{ASH}")
    }
    assert list(seen.values()) == [[(3,)], [(1,)], [(3,)], [], []]


async def test_of_a_councils_own_carers_the_council_is_told_every_event(monitoring: RunningService) -> None:
    event = PlacementEventsCounted(
        council=SOUTHAMPTON, provider=OWN, month=date(2026, 5, 1), kind=CountedEventKind.ALLEGATION, count=2, shared_count=0
    )
    await monitoring.deliver(event, subject="s", version=1, organisation=OWN, council=SOUTHAMPTON)
    assert await rows(monitoring, OWN, "SELECT events FROM placement_event_counts") == [(2,)]


async def test_the_latest_count_stands_in_whatever_order_counts_come(monitoring: RunningService) -> None:
    for month, order in enumerate(permutations((1, 2, 3)), start=1):
        for version in order:
            complaints = PlacementEventsCounted(
                council=SOUTHAMPTON,
                provider=AGENCY,
                month=date(2026, month, 1),
                kind=CountedEventKind.COMPLAINT,
                count=10 * version,
                shared_count=10 * version,
            )
            await monitoring.deliver(complaints, subject=f"m{month}", version=version, organisation=OWN, council=SOUTHAMPTON)
            stability = CouncilStabilityCounted(
                council=SOUTHAMPTON, as_of=date(2026, month, 1), looked_after_long=40, same_placement=20 + version
            )
            await monitoring.deliver(stability, subject=f"d{month}", version=version, organisation=OWN, council=SOUTHAMPTON)
    for reader in (OWN, "consortium"):
        assert await rows(monitoring, reader, "SELECT DISTINCT events FROM placement_event_counts") == [(30,)]
        assert await rows(monitoring, reader, "SELECT DISTINCT same_placement FROM stability_counts") == [(23,)]
    assert await rows(monitoring, AGENCY, "SELECT * FROM stability_counts") == []


async def test_notice_taken_back_before_it_was_heard_of_is_still_taken_back(monitoring: RunningService) -> None:
    notice, placement, today = ids.new_id(), ids.new_id(), clock.today()
    common: dict[str, Any] = {"notice": notice, "placement": placement, "council": SOUTHAMPTON, "provider": AGENCY}
    withdrawn = PlacementNoticeWithdrawn(**common)
    given = PlacementNoticeGiven(**common, referral=ids.new_id(), by=Side.PROVIDER, notice_on=today, ends_on=today)
    await monitoring.deliver(withdrawn, subject=str(notice), version=2, organisation=OWN, council=SOUTHAMPTON)
    await monitoring.deliver(given, subject=str(notice), version=1, organisation=OWN, council=SOUTHAMPTON)
    for reader in (OWN, AGENCY, "consortium"):
        found = await rows(monitoring, reader, "SELECT given_by, given_on, withdrawn_at IS NOT NULL FROM notices")
        assert found == [("provider", today, True)]
