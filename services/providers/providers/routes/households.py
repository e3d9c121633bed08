"""Carer households, each its own provider's; and where offered ones are, for the council they were offered to."""

from __future__ import annotations

from fastapi import Request, Response

from providers.actions import households as actions
from providers.routes.callers import OwnRecords, PlacingCouncil, ReferenceInPath
from providers.schemas.households import Household, HouseholdBody, Location, Locations, LocationsBody
from providers.store import households
from shared import plain_routes
from shared.cursors import Page, PageRequest, after_moment, page
from shared.handed_over import HandOver, location_of
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.refusals import Reason, invalid
from shared.settings import Settings
from shared.signin import FosteringService
from shared.versions import IfMatch, etag

router = plain_routes.router(tags=["homes"])


@router.put(
    "/households/{reference}",
    response_model=Household,
    responses={201: {"model": Household, "description": "Recorded for the first time"}},
    summary="Record one of your carer households, or change it",
)
async def put_household(
    reference: ReferenceInPath, body: HouseholdBody, provider: FosteringService, if_match: IfMatch, key: IdempotencyKey, request: Request
) -> Response:
    """Under your own reference. The full postcode stays with you; others see its district. Open vacancies of the household
    change with it. Sending the same again changes nothing."""
    home = actions.home_at(body.postcode, body.lives_in)
    if isinstance(home, Reason):
        raise invalid(home)
    async with once(request, provider) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.record(attempt.transaction, body.of(reference, home), if_match.check)
        return attempt.reply(
            Household.of(done.value),
            status=201 if done.created else 200,
            location=f"/households/{reference}" if done.created else None,
            etag=done.version,
        )


@router.get("/households/{reference}", response_model=Household, summary="One of your households")
async def get_household(reference: ReferenceInPath, provider: OwnRecords, request: Request, response: Response) -> Household:
    """Another provider's household is as if it were not there."""
    async with reading(request, provider) as transaction:
        recorded = await actions.found(transaction, reference)
    response.headers["ETag"] = etag(recorded.version)
    return Household.of(recorded)


@router.get("/households", response_model=Page[Household], summary="Your households")
async def list_households(provider: OwnRecords, wanted: PageRequest, request: Request) -> dict[str, object]:
    """In the order recorded, a page at a time."""
    async with reading(request, provider) as transaction:
        found = await households.listed(transaction, after=after_moment(wanted), limit=wanted.limit + 1)
    rows = [Household.of(each) for each in found]
    return page(rows, wanted.limit, key=lambda row: (row.recorded_at.isoformat(), str(row.id)))


@router.post("/household-locations", response_model=Locations, summary="Where households offered to you are, to measure distance")
async def post_locations(body: LocationsBody, officer: PlacingCouncil, request: Request) -> Locations:
    """For ``referrals``, which asks on your behalf: where households are that are offered to your council at this moment, or are its own
    carers'. Sealed, so that nobody but that service can read it. Of any other the reply does not say whether it exists."""
    settings: Settings = request.app.state.settings
    hand_over = HandOver(settings.locations_key_file, development=settings.development)
    async with reading(request, officer) as transaction:
        located = await actions.locate(transaction, body.households)
    items = tuple(_sealed(hand_over, str(officer.organisation), each) for each in located.locations)
    return Locations(items=items, not_offered_to_you=located.not_offered)


def _sealed(hand_over: HandOver, council: str, found: actions.Location) -> Location:
    if found.easting is None or found.northing is None:
        return Location(household=found.household, sealed=None)
    place = hand_over.sealed(f"{found.easting},{found.northing}", bound_to=location_of(council, found.household))
    return Location(household=found.household, sealed=place)
