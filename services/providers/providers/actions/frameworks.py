"""Setting out a framework and its lots."""

from __future__ import annotations

from providers.actions.written import Expected, Written, reasons
from providers.domain.framework import Framework, date_faults
from providers.domain.lot import Lot, term_faults
from providers.domain.membership import establishing_faults
from providers.store import councils, lots
from shared import outbox
from shared.contracts.providers import LotRecorded, PriceBand
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction


async def record_framework(transaction: Transaction, framework: Framework, expected: Expected) -> Written[Framework]:
    """Set out a framework, or change its title and dates; changed dates are news of each of its lots.

    Refused when its dates are out of order, or when its first day would make a present member a late joiner.
    """
    await councils.lock_membership(transaction)
    recorded = await lots.framework(transaction, framework.code)
    expected(recorded.version if recorded else 0)
    if recorded and recorded.framework == framework:
        return Written(framework, recorded.version, created=False)
    if faults := date_faults(framework):
        raise invalid(*reasons(faults))
    if recorded is None or recorded.framework.established_on != framework.established_on:
        established = [framework.established_on, *await lots.established(transaction, besides=framework.code)]
        members = [each.council for each in await councils.listed(transaction)]
        if faults := establishing_faults(established, members=members):
            raise conflict(faults[0].message, *reasons(faults))
    version = await lots.save_framework(transaction, framework)
    for each in await lots.of_framework(transaction, framework.code):
        _tell(transaction, each.lot, framework, await lots.next_version(transaction, each.lot.code))
    return Written(framework, version, created=recorded is None)


async def record_lot(transaction: Transaction, lot: Lot, expected: Expected) -> Written[lots.RecordedLot]:
    """Set out a lot with its terms, or change them; a tender round under way keeps the terms it began with.

    Refused, every reason at once: weights that do not add up to 100, bands that overlap or leave a gap, an unknown formula …
    """
    framework = await lots.framework(transaction, lot.framework)
    if framework is None:
        raise not_found("framework")
    recorded = await lots.find(transaction, lot.code)
    expected(recorded.version if recorded else 0)
    if recorded and recorded.lot == lot:
        return Written(recorded, recorded.version, created=False)
    if recorded and recorded.lot.framework != lot.framework:
        message = "Another framework has a lot under this code, and a lot's code is the same in every service. Choose another code."
        raise conflict(message, Reason("lot", "code_taken", message))
    if faults := term_faults(lot.terms):
        raise invalid(*reasons(faults))
    version = await lots.save(transaction, lot)
    _tell(transaction, lot, framework.framework, version)
    listed = recorded.listed_agencies if recorded else 0
    return Written(lots.RecordedLot(lot, version, listed), version, created=recorded is None)


def _tell(transaction: Transaction, lot: Lot, framework: Framework, version: int) -> None:
    bands = tuple(PriceBand(code=band.code, from_age=band.from_age, to_age=band.to_age) for band in lot.terms.price_bands)
    event = LotRecorded(
        framework=lot.framework,
        lot=lot.code,
        title=lot.title,
        kinds=lot.kinds,
        price_bands=bands,
        starts_on=framework.starts_on,
        ends_on=framework.ends_on,
        accepted_ratings=lot.terms.gate.accepted_ratings,
        accepts_not_yet_inspected=lot.terms.gate.accepts_not_yet_inspected,
        below_gate=lot.terms.gate.below_gate,
    )
    outbox.record(transaction, event, subject=lot.code, version=version, council=None)
