"""Counted rows put where a recount would put them, for tests that need figures and not how they were counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitoring.actions.recounting import KEPT
from monitoring.domain.counted import Counted
from monitoring.domain.definition import Reader
from monitoring.store import counting, due
from shared import clock, tenancy
from shared.organisation import CONSORTIUM
from tests.running.services import RunningService

Row = tuple[str, date, Counted]


async def kept(service: RunningService, rows: Sequence[Row]) -> None:
    """In place of these months' rows keep these, for the consortium and each council and agency they are about; all is counted."""
    months = sorted({month for _, month, _ in rows})
    seen = {reader: [each.name for each in KEPT if reader in each.seen_by] for reader in (Reader.COUNCIL, Reader.AGENCY)}
    async with tenancy.transaction(service.databases, CONSORTIUM) as transaction:
        await counting.write(transaction, months, rows)
        await counting.copy(transaction, months, for_councils=seen[Reader.COUNCIL], for_agencies=seen[Reader.AGENCY])
        await due.done(transaction, (), through=clock.today())
