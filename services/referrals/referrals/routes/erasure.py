"""Erasing a child's record, or all that names a council's children: one administrator asks, another confirms."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import erasure as actions
from referrals.routes.callers import vault_keys
from referrals.schemas.body import Empty
from referrals.schemas.erasure import (
    AskDestruction,
    AskErasure,
    ConfirmDestruction,
    DueBody,
    DueForErasure,
    ErasedAgain,
    ErasureBody,
    ErasureDone,
    HoldBody,
    NewHold,
)
from shared import plain_routes
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import CouncilAdministrator

router = plain_routes.router(tags=["erasure"])


@router.get("/children/due-for-erasure")
async def due(request: Request, administrator: CouncilAdministrator) -> DueForErasure:
    """The records your council need no longer keep by its retention setting and the law, by their ids; what stands in the way of each."""
    async with reading(request, administrator) as transaction:
        found = await actions.due(transaction, vault_keys(request))
    return DueForErasure(items=[DueBody.of(each) for each in found])


@router.post("/children/{child}/erasure", status_code=201, response_model=ErasureBody)
async def ask(child: UUID, body: AskErasure, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """Ask for a child's record to be erased. Refused with all that stands in the way; done when another administrator confirms it."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        asked = await actions.ask(attempt.transaction, vault_keys(request), child, body.ground, subject=administrator.subject)
        return attempt.reply(ErasureBody.of(asked), status=201, location=f"/children/{child}/erasure")


@router.get("/children/{child}/erasure")
async def read(child: UUID, request: Request, administrator: CouncilAdministrator) -> ErasureBody:
    """The last erasure asked for of this child: by whom, on which ground, what became of it."""
    async with reading(request, administrator) as transaction:
        return ErasureBody.of(await actions.read(transaction, child))


@router.post("/children/{child}/erasure/confirmation", response_model=ErasureDone)
async def confirm(child: UUID, body: Empty, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """Erase the child's record for good; a second person. Counts and the ledger stay, under the record's id."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(
            ErasureDone.of(await actions.confirm(attempt.transaction, vault_keys(request), child, subject=administrator.subject))
        )


@router.post("/children/{child}/erasure/withdrawal", response_model=ErasureBody)
async def withdraw(child: UUID, body: Empty, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """Take back an erasure that was asked for."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(ErasureBody.of(await actions.withdraw(attempt.transaction, child, subject=administrator.subject)))


@router.post("/children/{child}/legal-hold", status_code=201, response_model=HoldBody)
async def set_hold(
    child: UUID, body: NewHold, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey
) -> Response:
    """Keep a child's record from being erased until the hold is lifted."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        held = await actions.set_hold(attempt.transaction, vault_keys(request), child, body.reason, subject=administrator.subject)
        return attempt.reply(HoldBody.of(held), status=201)


@router.post("/children/{child}/legal-hold/lifting", status_code=204, response_class=Response)
async def lift_hold(
    child: UUID, body: Empty, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey
) -> Response:
    """Lift the legal hold on a child's record."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        await actions.lift_hold(attempt.transaction, child, subject=administrator.subject)
        return attempt.reply(None)


@router.post("/settings/key-destruction", status_code=201, response_model=ErasureBody)
async def ask_for_all(body: AskDestruction, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """Ask for your council's key to be destroyed, and with it all that names its children. Take your archive first."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        asked = await actions.ask_for_all(attempt.transaction, body.council, body.ground, subject=administrator.subject)
        return attempt.reply(ErasureBody.of(asked), status=201, location="/settings/key-destruction")


@router.get("/settings/key-destruction")
async def read_of_all(request: Request, administrator: CouncilAdministrator) -> ErasureBody:
    """The last time your council's key was asked to be destroyed."""
    async with reading(request, administrator) as transaction:
        return ErasureBody.of(await actions.read_of_all(transaction))


@router.post("/settings/key-destruction/confirmation", response_model=ErasureDone)
async def confirm_for_all(
    body: ConfirmDestruction, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey
) -> Response:
    """Destroy your council's key; a second person. Nothing that names a child can be recorded until there is a new one."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        done = await actions.confirm_for_all(attempt.transaction, vault_keys(request), body.council, subject=administrator.subject)
        return attempt.reply(ErasureDone.of(done))


@router.post("/settings/key-destruction/withdrawal", response_model=ErasureBody)
async def withdraw_for_all(body: Empty, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """Take back that your council's key was to be destroyed."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(ErasureBody.of(await actions.withdraw(attempt.transaction, None, subject=administrator.subject)))


@router.post("/settings/erasures-again", response_model=ErasedAgain)
async def again(body: Empty, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """After a backup was put back: take out again what was erased since it was made."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(ErasedAgain(children_erased=await actions.again(attempt.transaction, vault_keys(request))))
