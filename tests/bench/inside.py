"""One request to create a referral, answered in this process: what it sends to the database, and where its time goes."""

from __future__ import annotations

import json
from typing import Any

from referrals.app import SERVICE
from tests.bench.captured import Statement, heard_all, listening
from tests.bench.demand import CHILD, COUNCIL, new_referral
from tests.bench.ground import Ground
from tests.bench.profiled import shares
from tests.running.services import RunningService

PROFILED = 400
"""So many requests are answered for the profile; the first quarter warms up."""


def _referrals_here(ground: Ground) -> RunningService:
    """The referrals service in this process, on the databases measured, with one connection."""
    return RunningService.start(
        SERVICE,
        {None: (ground.databases["referrals"].app_url, "")},
        ground.key,
        pool_size=1,
        development=False,
        vault_keys_file=str(ground.vault_keys()),
    )


async def capture(ground: Ground) -> list[Statement]:
    """What one request to create a referral sends to the database, from a connection that has served one before."""
    service = _referrals_here(ground)
    with listening(service.databases.shared) as log:
        async with service.as_(str(COUNCIL), "placements_officer") as http:
            for number in (0, 1):
                await heard_all()
                log.take()
                reply = await http.post("/referrals", json=new_referral(CHILD.format(number)))
                if reply.status_code != 201:
                    raise RuntimeError(f"the referral was refused: {reply.text}")
            await heard_all()
        captured = log.take()
        await service.close()
    return [*captured, Statement("-- reply", (reply.json()["reference"],), 0)]


async def where_the_time_goes(ground: Ground, first: int) -> str:
    """The share of each part in one request's processor time, in words; requests answered in this process under a profiler."""
    service = _referrals_here(ground)
    headers = [(b"content-type", b"application/json")]
    headers += [(name.lower().encode(), value.encode()) for name, value in _token(service).items()]

    async def ask(children: range) -> None:
        for child in children:
            body = json.dumps(new_referral(CHILD.format(child))).encode()
            await _call(service.app, body, headers)

    await ask(range(first, first + PROFILED // 4))
    _, found = await shares(lambda: ask(range(first + PROFILED // 4, first + PROFILED)))
    await service.close()
    return ", ".join(f"{part} {share:.0%}" for part, share in found.items() if share >= 0.01)


def _token(service: RunningService) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.key.token(str(COUNCIL), 'placements_officer')}"}


async def _call(app: Any, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """One request without a socket and without a client's own work."""
    statuses = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", 201))

    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "headers": headers}
    scope |= {"method": "POST", "path": "/referrals", "raw_path": b"/referrals", "root_path": "", "query_string": b""}
    scope |= {"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    await app(scope, receive, send)
    if statuses[0] != 201:
        raise RuntimeError(f"the referral was refused: {statuses[0]}")
