"""What a council asks of its referrals before offers come: which homes could take the children, and why the others cannot."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from matching import schemas
from matching.actions import candidates, choices, why_not
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest, after_moment
from shared.reading import reading
from shared.signin import CouncilCaller

router = plain_routes.router(tags=["referrals"])


@router.get("/referrals")
async def newest(
    request: Request,
    caller: CouncilCaller,
    page: PageRequest,
    to_regularise: Annotated[bool, Query(description="only those placed in an emergency outside the carer's terms of approval")] = False,
) -> Page[schemas.Referral]:
    """Your referrals as far as they have been sent, the last first."""
    async with reading(request, caller) as transaction:
        found, counted = await choices.newest_referrals(
            transaction, str(caller.organisation), after_moment(page), page.limit + 1, to_regularise=to_regularise
        )
    kept, following = cursors.cut(found, page.limit, lambda known: (known.sent_at.isoformat(), str(known.referral)))
    shown = [schemas.Referral.of(known, counted[known.referral]) for known in kept]
    return Page(items=shown, next_cursor=following)


@router.get("/referrals/{referral}/candidates")
async def see(referral: UUID, request: Request, caller: CouncilCaller, page: PageRequest) -> schemas.Candidates:
    """Which published vacancies could take the children and, for the rest, every reason why not.

    Your own carers from the moment you look in-house; every provider's once you have broadcast.
    """
    async with reading(request, caller) as transaction:
        seen = await candidates.see(transaction, str(caller.organisation), referral, page.after, page.limit + 1)
    kept, following = cursors.cut(seen.page, page.limit, lambda one: one.key)
    return schemas.Candidates.of(seen.known, seen.considered, seen.suitable, seen.why_not, kept, seen.names, following)


@router.get("/referrals/{referral}/why-not/{vacancy}")
async def see_why_not(referral: UUID, vacancy: UUID, request: Request, caller: CouncilCaller) -> schemas.WhyNotHome:
    """Why one home cannot take the children: every reason, what would have to change and by how much, and whose that is.

    ``smallest_set`` is the fewest changes that together make it suitable; empty when it is suitable already.
    """
    async with reading(request, caller) as transaction:
        seen = await why_not.see(transaction, str(caller.organisation), referral, vacancy)
    return schemas.WhyNotHome.of(seen)
