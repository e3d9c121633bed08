"""A council's own settings and its vault's keys."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from referrals.actions import settings as actions
from referrals.routes.callers import vault_keys
from referrals.schemas.body import Empty
from referrals.schemas.settings import CouncilSettingsBody, RotationBody, SettingsChanges
from shared import cursors, plain_routes
from shared.cursors import Page, PageRequest
from shared.idempotency import IdempotencyKey, once
from shared.reading import reading
from shared.signin import CouncilAdministrator, CouncilCaller
from shared.versions import IfMatch, etag

router = plain_routes.router(prefix="/settings", tags=["settings"])


@router.get("")
async def read(request: Request, response: Response, caller: CouncilCaller) -> CouncilSettingsBody:
    """Your council's settings: deadlines, approval distance, weights of fit, retention."""
    async with reading(request, caller) as transaction:
        kept = await actions.current(transaction)
    response.headers["ETag"] = etag(kept.version)
    return CouncilSettingsBody.of(kept)


@router.patch("", response_model=CouncilSettingsBody)
async def change(
    body: SettingsChanges, request: Request, administrator: CouncilAdministrator, if_match: IfMatch, key: IdempotencyKey
) -> Response:
    """Change settings. Referrals already sent keep their closing time."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        kept = await actions.change(
            attempt.transaction,
            body.changes(),
            body.deadline_changes(),
            body.placement_changes(),
            if_match.require,
            subject=administrator.subject,
        )
        return attempt.reply(CouncilSettingsBody.of(kept), etag=kept.version)


@router.get("/history")
async def history(request: Request, caller: CouncilCaller, wanted: PageRequest) -> Page[CouncilSettingsBody]:
    """Every version somebody made, newest first: who, and when."""
    async with reading(request, caller) as transaction:
        found = [CouncilSettingsBody.of(kept) for kept in await actions.history(transaction, wanted)]
    return Page[CouncilSettingsBody].model_validate(cursors.page(found, wanted.limit, lambda body: (str(body.version),)))


@router.post("/key-rotation", response_model=RotationBody)
async def rotate(body: Empty, request: Request, administrator: CouncilAdministrator, key: IdempotencyKey) -> Response:
    """Put every child's record under your council's newest key, so that the older keys can be taken out of the key file."""
    async with once(request, administrator) as attempt:
        if attempt.kept:
            return attempt.kept
        return attempt.reply(RotationBody.of(await actions.rotate_key(attempt.transaction, vault_keys(request))))
