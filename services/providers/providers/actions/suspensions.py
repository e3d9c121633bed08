"""Suspending an agency, and lifting the suspension: both are told to every service with the agency's record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from providers.actions.written import reasons
from providers.domain.suspension import LiftReason, SuspensionRule, Terms, suspension_faults
from providers.store import agencies, suspensions
from shared import clock, ids, outbox
from shared.contracts.providers import AgencyRecorded, Suspension
from shared.organisation import Kind, Organisation
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction


async def suspend(transaction: Transaction, urn: str, terms: Terms, *, by: str) -> suspensions.Recorded:
    """No new referrals for this agency, for a named reason and with an end or a review date; placements go on.

    Refused: an agency not registered; dates that contradict each other, all named; while another suspension stands.
    """
    await suspensions.take_turn(transaction, urn)
    if await agencies.find(transaction, urn) is None:
        raise not_found("agency")
    if faults := suspension_faults(terms, today=clock.today()):
        raise invalid(*reasons(faults))
    if await suspensions.standing(transaction, urn, today=clock.today()):
        message = "A suspension of this agency stands already. Lift it first, then record the new one."
        raise conflict(message, Reason("agency", SuspensionRule.ONE_AT_A_TIME, message))
    recorded = suspensions.Recorded(ids.new_id(), urn, terms, by, clock.now())
    await suspensions.add(transaction, recorded)
    await tell(transaction, urn)
    return recorded


async def lift(transaction: Transaction, urn: str, suspension: UUID, reason: LiftReason, *, by: str) -> suspensions.Recorded:
    """End a suspension, with a named reason; referrals sent from now on reach the agency again."""
    await suspensions.take_turn(transaction, urn)
    known = [each for each in await suspensions.of_agency(transaction, urn) if each.id == suspension]
    if not known:
        raise not_found("suspension of this agency")
    lifted = await suspensions.lift(transaction, suspension, agency=urn, reason=reason, by=by, at=clock.now())
    if lifted is None:
        message = "This suspension has been lifted already. Nothing more is needed."
        raise conflict(message, Reason("suspension", SuspensionRule.LIFTED_ONCE, message))
    await tell(transaction, urn)
    return lifted


async def tell(transaction: Transaction, urn: str) -> None:
    """Say what the agency's record is now: its judgement, and the suspension that stands."""
    version = await agencies.next_version(transaction, urn)
    recorded = await agencies.find(transaction, urn)
    assert recorded is not None, "an agency is never removed"
    event = await as_recorded(transaction, replace(recorded, version=version))
    outbox.record(transaction, event, subject=urn, version=version, council=None)


async def as_recorded(transaction: Transaction, recorded: agencies.RecordedAgency) -> AgencyRecorded:
    """What goes on the bus about an agency."""
    agency = recorded.agency
    standing = await suspensions.standing(transaction, agency.urn, today=clock.today())
    terms = standing.terms if standing else None
    return AgencyRecorded(
        agency=agency.urn,
        name=agency.name,
        rating=agency.rating,
        inspected_on=agency.inspected_on,
        sector=agency.sector,
        suspension=terms and Suspension(reason=terms.reason, starts_on=terms.starts_on, review_on=terms.review_on, ends_on=terms.ends_on),
    )


async def history(transaction: Transaction, urn: str) -> Sequence[suspensions.Recorded]:
    """Every suspension of an agency, the last first: for councils, the consortium and the agency itself.

    For another agency it is as if there were none such: a competitor's standing is not its to learn.
    """
    asking = transaction.organisation
    if asking.kind is Kind.AGENCY and asking != Organisation.agency(urn):
        raise not_found("agency of yours")
    if await agencies.find(transaction, urn) is None:
        raise not_found("agency")
    return await suspensions.of_agency(transaction, urn)
