"""The reply to those for whom a process has no room: made once, since thousands a second may need it; only the request's id differs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from prometheus_client import Counter
from starlette.types import Scope, Send

from shared import logs, metrics, problems
from shared.room import BUSY

_MARK = "(the id of the request)"
ROUTE = "(busy)"
"""What figures call the route of those turned away: nobody has looked where they wanted to go."""


class TurningAway:
    """503 with Retry-After, told and counted as any other refusal; no line in the log, which would cost more than the reply."""

    def __init__(self, service: str, said_besides: Sequence[tuple[bytes, bytes]]) -> None:
        self._service, self._besides = service, said_besides

    @cached_property
    def _made(self) -> tuple[list[tuple[bytes, bytes]], bytes, bytes]:
        """Its headers, and its body before and after the request's id."""
        token = logs.request_id.set(_MARK)
        reply = problems.of_refusal(BUSY)
        logs.request_id.reset(token)
        before, after = bytes(reply.body).split(_MARK.encode())
        return [*(one for one in reply.raw_headers if one[0] != b"content-length"), *self._besides], before, after

    @cached_property
    def _counted(self) -> Counter:
        return metrics.refusals.labels(self._service, str(BUSY.kind))

    async def tell(self, scope: Scope, send: Send, request_id: str, method: str) -> None:
        """Tell one of them; of what it sent nothing is read."""
        headers, before, after = self._made
        body = before + request_id.encode() + after
        own = [(b"content-length", str(len(body)).encode()), (b"x-request-id", request_id.encode())]
        metrics.requests.labels(self._service, method, ROUTE, "503").inc()
        self._counted.inc()
        await send({"type": "http.response.start", "status": 503, "headers": [*headers, *own]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
