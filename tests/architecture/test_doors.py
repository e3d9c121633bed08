"""Every endpoint of every service, tried by every kind of organisation and role it is not for."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import jwt
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared import signin
from shared.allowances import Allowance, Allowances
from shared.contracts import SERVICES
from shared.organisation import ROLES, Kind, Organisation, Role
from tests.running.services import RunningService, SigningKey

OPEN_TO_ALL = {"/health/live", "/health/ready", "/metrics"}
"""What a machine asks; the documents of the interface are open too and are no routes of ours."""

PAGES = "/pages"
"""What people read in a browser, signed in by a session: tried by test_page_doors.py."""
PAGES_BEFORE_SIGN_IN = {f"{PAGES}/{place}" for place in ("sign-in", "signed-in", "sign-out", "signed-out", "static/{name}", "{rest:path}")}
"""How one signs in and out, the style sheet, and the page that says there is none."""

BY_ITS_ADDRESS = {"/calendar-feeds/{secret}/meetings.ics"}
"""What a calendar reads, which can send no token: the address is the secret (tests/monitoring/test_calendar.py)."""

SOMEBODY = {Kind.COUNCIL: "council:E06000045", Kind.AGENCY: "agency:SC012345", Kind.CONSORTIUM: "consortium"}
ROLE_OF_OTHERS = {Kind.COUNCIL: "project_manager", Kind.AGENCY: "placements_officer", Kind.CONSORTIUM: "placements_officer"}
ROLE_PAIRS = [(kind, role) for kind, roles in ROLES.items() for role in sorted(roles)]

pytestmark = pytest.mark.parametrize("service", SERVICES)


@dataclass(frozen=True)
class Door:
    """One endpoint: how it is called, and who may call it as its parameter type says; None when it names no caller."""

    method: str
    path: str
    allowed: dict[Kind, frozenset[Role]] | None

    def lets_in(self, kind: Kind, role: Role) -> bool:
        """Whether this role of this kind of organisation may call."""
        return self.allowed is not None and role in self.allowed.get(kind, ())

    def address(self) -> str:
        """The path with something in each of its gaps."""
        return re.sub(r"{[^}]*}", str(UUID(int=1)), self.path)


def doors(routes: Any) -> list[Door]:
    """Every endpoint but the pages, found in the application itself and not in a list somebody must keep."""
    found = [door for door in every_door(routes) if not door.path.startswith(PAGES)]
    assert len(found) > len(OPEN_TO_ALL), "no endpoint was found: this test would prove nothing"
    return found


def every_door(routes: Any) -> list[Door]:
    """Every endpoint and every page."""
    return [
        Door(method, route.path, _allowed(route.dependant)) for route in api_routes(routes) for method in sorted(route.methods - {"HEAD"})
    ]


def api_routes(routes: Any) -> Iterator[APIRoute]:
    """Every route of ours, those of included routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inside := getattr(route, "original_router", route)) is not None and hasattr(inside, "routes"):
            yield from api_routes(inside.routes)  # FastAPI keeps an included router whole


def _allowed(dependant: Dependant) -> dict[Kind, frozenset[Role]] | None:
    for inner in dependant.dependencies:
        if isinstance(inner.call, signin.ByToken):
            return dict(inner.call.who.allowed)
        if inner.call is not None and getattr(inner.call, "__qualname__", "") == f"{signin.signed_in.__qualname__}.<locals>.checked":
            return dict(inspect.getclosurevars(inner.call).nonlocals["who"].allowed)
        if (found := _allowed(inner)) is not None:
            return found
    return None


