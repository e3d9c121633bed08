"""A real receiver on this machine: it verifies each request with the library's own verifier, and answers as it is told."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook as Verifier


@dataclass
class Received:
    """One request as it came."""

    headers: Mapping[str, str]
    body: str

    @property
    def id(self) -> str:
        """What a receiver tells repeats by."""
        return self.headers["webhook-id"]

    @property
    def type(self) -> str:
        """What it says happened; not verified."""
        return str(json.loads(self.body)["type"])

    @property
    def referral(self) -> str:
        """Which referral it says it is about; not verified."""
        return str(json.loads(self.body)["data"]["referral"])

    def verified(self, secret: str) -> Any:
        """The body, if it is signed with this secret; WebhookVerificationError otherwise."""
        return Verifier(secret).verify(self.body, dict(self.headers))


@dataclass
class Receiver:
    """``url`` to register; ``answers`` is a whole HTTP reply's head, used until it is replaced."""

    port: int = 0
    answers: str = "HTTP/1.1 204 No Content\r\n\r\n"
    received: list[Received] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, it reads a request and then says nothing until this is set."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hearth"

    def answer(self, status: int, **headers: str) -> None:
        """Answer so from now on."""
        named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.answers = f"HTTP/1.1 {status} Told\r\n{named}Content-Length: 0\r\n\r\n"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:]) if name}
            body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
            self.received.append(Received(headers, body))
            await self.answering.wait()
            writer.write(self.answers.encode())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the sender went away
        finally:
            writer.close()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own, over TLS when given a context."""
    receiver = Receiver()
    receiver.answering.set()
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.answering.set()
        server.close()
