"""A number is no day and no yes or no, and false is no number: every such field of every body, query and address refuses it by name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.contracts import SERVICES
from shared.organisation import ROLES, Kind
from tests.architecture.test_doors import BY_ITS_ADDRESS, OPEN_TO_ALL, SOMEBODY, doors
from tests.attack.bodies import ORDINARY, Interface, put, said_at, texts, values_of
from tests.running.services import RunningService

DAYS = (ORDINARY["date"], ORDINARY["date-time"])
RULES = {"date", "date_and_time", "whole_number", "number", "yes_or_no"}

pytestmark = pytest.mark.parametrize("service", SERVICES)


async def test_a_number_is_taken_for_no_day_and_yes_or_no_for_no_number(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    people = {kind: one.as_(SOMEBODY[kind], *ROLES[kind]) for kind in Kind}
    document, taken, tried = one.app.openapi(), [], 0
    for door in doors(one.app.routes):
        if door.path in OPEN_TO_ALL | BY_ITS_ADDRESS:
            continue
        operation = document["paths"][door.path][door.method.lower()]
        alone = Interface(document | {"paths": {door.path: {door.method.lower(): operation}}})
        client = next(people[kind] for kind in Kind if any(door.lets_in(kind, role) for role in ROLES[kind]))
        wrong = [
            (each.path, each.query, each.body, each.where)
            for each in alone.requests("0")
            if each.where.startswith(("query.", "path.")) and alone.parameter(operation, each.where) in DAYS
        ]
        body = alone.ordinary_body(operation)
        days = [(where, 0) for where in texts(body) if said_at(body, where) in DAYS] if not isinstance(body, str) else []
        numbers, choices = ([(where, other) for where in values_of(kind, body)] for kind, other in ((int, False), (bool, 0)))
        for where, other in (*days, *numbers, *choices):
            wrong.append((door.address(), {}, put(body, where, other), ".".join(map(str, where))))
        for path, query, sent, place in wrong:
            reply = await client.request(door.method, path, params=query, json=sent, headers={"if-match": "*"})
            tried += 1
            if not RULES & set(re.findall(r'"rule":"(\w+)"', reply.text)):  # of a file that is judged row by row, in the row's own errors
                taken.append(f"{door.method} {door.path} {place}: {reply.status_code} {reply.text[:150]}")
    assert not taken, "\n".join(taken)
    assert tried, "nothing was asked: this test would prove nothing"
