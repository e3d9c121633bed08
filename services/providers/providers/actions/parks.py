"""Parking a household after a decline, and taking it back before its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from providers.actions import households
from providers.actions.vacancies import tell_changed
from providers.actions.written import reasons
from providers.domain.household import shared_facts
from providers.domain.park import Park, ParkedAfter, ParkReason, available_again, park_faults
from providers.store import households as records
from providers.store import parked, vacancies
from shared import clock, ids
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction


async def park(transaction: Transaction, reference: str, reason: ParkReason, after: ParkedAfter, until: date | None, *, by: str) -> Park:
    """Park one of the asking provider's households: its open vacancies say from which day they are free, and why in one word.

    Refused: a day that has passed or lies beyond what the reason allows, and a second park while one runs.
    """
    await records.lock_records(transaction)
    recorded = await households.found(transaction, reference)
    today = clock.today()
    day = until or available_again(reason, today)
    running = (await parked.running(transaction, [recorded.id], today)).get(recorded.id)
    if faults := park_faults(reason, day, running, today):
        raise invalid(*reasons(faults))
    new = Park(ids.new_id(), recorded.id, reason, after, clock.now(), by, day)
    await parked.add(transaction, new)
    await _reword(transaction, recorded, new)
    return new


async def unpark(transaction: Transaction, reference: str) -> Park:
    """End a park before its day: the household is available at once. Refused when none runs."""
    await records.lock_records(transaction)
    recorded = await households.found(transaction, reference)
    now = clock.now()
    running = (await parked.running(transaction, [recorded.id], clock.today())).get(recorded.id)
    if running is None or not await parked.end(transaction, running, now):
        message = "This household is not parked. Nothing needs to be done."
        raise conflict(message, Reason("household", "parked", message))
    await _reword(transaction, recorded, None)
    return replace(running, ended_at=now)


async def _reword(transaction: Transaction, recorded: records.RecordedHousehold, park: Park | None) -> None:
    for vacancy in await vacancies.reword(transaction, recorded.id, shared_facts(recorded.household, park), at=clock.now()):
        tell_changed(transaction, vacancy)
