"""Around every request: its id, its size limit, its line in the log, its figures. Plain ASGI, outside the framework."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import ids, logs, metrics, problems
from shared.refusals import RefusalKind, Refused

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = logs.logger("shared.serving")
_TOO_LARGE = Refused(RefusalKind.TOO_LARGE, "The body is larger than is taken at once. Send it in parts.")


class RequestContext:
    """Gives each request an id (or keeps the caller's), bounds its body, and accounts for it."""

    def __init__(self, app: ASGIApp, *, service: str, max_body_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.service = service
        self.max_body_bytes = max_body_bytes
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        token = logs.request_id.set(given if _GIVEN_ID.fullmatch(given) else str(ids.new_id()))
        try:
            await self._answer(scope, receive, send, headers)
        finally:
            logs.request_id.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        began, taken = time.perf_counter(), 0
        status: int | None = None
        most = self.larger.get(scope["path"], self.max_body_bytes)
        current = logs.request_id.get() or ""

        async def bounded_receive() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413)
            return message

        async def marked_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                message["headers"] += [(b"x-request-id", current.encode()), (b"x-content-type-options", b"nosniff")]
                if not any(name.lower() == b"cache-control" for name, _ in message["headers"]):
                    message["headers"] += [(b"cache-control", b"no-store")]
            await send(message)

        try:
            if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")) > most:
                await problems.of_refusal(_TOO_LARGE)(scope, receive, marked_send)
            else:
                await self.app(scope, bounded_receive, marked_send)
        except Exception as error:
            # Answered here, inside the request's id; the framework's own last resort stands outside it and repeats messages.
            reply = await problems.of_fault(error)
            if status is None:
                await reply(scope, receive, marked_send)
        finally:
            self._account(scope, status or 500, time.perf_counter() - began)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        metrics.requests.labels(self.service, scope["method"], route, str(status)).inc()
        metrics.seconds.labels(self.service, route).observe(seconds)
        if route.startswith(("/health", "/metrics")):
            return
        _log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            organisation=getattr(Request(scope).state, "organisation", None),
        )
