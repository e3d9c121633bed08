"""What a provider asks of its offers."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from matching import schemas
from matching.actions import offers
from shared import cursors, plain_routes, versions
from shared.cursors import Page, PageRequest, after_moment
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import AgencyCaller, AgencyOfficer
from shared.versions import IfMatch

router = plain_routes.router(tags=["offers"])


@router.post("/offers", status_code=201, response_model=schemas.Offer)
async def make(body: schemas.NewOffer, request: Request, caller: AgencyOfficer, _: IdempotencyKey) -> Response:
    """Offer one of your published vacancies for a referral, before its closing time."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        offer, against = await offers.make(attempt.transaction, str(caller.organisation), body.referral, body.terms())
        shown = schemas.Offer.of(offer, against)
        return attempt.reply(shown, status=201, location=f"/offers/{offer.offer}", etag=offer.version)


@router.get("/offers")
async def newest(request: Request, caller: AgencyCaller, page: PageRequest) -> Page[schemas.Offer]:
    """Your offers, the last made first: what became of each, and why."""
    async with reading(request, caller) as transaction:
        found = await offers.newest(transaction, str(caller.organisation), after_moment(page), page.limit + 1)
        looked = await offers.looked_at(transaction, str(caller.organisation), found)
    kept, following = cursors.cut(found, page.limit, lambda offer: (offer.made_at.isoformat(), str(offer.offer)))
    return Page(items=[schemas.Offer.of(offer, looked=looked.get(offer.offer)) for offer in kept], next_cursor=following)


@router.get("/offers/{offer}")
async def one(offer: UUID, request: Request, response: Response, caller: AgencyCaller) -> schemas.Offer:
    """One of your offers; while it stands, with every reason why its home could not take the referral."""
    async with reading(request, caller) as transaction:
        found, against = await offers.read(transaction, str(caller.organisation), offer)
        looked = await offers.looked_at(transaction, str(caller.organisation), [found])
    response.headers["ETag"] = versions.etag(found.version)
    return schemas.Offer.of(found, against, looked.get(offer))


@router.put("/offers/{offer}", response_model=schemas.Offer)
async def change(
    offer: UUID, body: schemas.OfferTerms, request: Request, caller: AgencyOfficer, if_match: IfMatch, _: IdempotencyKey
) -> Response:
    """New terms for an offer that still stands, until the closing time."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        changed, against = await offers.change(attempt.transaction, str(caller.organisation), offer, body.terms(), if_match)
        return attempt.reply(schemas.Offer.of(changed, against), etag=changed.version)


@router.post("/offers/{offer}/confirmation", response_model=schemas.Offer)
async def confirm(offer: UUID, body: schemas.NewConfirmation, request: Request, caller: AgencyOfficer, _: IdempotencyKey) -> Response:
    """Stand by an offer that no longer fitted after the referral was amended, until the moment named in it."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        confirmed, against = await offers.confirm(attempt.transaction, str(caller.organisation), offer, body.changed())
        return attempt.reply(schemas.Offer.of(confirmed, against), etag=confirmed.version)


@router.post("/offers/{offer}/withdrawal", response_model=schemas.Offer)
async def withdraw(offer: UUID, body: schemas.NewWithdrawal, request: Request, caller: AgencyOfficer, _: IdempotencyKey) -> Response:
    """Take an offer back, with a coded reason; not once it is chosen."""
    async with once(request, caller) as attempt:
        if attempt.kept:
            return attempt.kept
        withdrawn = await offers.withdraw(attempt.transaction, str(caller.organisation), offer, body.reason)
        return attempt.reply(schemas.Offer.of(withdrawn), etag=withdrawn.version)
