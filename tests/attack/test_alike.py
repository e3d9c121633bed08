"""Whoever is not concerned cannot tell a thing that exists from one that does not: not by the words, and not by the work it makes.

Every table that is some organisation's own holds a row of one council, under one id. Every endpoint is then asked for that id and for one
that nobody has, by every kind of organisation that may call it but is not that council. Replies and statements are compared one by one.
Time is compared here as work: the same statements, one after the other, and not as a measured time, which a busy machine decides;
``python -m tests.attack.by_the_clock`` measures that.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.contracts import SERVICES
from shared.organisation import ROLES, Kind
from tests.attack.one_council import NOWHERE, OTHERS, OWNER, THERE, LooksFirst, fill, of_its_owner, of_others
from tests.running.services import RunningService
from tests.running.work import Work

pytestmark = pytest.mark.parametrize("service", SERVICES)


async def test_a_thing_of_another_organisation_and_one_that_does_not_exist_are_refused_alike_in_words_and_in_work(
    running: Any, admin_url: str, service: str
) -> None:
    one: RunningService = await running(service)
    await fill(one, admin_url)
    work, compared, told_apart = Work(one), 0, []
    for organisation, roles, question in of_others(one):
        client = one.as_(organisation, *roles)
        said = []
        for id in (NOWHERE, THERE, NOWHERE):  # the first opens what is opened once
            with work.of() as statements:
                reply = await client.request(**question.of(id))
            said.append((reply.status_code, _words(reply, id), statements))
        compared += 1
        if said[1] != said[2]:
            told_apart.append(f"{organisation} {question.method} {question.path}: {said[1]} / {said[2]}")
    known_to_its_owner = 0
    owner = one.as_(OWNER, *ROLES[Kind.COUNCIL])
    for question in of_its_owner(one):
        done = []
        for id in (NOWHERE, THERE):
            with work.of() as statements:
                reply = await owner.request(**question.of(id))
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


def _words(reply: httpx.Response, id: str) -> tuple[Any, ...]:
    headers = {name: value for name, value in reply.headers.items() if name not in ("date", "content-length", "x-request-id")}
    return reply.text.replace(id, "…"), headers
