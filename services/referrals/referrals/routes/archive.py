"""All of a council's rows in one zip, and back: for its administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from referrals.actions import archive as actions
from referrals.routes.callers import vault_keys
from shared import archive_bodies, plain_routes, tenancy
from shared.archive_bodies import LoadedRows
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import CouncilAdministrator

router = plain_routes.router(tags=["archive"])


@router.get("/archive", response_class=StreamingResponse, responses=archive_bodies.GIVES_ZIP)
async def take(request: Request, administrator: CouncilAdministrator) -> Response:
    """Everything your council has here, in one zip of CSV and JSON, who its children are in the clear. Each child taken is written to the
    disclosure ledger. Keep it as you would keep the records themselves."""
    async with reading(request, administrator) as transaction:
        await actions.write_down(transaction, vault_keys(request), subject=administrator.subject)

    async def pieces() -> AsyncIterator[bytes]:
        async with tenancy.snapshot(request.app.state.databases, administrator.organisation) as transaction:
            async for piece in actions.take(transaction, vault_keys(request), subject=administrator.subject):
                yield piece

    return await archive_bodies.sent(pieces(), f"hearth-referrals-{administrator.council}.zip")


@router.post("/archive", response_model=LoadedRows, openapi_extra=archive_bodies.TAKES_ZIP)
async def load(request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """Load your council's archive where it has nothing yet: all of it or nothing, and nothing of it is told to others as news."""
    content = await request.body()
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(LoadedRows.of(await actions.load(attempt.transaction, vault_keys(request), content)))
