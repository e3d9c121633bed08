"""Around every request: its id, its limits, its line in the log, its figures. Plain ASGI, outside the framework."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import ids, logs, metrics, problems, tracing
from shared.bodies import NOT_IN_UTF8, PACKED, TOO_LARGE, BoundedBody, is_packed
from shared.refusals import Refused
from shared.room import BUSY, BUSY_IMPORTING, Room
from shared.settings import Settings
from shared.turning_away import ROUTE, TurningAway

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = logs.logger("shared.serving")
_ASKED_BY_MACHINES = ("/health/", "/metrics")
"""Answered however busy the process is: one that is restarted because it was busy does nothing at all."""

FROM_OTHER_ORIGINS: Mapping[str, Any] = {
    "allow_methods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id"],
    "expose_headers": ["ETag", "Location", "Retry-After", "Link", "X-Request-Id", "Idempotent-Replay"],
    "allow_credentials": False,
}
"""What pages of the origins named in the settings may send and read: never a cookie, so the pages' sessions are no part of it."""

_ALWAYS = {b"x-content-type-options": b"nosniff"}
_UNLESS_SAID = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-resource-policy": b"same-origin",
}
"""What goes out with every reply that does not say it itself: it is data, for nobody's frame and nobody's cache."""
_DESCRIBING = ("/docs", "/redoc")
_OF_DESCRIPTIONS = (
    b"default-src 'none'; script-src 'unsafe-inline' https://cdn.jsdelivr.net; style-src 'unsafe-inline' https://cdn.jsdelivr.net "
    b"https://fonts.googleapis.com; font-src https://fonts.gstatic.com; img-src data: https://fastapi.tiangolo.com https://cdn.redoc.ly; "
    b"connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The framework's pages that describe a service draw themselves with scripts of other sites; they show nothing that is anybody's."""


class RequestContext:
    """Gives each request an id (or keeps the caller's), bounds what it may take, and accounts for it."""

    def __init__(self, app: ASGIApp, *, service: str, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.service = service
        self.larger = larger or {}
        metrics.faults.labels(service)
        self.turning_away = TurningAway(service, [*_ALWAYS.items(), *_UNLESS_SAID.items()])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        room = _room(scope)
        if room.is_full and not scope["path"].startswith(_ASKED_BY_MACHINES):
            await room.turn_to_be_told()
            await self.turning_away.tell(scope, send, _request_id(_header(scope, b"x-request-id")), _method(scope))
            return
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:  # of two of a name the first counts, as it does for all who read the request after us
            headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        given = headers.get("x-request-id", "")
        token = logs.request_id.set(_request_id(given))
        broken = problems.broken_rules.set([])
        try:
            with self._place(scope) as busy, _span(scope, headers) as span:
                await self._answer(scope, receive, send, headers, busy, span)
        finally:
            problems.broken_rules.reset(broken)
            logs.request_id.reset(token)

    @contextlib.contextmanager
    def _place(self, scope: Scope) -> Iterator[Refused | None]:
        """A place among the requests in hand; why there is none, when there is none."""
        if scope["path"].startswith(_ASKED_BY_MACHINES):
            yield None
            return
        imports = scope["path"] in self.larger and scope["method"] not in ("GET", "HEAD")
        with _room(scope).place(importing=imports) as refused:
            yield refused

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], refused: Refused | None, span: tracing.Span
    ) -> None:
        began = time.perf_counter()
        status: int | None = None
        settings = _settings(scope)
        most = self.larger.get(scope["path"], settings.max_body_bytes)
        current = logs.request_id.get() or ""

        async def marked_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", current.encode())]
                message["headers"] += _said_besides(scope["path"], {name.lower() for name, _ in message["headers"]})
            await send(message)

        try:
            if _is_longer(headers.get("content-length", "0"), most):
                refused = refused or TOO_LARGE
            if "content-encoding" in headers and is_packed(scope["headers"]):
                refused = refused or PACKED
            if _is_form_of_another_charset(headers.get("content-type", "")):
                refused = refused or NOT_IN_UTF8
            refused = refused or problems.null_byte_asked(scope["app"], scope["path"], scope["query_string"])
            if refused is not None:
                await problems.of_refusal(refused)(scope, receive, marked_send)
            else:
                body = BoundedBody(
                    receive,
                    most_bytes=most,
                    most_values=settings.max_json_values,
                    deepest=settings.max_json_depth,
                    seconds=settings.client_seconds,
                    is_json=_is_json(headers.get("content-type", "")),
                )
                await self.app(scope, body, marked_send)
        except Exception as error:
            # Answered here, inside the request's id; the framework's own last resort stands outside it and repeats messages.
            reply = await problems.of_fault(error)
            if status is None:
                await reply(scope, receive, marked_send)
        finally:
            self._account(scope, status or 500, time.perf_counter() - began, span, busy=refused in (BUSY, BUSY_IMPORTING))

    def _account(self, scope: Scope, status: int, seconds: float, span: tracing.Span, *, busy: bool) -> None:
        route = ROUTE if busy else getattr(scope.get("route"), "path", "(none)")
        method = _method(scope)
        metrics.requests.labels(self.service, method, route, str(status)).inc()
        metrics.seconds.labels(self.service, route, f"{status // 100}xx").observe(seconds)
        rules = sorted(set(problems.broken_rules.get() or ()))
        for rule in rules:
            metrics.refusals.labels(self.service, rule).inc()
        span.named(f"{method} {route}")
        span.tell({"http.route": route, "http.response.status_code": status})
        if status == 500:
            metrics.faults.labels(self.service).inc()
        if status >= 500:
            span.failed(str(status))
        if busy or route.startswith(_ASKED_BY_MACHINES):
            return  # a line for each of thousands turned away would cost more than turning them away
        _log.info(
            "request",
            method=_method(scope),
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            **({"rule": rules} if rules else {}),
            organisation=getattr(Request(scope).state, "organisation", None),
        )


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for each, value in scope["headers"] if each == name), "")


