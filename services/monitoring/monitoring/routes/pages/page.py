"""How a page is answered: in its frame, with its headers, and every no as a page too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitoring.pages import problem, taking
from monitoring.pages.frame import Crumb, Section, Visit, framed
from monitoring.pages.table import Table
from monitoring.routes.pages.doorway import Doorway, doorway
from monitoring.routes.pages.question import NAMES, asked
from monitoring.routes.pages.visitors import own_form
from shared import logs
from shared.problems import STATUS, headers_of, note, refusal_of
from shared.refusals import RefusalKind, Refused

_log = logs.logger("monitoring.pages")


def page(
    request: Request,
    template: str,
    *,
    title: str,
    section: Section | None = None,
    crumbs: Sequence[Crumb] = (),
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """A template of ``monitoring/templates`` in its frame, for whoever the route's visitor type let in."""
    visit: Visit | None = getattr(request.state, "visit", None)
    return HTMLResponse(framed(template, values, title=title, visit=visit, section=section, crumbs=crumbs), status)


def taken_away(request: Request, tables: Sequence[Table], name: str) -> Response | None:
    """The page's tables as a file, if its address asks for one (``?format=csv`` or ``xlsx``): the very values the page shows."""
    form = asked(request).format
    if form is None:
        return None
    content, kind, ending = (taking.as_xlsx(tables), taking.XLSX, "xlsx") if form == "xlsx" else taking.as_file(tables)
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="hearth-{name}.{ending}"'})


def go(address: str) -> RedirectResponse:
    """On to another page, after a form was taken or a sign-in: the browser asks for it anew."""
    return RedirectResponse(address, 303)


class PageRoute(APIRoute):
    """A route whose refusals are pages, and whose replies carry what a browser must keep to."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, with these two added."""
        answer = super().get_route_handler()
        known = NAMES | _names(self.dependant)

        async def answered(request: Request) -> Response:
            try:
                reply = await answer(request)
            except Exception as error:
                refused = refusal_of(error, known)
                if refused is None:
                    _log.error("fault", exc_info=error)
                reply = _no(request, refused)
            for name, value in _headers(doorway(request)).items():
                reply.headers.setdefault(name, value)
            return reply

        return answered


def pages_router() -> APIRouter:
    """A router for pages: under ``/pages``, in no API document, each form checked to be our own."""
    return APIRouter(prefix="/pages", route_class=PageRoute, include_in_schema=False, dependencies=[Depends(own_form)])


def open_router() -> APIRouter:
    """The same for what is answered before anybody has signed in."""
    return APIRouter(prefix="/pages", route_class=PageRoute, include_in_schema=False)


def _no(request: Request, refused: Refused | None) -> Response:
    if refused is None:
        status, (title, values) = 500, problem.of_fault()
    else:
        note(refused)
        status = STATUS[refused.kind][0]
        if refused.kind is RefusalKind.NOT_SIGNED_IN and request.method == "GET" and request.url.path not in _BEFORE:
            address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return go(f"/pages/sign-in?next={quote(address, safe='')}")
        title, values = problem.of_refusal(refused, status)
    reply = page(request, "problem.html", title=title, status=status, request_id=logs.request_id.get(), **values)
    reply.headers.update(headers_of(refused) if refused else {})
    return reply


_BEFORE = frozenset({"/pages/sign-in", "/pages/signed-in"})
"""Where a refused sign-in says so, in place of beginning another."""


def _headers(at: Doorway) -> dict[str, str]:
    """Nothing but our own style sheet, pictures and forms; no script at all; in nobody's frame; kept by no cache."""
    leads = " ".join(("'self'", *at.issuer.origins()))
    found = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"form-action {leads}; frame-ancestors 'none'",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    return found | ({"Strict-Transport-Security": "max-age=31536000"} if at.secure else {})


def _names(dependant: Dependant) -> set[str]:
    """Every parameter's name: ours, and so may be repeated."""
    own = {each.alias for each in (*dependant.query_params, *dependant.path_params, *dependant.body_params)}
    return own.union(*(_names(inner) for inner in dependant.dependencies))
