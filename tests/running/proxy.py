"""A TCP proxy on loopback that a test can cut or silence, to stand for a network that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Passes bytes both ways between ``port`` and the real server until told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._open_there, self._open_back = asyncio.Event(), asyncio.Event()
        self._open_there.set()
        self._open_back.set()
        self._refuses = False
        self._seconds = 0.0
        self._bytes_a_second = 0.0
        self.port = 0

    def cut(self) -> None:
        """Close every connection at once; new ones are passed on."""
        for writer in list(self._writers):
            writer.transport.abort()

    def refuse(self, refuses: bool = True) -> None:
        """Cut, and close whatever connects from now on."""
        self._refuses = refuses
        self.cut()

    def silence(self, *, there: bool = True, back: bool = True) -> None:
        """Keep connections open and pass nothing on, as a cable that was pulled; or only one way, as a connection half open."""
        if there:
            self._open_there.clear()
        if back:
            self._open_back.clear()

    def speak(self) -> None:
        """Pass bytes on again at full speed, those held back included."""
        self._seconds = self._bytes_a_second = 0.0
        self._open_there.set()
        self._open_back.set()

    def slow(self, *, seconds: float = 0.0, bytes_a_second: float = 0.0) -> None:
        """Pass each piece on so much later, and no more than so many bytes a second on each connection."""
        self._seconds, self._bytes_a_second = seconds, bytes_a_second

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:  # the real server is away: so are we
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(self._pass(reader, far_writer, self._open_there), self._pass(far_reader, writer, self._open_back))
        finally:
            for one in (writer, far_writer):
                one.transport.abort()
                self._writers.discard(one)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: asyncio.Event) -> None:
        try:
            while data := await reader.read(65536):
                await way.wait()
                late = self._seconds + (len(data) / self._bytes_a_second if self._bytes_a_second else 0.0)
                if late:
                    await asyncio.sleep(late)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def proxy_before(host: str, port: int) -> AsyncIterator[Proxy]:
    """A proxy before a server, for as long as the block lasts."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.speak()
        proxy.cut()
        await asyncio.sleep(0.05)