def _request_id(given: str) -> str:
    return given if _GIVEN_ID.fullmatch(given) else str(ids.new_id())


def _room(scope: Scope) -> Room:
    room: Room = scope["app"].state.room
    return room


def _settings(scope: Scope) -> Settings:
    settings: Settings = scope["app"].state.settings
    return settings


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"  # it can be any word of the caller's


def _span(scope: Scope, headers: Mapping[str, str]) -> tracing.Span:
    return tracing.NO_SPAN if scope["path"].startswith(_ASKED_BY_MACHINES) else tracing.serving(_method(scope), headers)


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_longer(declared: str, most: int) -> bool:
    """Whether a declared length is a number and more than this."""
    return declared.isascii() and declared.isdigit() and (len(declared) > _LONGEST_NUMBER or int(declared) > most)


_LONGEST_NUMBER = 18


def _is_form_of_another_charset(content_type: str) -> bool:
    """Whether a form names a way of writing letters other than UTF-8, which no browser does for these pages: read by it, a field could
    hold what no text holds."""
    if _kind(content_type) not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return False
    return any(named.lower() not in ("utf-8", "utf8") for named in _CHARSETS.findall(content_type))


_CHARSETS = re.compile(r"""(?i)charset\*?[0-9]*\*?\s*=\s*["']?\s*([^"';\s]*)""")
"""However often it is named, and in whatever way: which of them a reader of forms goes by is its own affair."""


def _is_json(content_type: str) -> bool:
    """Whether the framework will read a body as one JSON value: also when nothing is said of its kind."""
    kind = _kind(content_type)
    return not kind or kind == "application/json" or kind.endswith("+json")


def _said_besides(path: str, said: set[bytes]) -> list[tuple[bytes, bytes]]:
    besides = {**_ALWAYS, **{name: value for name, value in _UNLESS_SAID.items() if name not in said}}
    if path.startswith(_DESCRIBING):
        besides[b"content-security-policy"] = _OF_DESCRIPTIONS
    return list(besides.items())
