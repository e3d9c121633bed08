"""Keeping Ofsted's register: our agencies, and the other places that councils' children live in."""

from __future__ import annotations

from dataclasses import replace

from providers.actions.written import Expected, Written, reasons
from providers.domain.register import Entry, entry_faults, whole_register
from providers.store import agencies, register
from shared import clock, postcodes
from shared.refusals import Reason, invalid
from shared.tenancy import Transaction


async def record(transaction: Transaction, entry: Entry, expected: Expected) -> Written[Entry]:
    """Record a place of the register by its Ofsted number, or put its record right; refused with every rule it breaks."""
    recorded = await register.find(transaction, entry.urn)
    expected(recorded.version if recorded else 0)
    agency = await agencies.find(transaction, entry.urn)
    broken = list(reasons(entry_faults(entry, agency.agency if agency else None, today=clock.today())))
    if entry.postcode is not None:
        parsed = postcodes.parse(entry.postcode)
        if parsed is None or not postcodes.district_exists(parsed.district):
            broken.append(Reason("postcode", "postcode_impossible", "This postcode does not exist. Write it as on a letter: SO14 7LY."))
        else:
            entry = replace(entry, postcode=parsed.text)
    if broken:
        raise invalid(*broken)
    if recorded and recorded.entry == entry:
        return Written(entry, recorded.version, created=False)
    return Written(entry, await register.save(transaction, entry), created=recorded is None)


async def everything(transaction: Transaction) -> tuple[Entry, ...]:
    """The whole register: every agency registered here and every other place."""
    ours = [each.agency for each in await agencies.listed(transaction)]
    return whole_register(ours, [each.entry for each in await register.listed(transaction)])
