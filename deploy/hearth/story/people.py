"""The people of the story: each is one sign-in, one organisation and one role, and can do no more than that allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from hearth.story.account import NotAsItShouldBeError
from hearth.tokens import Tokens


@dataclass(frozen=True)
class Reply:
    """What a service answered."""

    status: int
    body: Any

    @property
    def detail(self) -> str:
        """The refusal in words."""
        return str(self.body.get("detail", "")) if isinstance(self.body, dict) else ""

    @property
    def rules(self) -> set[str]:
        """The rules that were broken."""
        return {error["rule"] for error in self.body.get("errors", [])} if isinstance(self.body, dict) else set()


@dataclass(frozen=True)
class Person:
    """Somebody who signs in."""

    title: str
    organisation: str
    role: str
    http: httpx.AsyncClient
    tokens: Tokens
    addresses: Mapping[str, str]

    async def ask(self, method: str, service: str, path: str, body: Any = None) -> Reply:
        """One request, whatever the answer; a change is of whatever version there is, since nobody else writes the story."""
        headers = {"Authorization": f"Bearer {await self.tokens.of(self.organisation, self.role)}"}
        if method == "PUT":
            headers["If-Match"] = "*"
        reply = await self.http.request(method, self.addresses[service] + path, json=body, headers=headers)
        return Reply(reply.status_code, reply.json() if reply.content else None)

    async def get(self, service: str, path: str) -> Any:
        """Read something that must be there."""
        return await self._done("GET", service, path)

    async def post(self, service: str, path: str, body: Any = None) -> Any:
        """Do something that must be allowed."""
        return await self._done("POST", service, path, body)

    async def put(self, service: str, path: str, body: Any) -> Any:
        """Set something that must be allowed."""
        return await self._done("PUT", service, path, body)

    async def refused(self, method: str, service: str, path: str, status: int, body: Any = None) -> Reply:
        """Try something that must be refused with this status."""
        reply = await self.ask(method, service, path, body)
        if reply.status != status:
            raise NotAsItShouldBeError(
                f"{self.title}: {method} {path} must be refused with {status}, but answered {reply.status}: {reply.body}"
            )
        return reply

    async def _done(self, method: str, service: str, path: str, body: Any = None) -> Any:
        reply = await self.ask(method, service, path, body)
        if reply.status >= 300:
            raise NotAsItShouldBeError(f"{self.title}: {method} {service}{path} was refused ({reply.status}): {reply.body}")
        return reply.body
