"""Recording councils and agencies."""

from __future__ import annotations

from providers.actions.suspensions import as_recorded
from providers.actions.written import Expected, Written, reasons
from providers.domain.agency import Agency, record_faults
from providers.domain.membership import Council, joining_faults, lead_role_faults
from providers.store import agencies, councils, lots
from shared import clock, outbox
from shared.contracts.providers import CouncilRecorded
from shared.refusals import conflict, invalid
from shared.tenancy import Transaction


async def record_council(transaction: Transaction, council: Council, expected: Expected) -> Written[Council]:
    """Record a council of the consortium, or put its record right.

    Refused, every reason at once: while the consortium is closed to further councils (the refusal names the day it opens),
    and when a lead role is held by another council.
    """
    await councils.lock_membership(transaction)
    recorded = await councils.find(transaction, council.ons_code)
    expected(recorded.version if recorded else 0)
    if recorded and recorded.council == council:
        return Written(council, recorded.version, created=False)
    closed = joining_faults(
        council,
        recorded=recorded.council if recorded else None,
        established=await lots.established(transaction),
        today=clock.today(),
    )
    led_by = {role: each.council for each in await councils.listed(transaction) for role in each.council.lead_roles}
    if faults := (*closed, *lead_role_faults(council, led_by=led_by)):
        raise conflict(faults[0].message, *reasons(faults))
    version = await councils.save(transaction, council)
    event = CouncilRecorded(council=council.ons_code, name=council.name, joined_on=council.joined_on, lead_roles=council.lead_roles)
    # The consortium's news, for every database of the tenancy map, not only for that council's own.
    outbox.record(transaction, event, subject=council.ons_code, version=version, council=None)
    return Written(council, version, created=recorded is None)


async def record_agency(transaction: Transaction, agency: Agency, expected: Expected) -> Written[Agency]:
    """Register an agency by its Ofsted URN, or put its record right; refused when rating and inspection date contradict."""
    recorded = await agencies.find(transaction, agency.urn)
    expected(recorded.version if recorded else 0)
    if recorded and recorded.agency == agency:
        return Written(agency, recorded.version, created=False)
    if faults := record_faults(agency, today=clock.today()):
        raise invalid(*reasons(faults))
    version = await agencies.save(transaction, agency)
    event = await as_recorded(transaction, agencies.RecordedAgency(agency, version))
    outbox.record(transaction, event, subject=agency.urn, version=version, council=None)
    return Written(agency, version, created=recorded is None)
