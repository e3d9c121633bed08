"""A client that says, or hears, only a byte now and then is given up at a deadline, and everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import httpx
import pytest

from tests.shared.test_service_process import Process, a_process

PATIENCE = 1.5
RESET = b"(reset)"
"""What we left unread of a client's words makes the system reset the connection, on a busy machine before the answer is read."""


@pytest.fixture
async def process(fresh_database, notes, signing_key):
    told = {"CLIENT_SECONDS": str(PATIENCE), "MAX_HEAD_BYTES": "8000", "REQUESTS_AT_ONCE": "5"}
    async with a_process(fresh_database, notes, signing_key, **told) as started:
        yield started


class Client:
    """A connection somebody types into by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def drip(self, text: bytes, *, every: float = 0.05) -> bytes:
        """Send byte by byte until the other side hangs up; what it said."""
        heard = asyncio.create_task(self.reader.read())
        with contextlib.suppress(ConnectionError):
            for byte in text * 1000:
                if heard.done():
                    break
                self.writer.write(bytes([byte]))
                await self.writer.drain()
                await asyncio.sleep(every)
        return await self.heard(heard)

    async def send(self, text: bytes) -> bytes:
        """Send all of it; what was said until the other side hangs up."""
        self.writer.write(text)
        return await self.heard(asyncio.create_task(self.reader.read()))

    @staticmethod
    async def heard(reading: asyncio.Task[bytes]) -> bytes:
        try:
            return await asyncio.wait_for(reading, 30)
        except ConnectionError:
            return RESET


@contextlib.asynccontextmanager
async def connected(process: Process):
    where = process.http.base_url
    reader, writer = await asyncio.open_connection(where.host, where.port)
    yield Client(reader, writer)
    writer.close()


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1])


async def served(process: Process) -> None:
    assert (await process.http.get("/notes")).status_code == 200


async def test_whoever_drips_or_does_not_listen_is_given_up_and_others_are_served_meanwhile(process):
    token = process.http.headers["authorization"].encode()

    async def one(dripped: bytes, *, first: bytes = b"") -> bytes:
        async with connected(process) as client:
            client.writer.write(first)
            return await client.drip(dripped)

    # Four times as many as there is room for, so that each would stand in another's way if it took any.
    heads = [asyncio.create_task(one(b"GET /notes HTTP/1.1\r\nHost: x\r\nX-Slow: ")) for _ in range(20)]
    empty_lines, nothing = asyncio.create_task(one(b"\r\n")), asyncio.create_task(silent(process))
    # Refused without a token, this client goes on sending what nobody reads.
    unread = asyncio.create_task(one(b" ", first=b"POST /imports HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n"))
    deaf = asyncio.create_task(does_not_take_its_answer(process, token))
    await asyncio.sleep(0.3)
    await served(process)
    said = await asyncio.gather(*heads)
    assert {status(one) for one in said} == {408}
    assert all(b"application/problem+json" in one and b"connection: close" in one.lower() for one in said)
    assert status(await empty_lines) in (400, 408)
    assert await nothing == b""
    assert (answer := await unread) == RESET or status(answer) in (401, 408)
    await deaf

    post = b"POST /notes HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    said = await asyncio.gather(*(one(b" ", first=post % token) for _ in range(10)))
    bodies = [one for one in said if one != RESET]
    assert len(bodies) > 5
    assert {status(one) for one in bodies} == {408, 503}, "there is room for five: the others are turned away, not kept waiting"
    assert all(b"retry-after: 2" in one.lower() for one in bodies if status(one) == 503)
    await served(process)


async def test_whoever_goes_on_speaking_after_a_refusal_can_still_read_it(process):
    where = process.http.base_url
    with socket.create_connection((where.host, where.port)) as speaker:
        for words in (b"this is no request\r\n\r\n", b"and more", b"and more of it"):
            speaker.sendall(words)
            await asyncio.sleep(0.2)
        speaker.settimeout(5)
        said = await asyncio.to_thread(speaker.recv, 65536)
    assert status(said) == 400
    await served(process)


async def silent(process: Process) -> bytes:
    async with connected(process) as client:
        return await client.send(b"")


async def does_not_take_its_answer(process: Process, token: bytes) -> None:
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((process.http.base_url.host, process.http.base_url.port))
        deaf.send(b"GET /long HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n" % token)
        deaf.setblocking(False)
        for _ in range(200):
            await asyncio.sleep(0.1)
            try:
                deaf.send(b"\r")
            except (ConnectionError, BrokenPipeError):
                return
    pytest.fail("the connection was kept for somebody who does not listen")


TOO_LARGE = {
    "one long header": b"GET /notes HTTP/1.1\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n",
    "a long address": b"GET /notes?" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n",
    "many headers": b"GET /notes HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n",
    "a header without end": b"GET /notes HTTP/1.1\r\nX-Endless: " + b"x" * 3_000_000,
}
NO_REQUEST = [b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"HELLO there HTTP/1.1\r\n\r\n"]
READ_IN_TWO_WAYS = [
    b"POST /notes HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /notes HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    b"POST /notes HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /notes HTTP/1.1\r\nHost : x\r\n\r\n",
]
"""A proxy in front could take one part of it for the next caller's request."""


async def test_a_head_that_is_too_large_or_no_request_is_refused_as_a_problem_and_ordinary_clients_keep_their_connection(process):
    async with httpx.AsyncClient(base_url=process.http.base_url, headers=process.http.headers) as client:
        first = await client.get("/notes")
        ours = first.extensions["network_stream"].get_extra_info("client_addr")
        for name, head in TOO_LARGE.items():
            said = await typed(process, head)
            if said != RESET:
                assert status(said) == 431, name
                assert b"application/problem+json" in said, name
        for nonsense in NO_REQUEST + READ_IN_TWO_WAYS:
            said = await typed(process, nonsense)
            assert status(said) == 400, nonsense
            assert b"application/problem+json" in said, nonsense
        await asyncio.sleep(PATIENCE * 1.5)
        second = await client.get("/notes")
        assert (first.status_code, second.status_code) == (200, 200)
        assert ours == second.extensions["network_stream"].get_extra_info("client_addr"), "a new connection was made"


async def typed(process: Process, text: bytes) -> bytes:
    async with connected(process) as client:
        return await client.send(text)
