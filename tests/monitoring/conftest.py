"""The service with a small consortium that it has heard of."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared import ids
from shared.contracts.providers import AgencyRecorded, CouncilRecorded
from shared.contracts.words import OfstedRating, Sector
from tests.monitoring.histories import known
from tests.running.services import RunningService

SOUTHAMPTON, SLOUGH = "E06000045", "E06000039"
OAK, ASH = "SC012345", "SC054321"


@pytest.fixture
async def monitoring(running: Any) -> RunningService:
    """Knows two lots, two councils and two agencies, and nothing that happened."""
    service: RunningService = await running("monitoring")
    for told in known():
        await told.reach(service)
    for code, name in ((SOUTHAMPTON, "Southampton City"), (SLOUGH, "Slough Borough")):
        event = CouncilRecorded(council=code, name=name, joined_on=date(2012, 4, 1))
        await service.deliver(event, subject=code, organisation="consortium")
    for urn, title in ((OAK, "Oak Fostering (fictional)"), (ASH, "Ash Fostering (fictional)")):
        recorded = AgencyRecorded(agency=urn, name=title, rating=OfstedRating.GOOD, inspected_on=None, sector=Sector.PRIVATE)
        await service.deliver(recorded, subject=urn, organisation="consortium", id=ids.new_id())
    return service