async def test_every_endpoint_names_who_may_call(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    found = every_door(one.app.routes)
    assert {door.path for door in found if door.allowed is None} - PAGES_BEFORE_SIGN_IN - BY_ITS_ADDRESS == OPEN_TO_ALL


async def test_every_documented_address_is_among_the_doors_tried(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    documented = {(method.upper(), path) for path, methods in one.app.openapi()["paths"].items() for method in methods}
    assert {(door.method, door.path) for door in doors(one.app.routes)} >= documented


async def test_every_reference_of_the_document_leads_somewhere_and_everything_is_named_as_it_is_sent(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    whole = one.app.openapi()
    known = {path for path, _ in parts(whole)}
    for path, node in parts(whole):
        if isinstance(node.get("$ref"), str):
            assert node["$ref"] in known, (path, node["$ref"])
        if path.rpartition("/")[2] == "properties":
            assert not [name for name in node if name.endswith("_")], path


def parts(node: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a document, with where it is."""
    if isinstance(node, dict):
        yield path, node
    for name, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from parts(inner, f"{path}/{name}")


async def test_an_address_asked_for_what_it_does_not_do_names_all_that_it_does(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    client, does = one.with_token(None), defaultdict(set)
    for door in doors(one.app.routes):
        does[door.path].add(door.method)
    for path, methods in does.items():
        reply = await client.request("TRACE", Door("TRACE", path, None).address())
        assert (reply.status_code, set(reply.headers["allow"].split(", ")) - {"HEAD"}) == (405, methods), path


async def test_nobody_gets_in_without_a_token_or_with_a_role_of_another_kind(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    strangers = {
        "no token": one.with_token(None),
        "not a token": one.with_token("abc.def.ghi"),
        "another issuer's": one.with_token(one.key.token("consortium", iss="http://elsewhere.test")),
        "another audience's": one.with_token(one.key.token("consortium", aud="payroll")),
        "an expired one": one.with_token(one.key.token("consortium", iat=1, exp=2)),
        "one that is not signed": one.with_token(forged(one, "none", None)),
        "one signed with a shared secret": one.with_token(forged(one, "HS256", "a secret of thirty-two characters")),
        "one of another key under the same name": one.with_token(replace(SigningKey.new(), key_id=one.key.key_id).token("consortium")),
    }
    for door in doors(one.app.routes):
        if door.path in OPEN_TO_ALL | BY_ITS_ADDRESS:
            continue
        for name, client in strangers.items():
            await _refused(client, door, 401, name)
        for kind, whose in (
            (Kind.COUNCIL, "project_manager"),
            (Kind.AGENCY, "placements_officer"),
            (Kind.CONSORTIUM, "placements_officer"),
        ):
            await _refused(one.as_(SOMEBODY[kind], whose), door, 403, f"{kind} with a role of others")


def forged(one: RunningService, algorithm: str, secret: str | None) -> str:
    """A token that says all that a good one says, signed in a way that anybody can."""
    said = jwt.decode(one.key.token("consortium"), options={"verify_signature": False})
    return jwt.encode(said, secret, algorithm, {"kid": one.key.key_id})


async def test_every_endpoint_refuses_every_kind_and_role_it_is_not_for(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    people = {(kind, role): one.as_(SOMEBODY[kind], role) for kind, role in ROLE_PAIRS}
    for door in doors(one.app.routes):
        if door.path in OPEN_TO_ALL | BY_ITS_ADDRESS:
            continue
        for (kind, role), client in people.items():
            if not door.lets_in(kind, role):
                await _refused(client, door, 403, f"{kind} {role}")


async def test_who_may_only_read_may_change_nothing(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    for door in doors(one.app.routes):
        if door.method != "GET" and door.path not in OPEN_TO_ALL:
            assert not [kind for kind in Kind if door.lets_in(kind, Role.READER)], f"{door.method} {door.path}"


async def test_every_endpoint_counts_towards_what_an_organisation_may_ask(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    spend_all(one)
    people = [one.as_(organisation) for organisation in SOMEBODY.values()]
    for door in doors(one.app.routes):
        if door.path not in OPEN_TO_ALL | BY_ITS_ADDRESS:
            for client in people:
                await _refused(client, door, 429, "who asked too much")


def spend_all(one: RunningService) -> None:
    """Everybody has asked for all there is in this minute."""
    allowances = one.app.state.allowances = Allowances(Allowance(1), Allowance(1))
    for organisation in map(Organisation.parse, SOMEBODY.values()):
        allowances.take(organisation, reading=True)
        allowances.take(organisation, reading=False)


async def _refused(client: Any, door: Door, status: int, who: str) -> None:
    reply = await client.request(door.method, door.address())
    said = f"{who}: {door.method} {door.path} → {reply.status_code}"
    assert reply.status_code == status, said
    assert reply.headers["content-type"] == "application/problem+json", said
    assert reply.json()["status"] == status, said
    assert reply.json()["detail"], said
