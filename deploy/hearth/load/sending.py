"""Sends rows to the services as the organisation each belongs to, several at a time, and keeps every refusal by file and line."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from hearth.load.rows import Fault, Row
from hearth.progress import Step, step
from hearth.tokens import Tokens

AT_ONCE = 8
PATIENCE = 20.0


class StoppedError(Exception):
    """The load cannot go on: what follows would stand on what was refused."""


@dataclass(frozen=True)
class Answer:
    """What a service said to one request."""

    status: int
    body: Any

    @property
    def good(self) -> bool:
        """Whether it was done."""
        return self.status < 300

    def broken(self) -> set[tuple[str, str]]:
        """Each field that was wrong, by the last part of its name, with the rule it broke."""
        return {(str(error.get("field")).rpartition(".")[2], str(error.get("rule"))) for error in self._errors()}

    def _errors(self) -> list[dict[str, Any]]:
        return list(self.body.get("errors") or []) if isinstance(self.body, dict) else []

    def faults(self, row: Row) -> list[Fault]:
        """The refusal as faults of the row that was sent."""
        if self._errors():
            return [row.fault(str(error.get("field", "")), str(error.get("message", ""))) for error in self._errors()]
        detail = self.body.get("detail") if isinstance(self.body, dict) else None
        return [row.fault("", f"refused ({self.status}): {detail or 'no reason was given'}")]


@dataclass
class Sender:
    """The way to the services, and what they refused so far."""

    http: httpx.AsyncClient
    tokens: Tokens
    addresses: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def ask(
        self,
        service: str,
        method: str,
        path: str,
        organisation: str,
        body: Any = None,
        *,
        key: str | None = None,
        role: str = "",
        whatever_version: bool = False,
    ) -> Answer:
        """One request under one organisation's token. Waits and tries again for a while when a service says it has too much to do."""
        headers = {"Authorization": f"Bearer {await self.tokens.of(organisation, role)}"}
        if whatever_version:
            headers["If-Match"] = "*"
        if key:
            headers["Idempotency-Key"] = key
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while True:
            async with self._room:
                reply = await self.http.request(method, self.addresses[service] + path, json=body, headers=headers)
            wait = seconds_asked_for(reply)
            if wait is None or loop.time() + wait > deadline:
                break
            await asyncio.sleep(wait)
        return Answer(reply.status_code, _json(reply))

    async def send(
        self, row: Row, service: str, method: str, path: str, organisation: str, body: Any = None, *, key: str | None = None
    ) -> Any:
        """One row's request; its reply, or None when it was refused (the refusal is kept)."""
        answer = await self.ask(service, method, path, organisation, body, key=key)
        if answer.good:
            return answer.body
        self.faults.extend(answer.faults(row))
        return None

    async def ask_when_known(
        self,
        service: str,
        method: str,
        path: str,
        organisation: str,
        body: Any,
        passing: frozenset[tuple[str, str]],
        *,
        key: str | None = None,
    ) -> Answer:
        """The same, asked again for a while as long as the only rules broken are ``passing``: the service has yet to hear of something."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while True:
            answer = await self.ask(service, method, path, organisation, body, key=key)
            if answer.good or not answer.broken() or not answer.broken() <= passing or loop.time() > deadline:
                return answer
            await asyncio.sleep(0.1)

    async def each(self, words: str, rows: Iterable[Row], send: Callable[[Row], Awaitable[Any]]) -> list[Any]:
        """Send every row, several at a time, showing how far it is. StoppedError when any was refused."""
        listed = list(rows)
        with step(words, len(listed)) as progress:
            results = await asyncio.gather(*(self._counted(send(row), progress) for row in listed))
        self.stop_if_refused()
        return list(results)

    def stop_if_refused(self) -> None:
        """StoppedError when anything was refused so far."""
        if self.faults:
            raise StoppedError

    async def _counted(self, work: Awaitable[Any], progress: Step) -> Any:
        result = await work
        progress.done()
        return result


def seconds_asked_for(reply: httpx.Response) -> float | None:
    """How long a service that did nothing of a request asks to wait before it is sent again; None when it did not ask."""
    if reply.status_code not in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
        return None
    given = reply.headers.get("retry-after", "")
    return float(given) if given.isdecimal() else None


def key_of(row: Row, body: Any) -> str:
    """The Idempotency-Key of a row: the same row sent again is the same wish, a changed one is another."""
    told = json.dumps([row.file, row.values, body], sort_keys=True, default=str)
    return f"load-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def _json(reply: httpx.Response) -> Any:
    try:
        return reply.json() if reply.content else None
    except ValueError:
        return None
