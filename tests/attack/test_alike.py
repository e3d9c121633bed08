"""Whoever is not concerned cannot tell a thing that exists from one that does not: not by the words, and not by the work it makes.

Every table that is some organisation's own holds a row of one council, under one id. Every endpoint is then asked for that id and for one
that nobody has, by every kind of organisation that may call it but is not that council. Replies and statements are compared one by one.
Time is compared as work: the same statements, one after the other, and not as a measured time, which a busy machine decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event, text

from shared import tenancy
from shared.contracts import SERVICES
from shared.organisation import ROLES, Kind, Organisation
from tests.architecture.catalogue import as_superuser, connected, policies, shape, tables
from tests.architecture.test_doors import BY_ITS_ADDRESS, OPEN_TO_ALL, Door, doors
from tests.architecture.test_row_security import VALUES, _put_a_row
from tests.attack.bodies import Interface
from tests.running.services import RunningService

THERE, NOWHERE = str(UUID(int=1)), str(UUID(int=2))
OTHERS = {Kind.COUNCIL: "council:E06000044", Kind.AGENCY: "agency:SC900001", Kind.CONSORTIUM: "consortium"}

pytestmark = pytest.mark.parametrize("service", SERVICES)


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
        owner, id = Organisation.parse(VALUES["text"].strip("'")), scope["path"].rpartition("/")[2]
        async with tenancy.transaction(self._one.databases, owner) as transaction:
            query = text(f"SELECT count(*) FROM {self._table} WHERE {self._column}::text = :id")
            if await transaction.scalar(query, {"id": id}):
                await transaction.execute(text("SELECT 1"))
        await self._one.app(scope, receive, send)


class Work:
    """Every statement the service sends to its databases."""

    def __init__(self, one: RunningService) -> None:
        self.statements: list[str] = []
        for engine in one.databases.every():
            event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: self.statements.append(given[2]))
            event.listen(engine.sync_engine, "connect", self._connected)

    def _connected(self, connection: Any, _: Any) -> None:
        connection.driver_connection.add_query_logger(lambda query: self.statements.append(query.query))

    @contextmanager
    def of(self) -> Iterator[list[str]]:
        """The statements sent meanwhile, without what is only a value."""
        self.statements.clear()
        kept: list[str] = []
        yield kept
        kept += [re.sub(r"'[^']*'", "'…'", each) for each in self.statements]


async def test_a_thing_of_another_organisation_and_one_that_does_not_exist_are_refused_alike_in_words_and_in_work(
    running: Any, admin_url: str, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    one: RunningService = await running(service)
    monkeypatch.setitem(VALUES, "uuid", f"'{THERE}'")
    async with connected(as_superuser(admin_url, one.owner_urls[None] or "")) as administrator:
        everybodys = {policy.table for policy in await policies(administrator) if "consortium" in map(shape, policy.expressions())}
        for table in set(await tables(administrator)) - everybodys:
            await _put_a_row(administrator, table, reference=f"'{THERE}'")
    work, interface, compared, known_to_its_owner, told_apart = Work(one), Interface(one.app.openapi()), 0, 0, []
    bodies = {(method, path): interface.ordinary_body(operation) for method, path, operation in interface.operations()}
    for door in doors(one.app.routes):
        if "{" not in door.path or door.path in OPEN_TO_ALL | BY_ITS_ADDRESS:
            continue
        for kind, organisation in OTHERS.items():
            if not any(door.lets_in(kind, role) for role in ROLES[kind]):
                continue
            client = one.as_(organisation, *ROLES[kind])
            said = []
            for id in (NOWHERE, THERE, NOWHERE):  # the first opens what is opened once
                with work.of() as statements:
                    reply = await client.request(
                        door.method,
                        _at(door, id),
                        json=bodies.get((door.method, door.path)),
                        headers={"if-match": "*", "x-request-id": "compared"},
                    )
                said.append((reply.status_code, _words(reply, id), statements))
            compared += 1
            if said[1] != said[2]:
                told_apart.append(f"{organisation} {door.method} {door.path}: {said[1]} / {said[2]}")
    owner = one.as_(VALUES["text"].strip("'"), *ROLES[Kind.COUNCIL])
    for door in doors(one.app.routes):
        if "{" in door.path:
            done = []
            for id in (NOWHERE, THERE):
                with work.of() as statements:
                    sent = bodies.get((door.method, door.path))
                    reply = await owner.request(door.method, _at(door, id), json=sent, headers={"if-match": "*"})
                done.append((reply.status_code, statements))
            known_to_its_owner += done[0] != done[1]
    client = one.as_(OTHERS[Kind.COUNCIL])
    client._transport = httpx.ASGITransport(LooksFirst(one))
    planted = []
    for id in (NOWHERE, THERE, NOWHERE):
        with work.of() as statements:
            await client.get(f"/nothing/{id}")
        planted.append(statements)
    assert planted[1] != planted[2], "a look-up that differs is not noticed"
    assert not told_apart, "\n".join(told_apart)
    assert known_to_its_owner, "nothing was there: this test would prove nothing"
    assert compared > 10


def _at(door: Door, id: str) -> str:
    return re.sub(r"{[^}]*}", id, door.path)


def _words(reply: httpx.Response, id: str) -> tuple[Any, ...]:
    headers = {name: value for name, value in reply.headers.items() if name not in ("date", "content-length", "x-request-id")}
    return reply.text.replace(id, "…"), headers
