"""One client's connection: how long it may take to say what it wants, how much it may say before it does, and how long to hear the answer.

uvicorn waits for a request's head for ever and takes one of any length, as servers do that expect a proxy before them; Hearth must
hold without one. Everything else is uvicorn's.
"""

from __future__ import annotations

from asyncio.events import TimerHandle
from typing import Any

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared import problems
from shared.refusals import Reason, RefusalKind, Refused

MOST_HEADERS = 100


def bounded(*, seconds: float, most_head_bytes: int) -> type[HttpToolsProtocol]:
    """The kind of connection a server of ours makes."""

    class Bounded(_Connection):
        patience = seconds
        most = most_head_bytes

    return Bounded


class _Connection(HttpToolsProtocol):
    patience: float
    most: int

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = True  # the next byte belongs to a request's first line or headers
        self._head_bytes = 0
        self._refused = False
        self._timer: TimerHandle | None = None
        self._reading_timer: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._timer is None:
                self._wait()
        super().data_received(data)
        if self._in_head and self._head_bytes > self.most:
            self._refuse(_HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._wait_no_more()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.most or len(self.headers) > MOST_HEADERS:
            self._refuse(_HEAD_TOO_LARGE)
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._wait_no_more()
        if not self._refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_head or self.transport.get_write_buffer_size():
            self._wait()  # for the rest of a body nobody reads any more, or for the caller to take the answer

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading_timer = self.loop.call_later(self.patience, self.transport.abort)

    def resume_writing(self) -> None:
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None
        if self.flow is not None:
            super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is told so in the form of every other refusal."""
        self._refuse(Refused(RefusalKind.MALFORMED, "This is not a request as HTTP writes one."))

    def _wait(self) -> None:
        self._wait_no_more()
        self._timer = self.loop.call_later(self.patience, self._give_up)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering:
            self._wait()  # what came early, behind a request in hand, is not yet late
        elif self._in_head and self._head_bytes:
            self._refuse(_HEAD_TOO_SLOW)
        elif not self._in_head or self.cycle is None or self.transport.get_write_buffer_size():
            self.transport.abort()

    def _refuse(self, refused: Refused) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._wait_no_more()
        self.transport.write(_as_bytes(problems.of_refusal(refused)))
        # Closed at once, with words of the caller's on their way, the system would reset the connection and the caller lose our answer.
        # So we only say no more, and let come what comes until the caller has hung up too or the patience is over.
        self.transport.write_eof()
        self._timer = self.loop.call_later(self.patience, self.transport.abort)


def _as_bytes(reply: Response) -> bytes:
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in reply.raw_headers)
    return STATUS_LINE[reply.status_code] + lines + b"connection: close\r\n\r\n" + bytes(reply.body)


_TOO_LARGE_WORDS = "The address and headers of the request are larger than is taken. Send shorter or fewer of them."
_HEAD_TOO_LARGE = Refused(RefusalKind.HEADERS_TOO_LARGE, _TOO_LARGE_WORDS, (Reason("headers", "short_enough", _TOO_LARGE_WORDS),))
_TOO_SLOW_WORDS = "The request came too slowly and was given up. Send it again."
_HEAD_TOO_SLOW = Refused(RefusalKind.TOO_SLOW, _TOO_SLOW_WORDS, (Reason("headers", "fast_enough", _TOO_SLOW_WORDS),))
