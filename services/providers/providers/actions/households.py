"""Recording carer households."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from providers.actions.vacancies import tell_changed
from providers.actions.written import Expected, Written, reasons
from providers.domain.household import Home, Household, HouseholdRule, household_faults, shared_facts
from providers.store import households, locations, parked, vacancies
from shared import clock, ids, outbox, postcodes
from shared.contracts.providers import PlacesCounted
from shared.refusals import Reason, invalid, not_found
from shared.tenancy import Transaction


def home_at(postcode: str, lives_in: str | None = None) -> Home | Reason:
    """Where a postcode is; a reason when no such postcode can exist.

    A well-formed postcode of an existing district that the directory does not know yet is taken: its miles stay unknown, and the
    council where the carers live is the one stated (``lives_in``), if any. Where the directory knows it, another one is refused.
    """
    parsed = postcodes.parse(postcode)
    if parsed is None:
        message = "No UK postcode is written like this. Check it for a letter O in place of a nought."
        return Reason("postcode", HouseholdRule.POSTCODE_IMPOSSIBLE, message)
    if not postcodes.district_exists(parsed.district):
        message = "There is no such postcode district. Check the first half of the postcode."
        return Reason("postcode", HouseholdRule.POSTCODE_UNKNOWN, message)
    grid = postcodes.grid(parsed)
    area = postcodes.council_of(parsed)
    if area is not None and lives_in is not None and area != lives_in:
        message = "By the postcode directory this home is in another council's area. Leave lives_in out, or check the postcode."
        return Reason("lives_in", HouseholdRule.LIVES_IN_CONTRADICTS, message)
    return Home(parsed.text, parsed.district, grid.easting if grid else None, grid.northing if grid else None, area or lives_in)


async def record(transaction: Transaction, household: Household, expected: Expected) -> Written[households.RecordedHousehold]:
    """Record one of the asking provider's households, or change it; its open vacancies then say the same, and places are counted.

    Refused, every reason at once: ages out of order, approval in the future, fewer places than beds in use and on offer.
    """
    await households.lock_records(transaction)
    recorded = await households.find(transaction, household.reference)
    expected(recorded.version if recorded else 0)
    if recorded and recorded.household == household:
        return Written(recorded, recorded.version, created=False)
    taken = await households.beds_taken(transaction, recorded.id) if recorded else households.BedsTaken(0, 0)
    if faults := household_faults(household, today=clock.today(), beds_in_use=taken.in_use, beds_on_offer=taken.on_offer):
        raise invalid(*reasons(faults))
    if recorded is None:
        saved = households.RecordedHousehold(ids.new_id(), household, clock.now(), 1)
    else:
        saved = replace(recorded, household=household, version=recorded.version + 1)
    await households.save(transaction, saved)
    if recorded and shared_facts(recorded.household) != shared_facts(household):
        park = (await parked.running(transaction, [saved.id], clock.today())).get(saved.id)
        for vacancy in await vacancies.reword(transaction, saved.id, shared_facts(household, park), at=clock.now()):
            tell_changed(transaction, vacancy)
    if recorded is None or recorded.household.approval.places != household.approval.places:
        await _tell_places(transaction)
    return Written(saved, saved.version, created=recorded is None)


async def _tell_places(transaction: Transaction) -> None:
    provider = str(transaction.organisation)
    count = await households.count_places(transaction)
    event = PlacesCounted(provider=provider, households=count.households, approved_places=count.approved_places)
    outbox.record(transaction, event, subject=provider, version=count.version, council=None)


async def found(transaction: Transaction, reference: str) -> households.RecordedHousehold:
    """One of the asking provider's households; another provider's is as if it were not there."""
    recorded = await households.find(transaction, reference)
    if recorded is None:
        raise not_found("household of yours")
    return recorded


Location = locations.Location
"""Where a household is."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where the offered households live, and which of those asked for were not offered to the asking council."""

    locations: tuple[locations.Location, ...]
    not_offered: tuple[UUID, ...]


async def locate(transaction: Transaction, wanted: Collection[UUID]) -> Located:
    """Grid references of households offered to the asking council, or its own; of any other not even whether it exists."""
    known = await locations.for_council(transaction, wanted)
    in_order = tuple(dict.fromkeys(wanted))
    return Located(
        tuple(known[household] for household in in_order if household in known),
        tuple(household for household in in_order if household not in known),
    )
