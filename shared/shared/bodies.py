"""A request's body as it arrives: no more of it, no deeper and no slower than is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from shared.json_depth import deeper_than
from shared.refusals import Reason, RefusalKind, Refused

SLOWEST_BYTES_A_SECOND = 20_000
"""What a body must come at, beside the seconds any client is given: a bad line manages ten times as much."""

TOO_LARGE = Refused(RefusalKind.TOO_LARGE, "The body is larger than is taken at once. Send it in parts.")
_PACKED_WORDS = "The body is sent packed. Nothing is unpacked here; send it as it is, without Content-Encoding."
PACKED = Refused(RefusalKind.UNSUPPORTED, _PACKED_WORDS, (Reason("Content-Encoding", "not_packed", _PACKED_WORDS),))
"""A body of 2 MB may unpack to 2 GB. None is unpacked, and none is taken for what it is not."""


def is_packed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request's headers name any coding of its body but ``identity``, in however many lines."""
    named = (part for name, value in headers if name == b"content-encoding" for part in value.split(b","))
    return any(part.strip().lower() not in (b"", b"identity") for part in named)


class RefusedBody(HTTPException):
    """Raised while a body is read: the framework passes on only its own kind of exception from there."""

    def __init__(self, status: int, refused: Refused) -> None:
        super().__init__(status)
        self.refused = refused


class BoundedBody:
    """Stands where an application receives its request's messages."""

    def __init__(self, receive: Receive, *, most_bytes: int, deepest: int, seconds: float, is_json: bool) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._deepest = deepest
        self._seconds = seconds
        self._began = asyncio.get_running_loop().time()
        self._taken = 0
        self._parts: list[bytes] | None = [] if is_json else None
        self._ended = False

    async def __call__(self) -> Message:
        """The next message; a body that breaks a limit is refused at once, and what is left of it is not waited for."""
        if self._ended:
            return await self._receive()  # waits for the caller to go away, however long that takes
        try:
            async with asyncio.timeout_at(self._began + self._seconds + self._taken / SLOWEST_BYTES_A_SECOND):
                message = await self._receive()
        except TimeoutError as error:
            raise _too_slow() from error
        part = message.get("body", b"")
        self._taken += len(part)
        self._ended = not message.get("more_body", False)
        if self._taken > self._most_bytes:
            raise RefusedBody(413, TOO_LARGE)
        if self._parts is not None:
            self._parts.append(part)
            if self._ended and deeper_than(self._deepest, b"".join(self._parts)):
                raise _too_deep(self._deepest)
        return message


def _too_slow() -> RefusedBody:
    message = "The body came too slowly and was given up. Nothing was written. Send it again."
    return RefusedBody(408, Refused(RefusalKind.TOO_SLOW, message, (Reason("body", "fast_enough", message),)))


def _too_deep(deepest: int) -> RefusedBody:
    message = f"The body nests lists and objects deeper than {deepest} levels. Nothing here is nested like that; send it flatter."
    return RefusedBody(400, Refused(RefusalKind.MALFORMED, message, (Reason("body", "not_too_deep", message),)))
