"""What a process is told in secret is in none of its lines, replies and command lines, whatever goes wrong."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.shared.test_service_process import COUNCIL, a_process


def command_line_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


async def test_no_secret_is_logged_answered_or_listed_among_the_processes(fresh_database, notes, signing_key):
    told = {name: secrets.token_urlsafe(32) for name in ("WEBHOOK_KEYS", "PAGES_CLIENT_SECRET")}
    async with a_process(fresh_database, notes, signing_key, **told) as process:
        token = process.http.headers["authorization"].removeprefix("Bearer ")
        password = make_url(process.environment["DATABASE_URL"]).password
        kept_secret = {*told.values(), token, token.rpartition(".")[2], password}
        listed = command_line_of(process.child.pid)
        forged = signing_key.token(COUNCIL, iss="http://elsewhere.test")
        asked = [
            await process.http.get("/notes"),
            await process.http.get("/fault"),
            await process.http.get(f"/notes?cursor={token}"),
            await process.http.get(f"/nowhere/{password}"),
            await process.http.post(
                "/notes", content=f'{{"words": "{token * 3}", "{password}": 1', headers={"content-type": "application/json"}
            ),
            await process.http.get("/notes", headers={"authorization": f"Bearer {forged}"}),
            await process.http.get("/notes", headers={"x-request-id": token[:64], "idempotency-key": token[:200]}),
            await process.http.get("/metrics"),
        ]
        _, said = await process.stop()
    answered = "".join(reply.text + str(reply.headers) for reply in asked)
    assert [reply.status_code for reply in asked][:6] == [200, 500, 422, 404, 400, 401]
    assert "RuntimeError" in said, "nothing was logged: this test would prove nothing"
    for secret in filter(None, kept_secret | {forged}):
        assert secret not in said
        assert secret not in answered
        assert secret not in listed


async def test_a_database_that_lets_nobody_in_is_logged_without_its_password(fresh_database, notes, signing_key):
    password = secrets.token_urlsafe(24)
    nobody = f"postgresql://nobody_here:{password}@127.0.0.1:1/none"
    async with a_process(fresh_database, notes, signing_key, DATABASE_URL=nobody) as process:
        reply = await process.http.get("/notes")
        ready = await process.http.get("/health/ready")
        _, said = await process.stop()
    assert (reply.status_code, ready.status_code) == (503, 503)
    assert '"status":503' in said
    assert password not in said + reply.text + ready.text
