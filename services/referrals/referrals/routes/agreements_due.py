"""Placements whose full agreement is missing, due or overdue, for their council and their agency; and their reminders."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from referrals.actions import agreements_due as actions
from referrals.actions.agreements_due import Missing
from referrals.domain.agreement_due import DueState
from referrals.routes.callers import PlacementParty
from referrals.schemas.agreements_due import MissingBody, RemindersBody
from referrals.schemas.body import Empty
from shared import cursors, plain_routes, tenancy
from shared.cursors import Page, PageRequest
from shared.idempotency import IdempotencyKey, once
from shared.organisation import Kind
from shared.reading import reading
from shared.signin import PlacementsOfficer

router = plain_routes.router(prefix="/placements/agreements-due", tags=["agreements"])


@router.get("")
async def missing(
    request: Request,
    caller: PlacementParty,
    wanted: PageRequest,
    state: Annotated[DueState | None, Query(description="only those due, or only those overdue")] = None,
) -> Page[MissingBody]:
    """Your placements without a full agreement signed by both sides, the one that began longest ago first."""
    found: list[Missing] = []
    if caller.organisation.kind is Kind.COUNCIL:
        async with reading(request, caller) as transaction:
            found += await actions.missing(transaction, wanted, state)
    else:
        databases: tenancy.Databases = request.app.state.databases
        for engine in databases.every():
            async with tenancy.transaction_on(databases, engine, caller.organisation) as transaction:
                found += await actions.missing(transaction, wanted, state)
        # Each database gave its own oldest, one more than a page; the oldest of all of them are the page.
        found.sort(key=actions.page_key)
        found = found[: wanted.limit + 1]
    kept, next_cursor = cursors.cut(found, wanted.limit, actions.page_key)
    return Page[MissingBody](items=[MissingBody.of(each) for each in kept], next_cursor=next_cursor)


@router.post("/reminders", response_model=RemindersBody)
async def remind(body: Empty, request: Request, officer: PlacementsOfficer, key: IdempotencyKey) -> Response:
    """Record the reminders whose day has come, each once: for your officers, or for your own scheduler to call every day."""
    async with once(request, officer) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(RemindersBody.of(list(await actions.remind(attempt.transaction))))
