"""What news and time do to short holds: those without a bed left end, those past their moment are noted as ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from matching.domain.home_hold import HoldEnd, not_covered
from matching.handlers.owners import as_owner
from matching.store import home_holds, vacancies
from shared import clock
from shared.organisation import Organisation
from shared.tenancy import Transaction


async def end_what_has_no_bed(transaction: Transaction, vacancy: UUID) -> None:
    """End the live holds for which the home has no beds left, those taken last first; its provider or an earlier choice took them."""
    now = clock.now()
    found = (await home_holds.of_homes(transaction, [vacancy], now)).get(vacancy, [])
    if not any(hold.is_live(now) for hold in found):
        return
    await home_holds.in_turn(transaction, vacancy)
    now = clock.now()
    found = (await home_holds.of_homes(transaction, [vacancy], now)).get(vacancy, [])
    home = (await vacancies.homes(transaction, [vacancy])).get(vacancy)
    left = home.free_beds if home is not None and home.is_open else 0
    for hold in not_covered(found, left, now):
        async with as_owner(transaction, Organisation.parse(hold.council)):  # the hold is its council's row, whoever's news this is
            await home_holds.end(transaction, hold, HoldEnd.BED_GONE, now)


async def end_expired(transaction: Transaction, council: str, now: datetime, limit: int) -> int:
    """Note that a council's holds past their moment have ended, at that moment; how many. They blocked nobody since."""
    ended = 0
    for hold in await home_holds.expired(transaction, council, now, limit):
        ended += await home_holds.end(transaction, hold, HoldEnd.EXPIRED, hold.expires_at) is not None
    return ended
