"""Signing in by OpenID Connect, and out again. The only pages, beside the style sheet, that are answered to everybody."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Path, Query, Request
from starlette.responses import Response

from monitoring.actions import page_sessions
from monitoring.domain.page_session import Attempt, same
from monitoring.pages.static import FILES
from monitoring.routes.pages.doorway import SIGNED_OUT, doorway
from monitoring.routes.pages.page import go, open_router, page
from monitoring.routes.pages.visitors import held_by, own_form
from shared import ids, tenancy
from shared.refusals import Reason, RefusalKind, Refused, not_found
from shared.signin import SignIn

router = open_router()

_OURS = re.compile(r"/pages(/[A-Za-z0-9._~/-]*)?(\?[A-Za-z0-9._~/%=&+-]*)?")
_Text = Annotated[str, Query(max_length=2000)]


@router.get("/sign-in")
async def begin(request: Request, next: _Text = "/pages") -> Response:
    """On to the issuer, with what must come back unchanged in a cookie of ten minutes."""
    at, attempt = doorway(request), Attempt(ids.unguessable())
    reply = go(await at.issuer.sign_in_address(attempt))
    at.give(reply, "attempt", f"{attempt.secret}.{quote(next if _OURS.fullmatch(next) else '/pages', safe='')}")
    return reply


@router.get("/signed-in")
async def finish(request: Request, state: _Text = "", code: _Text = "", error: _Text = "", iss: _Text = "") -> Response:
    """Back from the issuer: exchange the code, check both tokens, begin a session, and on to the page first asked for."""
    at = doorway(request)
    secret, _, onward = request.cookies.get(at.attempt_cookie, "").partition(".")
    attempt = Attempt(secret)
    if not secret or not same(state, attempt.state) or (iss and iss != at.issuer.name):
        raise _refused(
            "state", "own_sign_in", "This sign-in was not begun in this browser, or took longer than ten minutes. Sign in again."
        )
    if error or not code:
        raise _refused("error", "signed_in", "The sign-in service did not sign you in. Try again, or ask your administrator for access.")
    tokens = await at.issuer.exchange(code, attempt)
    signin: SignIn = request.app.state.signin
    caller = await signin.caller(tokens.access)
    if await signin.identity(tokens.id, client=at.issuer.client, nonce=attempt.nonce) != caller.subject:
        raise _refused("sub", "one_person", "The sign-in service named two different people. Sign in again.")
    async with tenancy.transaction(request.app.state.databases, caller.organisation) as transaction:
        held = await page_sessions.begin(transaction, subject=caller.subject, roles=caller.roles, lasting=at.lasting)
    address = unquote(onward)
    reply = go(address if _OURS.fullmatch(address) else "/pages")
    at.take(reply, "attempt")
    at.give(reply, "session", str(held))
    return reply


@router.post("/sign-out", dependencies=[Depends(own_form)])
async def end(request: Request) -> Response:
    """The session is good no longer; then on to the issuer, if it offers to sign out there as well."""
    at, held = doorway(request), held_by(request)
    assert held is not None  # a form of no session is refused before
    async with tenancy.transaction(request.app.state.databases, held.organisation) as transaction:
        await page_sessions.end(transaction, held)
    reply = go(await at.issuer.sign_out_address(at.origin + SIGNED_OUT) or SIGNED_OUT)
    at.take(reply, "session")
    return reply


@router.get("/signed-out")
async def signed_out(request: Request) -> Response:
    """That it is done."""
    return page(request, "signed_out.html", title="You are signed out")


@router.get("/static/{name}")
async def static(name: Annotated[str, Path(max_length=60)]) -> Response:
    """The style sheet and the picture; their address changes with their content, so they may be kept."""
    if name not in FILES:
        raise not_found("file")
    content, kind = FILES[name]
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})


def _refused(field: str, rule: str, message: str) -> Refused:
    return Refused(RefusalKind.NOT_SIGNED_IN, message, (Reason(field, rule, message),))
