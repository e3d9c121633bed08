"""A request's body as it arrives: no more of it, no deeper and no slower than is taken, and nothing in it that no database keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from shared.json_bounds import deeper_than, more_values_than, null_bytes_in
from shared.reasons import MOST_REASONS, unwritable
from shared.refusals import Reason, RefusalKind, Refused

SLOWEST_BYTES_A_SECOND = 20_000
"""What a body must come at, beside the seconds any client is given: a bad line manages ten times as much."""

TOO_LARGE = Refused(RefusalKind.TOO_LARGE, "The body is larger than is taken at once. Send it in parts.")
_PACKED_WORDS = "The body is sent packed. Nothing is unpacked here; send it as it is, without Content-Encoding."
PACKED = Refused(RefusalKind.UNSUPPORTED, _PACKED_WORDS, (Reason("Content-Encoding", "not_packed", _PACKED_WORDS),))
"""A body of 2 MB may unpack to 2 GB. None is unpacked, and none is taken for what it is not."""


_CHARSET_WORDS = "The form is not written in UTF-8. Send it as UTF-8, with no other charset in its Content-Type."
NOT_IN_UTF8 = Refused(RefusalKind.UNSUPPORTED, _CHARSET_WORDS, (Reason("Content-Type", "in_utf_8", _CHARSET_WORDS),))


def is_packed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request's headers name any coding of its body but ``identity``, in however many lines."""
    named = (part for name, value in headers if name == b"content-encoding" for part in value.split(b","))
    return any(part.strip().lower() not in (b"", b"identity") for part in named)


class RefusedBody(HTTPException):
    """Raised while a body is read: the framework passes on only its own kind of exception from there."""

    def __init__(self, status: int, refused: Refused, at: Sequence[tuple[str | int, ...]] = ()) -> None:
        super().__init__(status)
        self.refused = refused
        self.at = at
        """Where in the body what is refused stands, for whoever knows which of the names on the way are ours."""


class BoundedBody:
    """Stands where an application receives its request's messages."""

    def __init__(self, receive: Receive, *, most_bytes: int, most_values: int, deepest: int, seconds: float, is_json: bool) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._most_values = most_values
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
            if self._ended:
                self._hold_to_what_is_read(b"".join(self._parts))
        return message

    def _hold_to_what_is_read(self, body: bytes) -> None:
        if deeper_than(self._deepest, body):
            raise _too_deep(self._deepest)
        if more_values_than(self._most_values, body):
            raise _too_many_values(self._most_values)
        if null_bytes := list(islice(null_bytes_in(body), MOST_REASONS)):
            raise RefusedBody(422, unwritable(), null_bytes)


def _too_many_values(most: int) -> RefusedBody:
    message = f"The body holds more than {most:,} values. Nothing here takes as many at once; send it in parts."
    return RefusedBody(413, Refused(RefusalKind.TOO_LARGE, message, (Reason("body", "not_too_many_values", message),)))


def _too_slow() -> RefusedBody:
    message = "The body came too slowly and was given up. Nothing was written. Send it again."
    return RefusedBody(408, Refused(RefusalKind.TOO_SLOW, message, (Reason("body", "fast_enough", message),)))


def _too_deep(deepest: int) -> RefusedBody:
    message = f"The body nests lists and objects deeper than {deepest} levels. Nothing here is nested like that; send it flatter."
    return RefusedBody(400, Refused(RefusalKind.MALFORMED, message, (Reason("body", "not_too_deep", message),)))
