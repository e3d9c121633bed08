"""A service whose every table holds a row of one council, and everybody else who may ask it for things by their id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock
from uuid import UUID

from sqlalchemy import text

from shared import tenancy
from shared.organisation import ROLES, Kind, Organisation
from tests.architecture.catalogue import as_superuser, connected, policies, shape, tables
from tests.architecture.test_doors import BY_ITS_ADDRESS, OPEN_TO_ALL, Door, doors
from tests.architecture.test_row_security import VALUES, _put_a_row
from tests.attack.bodies import Interface
from tests.running.services import RunningService

THERE, NOWHERE = str(UUID(int=1)), str(UUID(int=2))
OTHERS = {Kind.COUNCIL: "council:E06000044", Kind.AGENCY: "agency:SC900001", Kind.CONSORTIUM: "consortium"}
OWNER = VALUES["text"].strip("'")

LOOKED_UP = {
    "referrals": ("children", "id"),
    "providers": ("households", "reference"),
    "matching": ("opportunities", "referral"),
    "monitoring": ("meetings", "id"),
}
"""Of each service a thing of one council, and what it is known by."""


class LooksFirst:
    """The service with a mistake planted: it looks, past the caller's own rights, whether the thing is there, and then looks further."""

    def __init__(self, one: RunningService) -> None:
        self._one = one
        self._table, self._column = LOOKED_UP[one.service.name]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        id = scope["path"].rpartition("/")[2]
        async with tenancy.transaction(self._one.databases, Organisation.parse(OWNER)) as transaction:
            query = text(f"SELECT count(*) FROM {self._table} WHERE {self._column}::text = :id")
            if await transaction.scalar(query, {"id": id}):
                await transaction.execute(text("SELECT 1"))
        await self._one.app(scope, receive, send)


@dataclass(frozen=True)
class Question:
    """One endpoint with an id in its address, and a body it would read."""

    method: str
    path: str
    body: Any

    def of(self, id: str) -> dict[str, Any]:
        """The request for this id, as a client takes it."""
        return {
            "method": self.method,
            "url": re.sub(r"{[^}]*}", id, self.path),
            "json": self.body,
            "headers": {"if-match": "*", "x-request-id": "compared"},
        }


async def fill(one: RunningService, admin_url: str) -> None:
    """Put a row of ``OWNER`` under the id ``THERE`` into every table that is some organisation's own."""
    with mock.patch.dict(VALUES, {"uuid": f"'{THERE}'"}):
        async with connected(as_superuser(admin_url, one.owner_urls[None] or "")) as administrator:
            everybodys = {policy.table for policy in await policies(administrator) if "consortium" in map(shape, policy.expressions())}
            for table in set(await tables(administrator)) - everybodys:
                await _put_a_row(administrator, table, reference=f"'{THERE}'")


def of_others(one: RunningService) -> Iterator[tuple[str, frozenset[str], Question]]:
    """Each question that an organisation which is not ``OWNER`` may ask at all: who, in which roles, what."""
    bodies = _bodies(one)
    for door in doors(one.app.routes):
        if "{" not in door.path or door.path in OPEN_TO_ALL | BY_ITS_ADDRESS:
            continue
        for kind, organisation in OTHERS.items():
            if any(door.lets_in(kind, role) for role in ROLES[kind]):
                yield organisation, frozenset(ROLES[kind]), _question(door, bodies)


def of_its_owner(one: RunningService) -> Iterator[Question]:
    """The same questions, for the council whose things they are."""
    bodies = _bodies(one)
    return (_question(door, bodies) for door in doors(one.app.routes) if "{" in door.path)


def _bodies(one: RunningService) -> dict[tuple[str, str], Any]:
    interface = Interface(one.app.openapi())
    return {(method, path): interface.ordinary_body(operation) for method, path, operation in interface.operations()}


def _question(door: Door, bodies: dict[tuple[str, str], Any]) -> Question:
    return Question(door.method, door.path, bodies.get((door.method, door.path)))
