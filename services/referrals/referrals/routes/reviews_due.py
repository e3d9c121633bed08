"""When looked-after children's reviews are due: of one child, and of all of a council's."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from referrals.actions import reviews_due as actions
from referrals.actions.reviews_due import Waiting
from referrals.routes.callers import vault_keys
from referrals.schemas.stability import ReviewDateBody, ReviewDates, WaitsBody
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest
from shared.reading import reading
from shared.signin import SocialCareStaff
from shared.written import Day

router = plain_routes.router(tags=["time in care"])


@router.get("/children/{child}/reviews/due")
async def of_child(child: UUID, request: Request, officer: SocialCareStaff) -> ReviewDates:
    """Every date on which a review of this child was due, what became of it, and the next; the reading is written down."""
    async with reading(request, officer) as transaction:
        dates = await actions.of_child(transaction, vault_keys(request), child, subject=officer.subject)
    return ReviewDates(items=[ReviewDateBody.of(each) for each in dates])


@router.get("/reviews/due")
async def waiting(
    request: Request,
    officer: SocialCareStaff,
    wanted: PageRequest,
    state: Annotated[Waiting | None, Query(description="only those due, or only those overdue")] = None,
    until: Annotated[Day | None, Query(description="only those due by this day")] = None,
) -> Page[WaitsBody]:
    """Your looked-after children by the day of their next review, the longest overdue first."""
    async with reading(request, officer) as transaction:
        found = await actions.waiting(transaction, wanted, state, until)
    kept, next_cursor = cursors.cut(found, wanted.limit, actions.page_key)
    return Page[WaitsBody](items=[WaitsBody.of(each) for each in kept], next_cursor=next_cursor)
