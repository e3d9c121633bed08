"""Bring a past in by the documented door, some thousands of lines at a time, while the next month is still being made."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from hearth.load.sending import Sender, seconds_asked_for
from hearth.progress import step
from hearth.simulate.history import Past
from hearth.simulate.plan import Plan
from hearth.simulate.returns import Returns
from hearth.simulate.telling import SOURCE
from shared import clock, ids

AT_ONCE = 4_000
RETURNS_AT_ONCE = 120
PATIENCE = 60.0
"""Seconds until news of an agency or lot that was just recorded must have reached monitoring."""
NOT_HEARD_YET = {"agency_known", "council_known", "lot_known"}


class RefusedError(Exception):
    """The past was not taken; says why."""


@dataclass
class Brought:
    """What has been brought in so far."""

    lines: int = 0
    new: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each provider's last count of places."""
    returns: int = 0
    """Agencies' quarterly returns."""


async def bring_in(sender: Sender, past: Past, plan: Plan, *, quiet: bool = False) -> Brought:
    """Bring in every month, in order. Sent again, what is there already changes nothing."""
    brought, waiting, returns = Brought(), list[bytes](), Returns(plan, past.planted)
    with step(f"The past since {plan.first:%B %Y}, month by month", 0 if quiet else len(plan.months)) as progress:
        month = await asyncio.to_thread(next, past.months, None)
        while month is not None:
            waiting += month[1]
            _look(brought, returns, month[1])
            making = asyncio.create_task(asyncio.to_thread(next, past.months, None))
            try:
                while len(waiting) >= AT_ONCE:
                    await _send(sender, brought, waiting[:AT_ONCE])
                    del waiting[:AT_ONCE]
            finally:
                month = await making
            progress.done()
        waiting += _as_they_stand(brought)
        await _send(sender, brought, waiting)
    await _send_returns(sender, brought, returns.finish(), quiet=quiet)
    return brought


async def _send_returns(sender: Sender, brought: Brought, made: list[dict[str, Any]], *, quiet: bool) -> None:
    with step("Agencies' quarterly returns", 0 if quiet else len(made)) as progress:
        for first in range(0, len(made), RETURNS_AT_ONCE):
            some = made[first : first + RETURNS_AT_ONCE]
            answer = await sender.ask("monitoring", "POST", "/past-returns", "consortium", {"returns": some}, role="project_manager")
            if not answer.good:
                errors = answer.body.get("errors") or []
                said = "; ".join(f"{error['field']}: {error['message']}" for error in errors[:3]) or answer.body.get("detail")
                raise RefusedError(f"The returns were refused ({answer.status}): {said}")
            brought.returns += len(some)
            progress.done(len(some))


def _look(brought: Brought, returns: Returns, lines: list[bytes]) -> None:
    for line in lines:
        event = json.loads(line)
        returns.hear(event)
        brought.by_type[event["type"]] += 1
        if event["type"] == "places.counted":
            brought.places[event["subject"]] = event


def _as_they_stand(brought: Brought) -> list[bytes]:
    """Each provider's places told once more, now: what the loaded consortium told when it was loaded is of a few homes only."""
    now = clock.now().isoformat()
    again = [
        event | {"id": str(ids.new_id()), "source": SOURCE, "time": now, "version": event["version"] + 1}
        for event in brought.places.values()
    ]
    return [json.dumps(event).encode() for event in again]


async def _send(sender: Sender, brought: Brought, lines: list[bytes]) -> None:
    if not lines:
        return
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        reply = await _post(sender, b"\n".join(lines))
        if reply.status_code == httpx.codes.OK:
            brought.lines += len(lines)
            brought.new += int(reply.json()["events"])
            return
        if (wait := seconds_asked_for(reply)) is not None and loop.time() + wait < deadline:
            await asyncio.sleep(wait)
            continue
        errors = reply.json().get("errors") or []
        if loop.time() > deadline or not errors or not {error["rule"] for error in errors} <= NOT_HEARD_YET:
            said = "; ".join(str(error["message"]) for error in errors[:3]) or reply.json().get("detail")
            raise RefusedError(f"The past was refused ({reply.status_code}): {said}")
        await asyncio.sleep(0.3)


async def _post(sender: Sender, content: bytes) -> httpx.Response:
    token = await sender.tokens.of("consortium", "project_manager")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    return await sender.http.post(f"{sender.addresses['monitoring']}/past", content=content, headers=headers, timeout=120)
