"""A service as a process: it starts, tells its health, and on SIGTERM finishes what it holds."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from shared import transport
from tests.running.child import free_port
from tests.running.services import SigningKey

COUNCIL = "council:E06000045"


@contextlib.contextmanager
def issuer_answering(key: SigningKey):
    """The test issuer on a real socket, for a process to fetch its keys from."""
    answers = key.transport()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            reply = answers.handler(httpx.Request("GET", f"http://issuer.test{self.path}"))
            body = reply.content.replace(b"http://issuer.test", f"http://127.0.0.1:{server.server_port}".encode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@dataclass
class Process:
    child: asyncio.subprocess.Process
    http: httpx.AsyncClient
    environment: dict[str, str]

    async def stop(self) -> tuple[int, str]:
        self.child.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(self.child.communicate(), 60)
        return self.child.returncode or 0, said.decode()


@pytest.fixture
async def process(fresh_database, notes, signing_key) -> AsyncIterator[Process]:
    async with a_process(fresh_database, notes, signing_key) as started:
        yield started


@contextlib.asynccontextmanager
async def a_process(fresh_database, notes, signing_key, **told: str) -> AsyncIterator[Process]:
    """The service of notes as a process, with these settings besides."""
    await notes()  # makes the kit know how the tables of notes are made
    app_url, _ = await fresh_database("notes")
    _, bus_url = await fresh_database("notes")  # an owner may make the queue table's tables there
    port = free_port()
    with issuer_answering(signing_key) as issuer:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": app_url,
            "BROKER_URL": bus_url,
            "QUEUE_PREFIX": f"test{port}",
            "ISSUER": issuer,
            "PORT": str(port),
            **told,
        }
        command = [sys.executable, "-m", "tests.shared.notes_service", "api", "relay"]
        child = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        token = signing_key.token(COUNCIL, iss=issuer)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=20) as http:
            for _ in range(1200):
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get("/health/ready")).status_code in (200, 503):
                        break
                await asyncio.sleep(0.05)
            yield Process(child, http, environment)
        if child.returncode is None:
            child.kill()
            await child.wait()


async def test_a_request_in_hand_is_answered_before_the_process_stops(process):
    slow = asyncio.create_task(process.http.get("/slow"))
    await asyncio.sleep(0.5)
    code, said = await process.stop()
    assert (await slow).json() == {"said": "finished"}
    assert code == 0
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["event"] for line in lines if line["event"] in ("started", "stopped")] == ["started", "stopped"]


async def test_what_was_committed_before_the_signal_is_carried_out(process):
    replies = await asyncio.gather(*[process.http.post("/notes", json={"words": "x"}) for _ in range(30)])
    assert {reply.status_code for reply in replies} == {201}
    await asyncio.sleep(0.3)
    code, said = await process.stop()
    assert code == 0, said
    bus = transport.connect(process.environment["BROKER_URL"], prefix=process.environment["QUEUE_PREFIX"])
    depth = await bus.depth("matching")
    await bus.close()
    assert depth.waiting == 30


async def test_every_line_of_a_process_is_json_and_names_the_request(process):
    await process.http.get("/notes", headers={"x-request-id": "request-of-the-test"})
    _, said = await process.stop()
    lines = [json.loads(line) for line in said.splitlines()]
    asked = next(line for line in lines if line["event"] == "request")
    assert (asked["route"], asked["status"], asked["organisation"], asked["request_id"]) == ("/notes", 200, COUNCIL, "request-of-the-test")


async def test_a_missing_setting_is_named_in_one_line():
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.shared.notes_service", "api", env={"PATH": os.environ["PATH"]}, stderr=asyncio.subprocess.PIPE
    )
    _, said = await child.communicate()
    assert (child.returncode, said.decode().strip()) == (1, "notes cannot start: DATABASE_URL is not set")
