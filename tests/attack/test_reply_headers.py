"""Nothing that a caller chose gets into a reply's headers but what is harmless there: no line end, no quote, no other site, no other path.

Every part of every request holds, in turn, what would end a header, leave a file's name or lead elsewhere. What may be in each header of a
reply is written down; a header that nobody wrote down fails the test.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi.dependencies.models import Dependant

from monitoring.routes.pages.doorway import Doorway
from shared.contracts import SERVICES
from shared.organisation import ROLES, Kind
from tests.architecture.test_doors import OPEN_TO_ALL, PAGES, PAGES_BEFORE_SIGN_IN, SOMEBODY, Door, api_routes, every_door
from tests.architecture.test_page_doors import a_browser, running_pages, signed_in
from tests.attack.bodies import SOME_ID
from tests.running.services import RunningService

HOSTILE = (
    'planted"; filename="planted.exe',
    "planted\r\nSet-Cookie: planted=1\r\n\r\n<script>",
    "planted\nX-Planted: 1",
    "../../planted",
    "//planted.example/",
    "\\\\planted.example\\x",
    "plantéd✓",
    "planted\x00\x7f",
)
MARK = re.compile(r"plant[eé]d", re.IGNORECASE)

IN_HEADERS = ("x-request-id", "idempotency-key", "if-match", "if-none-match", "accept", "origin", "host", "cookie", "referer", "range")
"""What a caller says besides, and a careless reply would repeat."""

A_PATH = r"/(?!/)[A-Za-z0-9._~/-]*(\?[A-Za-z0-9._~%=&+-]*)?"
MAY_SAY = {
    "content-length": r"\d+",
    "content-type": r"[a-z]+/[a-z0-9.+-]+(; version=[0-9.]+)?(; charset=utf-8)?",
    "x-request-id": r"[A-Za-z0-9._-]{8,64}",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store|private, no-store|public, max-age=31536000, immutable",
    "content-security-policy": r"default-src 'none'; [a-z0-9 ';:/.-]+",
    "referrer-policy": "no-referrer|same-origin",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": r"[a-z=(), -]+",
    "www-authenticate": 'Bearer realm="hearth"',
    "allow": r"[A-Z, ]+",
    "vary": "Accept",
    "etag": r'"\d+"',
    "retry-after": r"\d+",
    "content-disposition": r'attachment; filename="[a-z0-9_]+([-.][A-Za-z0-9_]+)*\.(csv|xlsx|zip)"',
    "location": A_PATH,
}
"""Every header that Hearth answers with, and all that may be in it."""


def wrong_in(reply: httpx.Response, where: str) -> Iterator[str]:
    """What a reply's headers say that they may not."""
    for name, value in reply.headers.multi_items():
        allowed = MAY_SAY.get(name)
        if allowed is None or not re.fullmatch(allowed, value) or MARK.search(value):
            yield f"{where} → {reply.status_code} {name}: {value!r}"


@dataclass(frozen=True)
class Way:
    """An endpoint or page, and what its address may hold."""

    door: Door
    path_names: tuple[str, ...]
    query_names: tuple[str, ...]

    def address(self, **hostile: str) -> str:
        """The address with something ordinary in each gap, but for what is named."""
        path = re.sub(r"{(\w+)(:path)?}", lambda gap: quote(hostile.get(gap[1], SOME_ID), safe=""), self.door.path)
        return path + "".join(f"?{name}={quote(text)}" for name, text in hostile.items() if name in self.query_names)

    def addresses(self, hostile: str) -> Iterator[str]:
        """One address for each of its parts that may hold something hostile."""
        for name in dict.fromkeys((*self.path_names, *self.query_names)):
            yield self.address(**{name: hostile})


def ways(routes: Any) -> list[Way]:
    """Every endpoint and page, with the names in its address, from the application itself."""
    known = {(door.method, door.path): door for door in every_door(routes) if door.path not in OPEN_TO_ALL}
    found = []
    for route in api_routes(routes):
        of_path, of_query = _names(route.dependant, "path_params"), _names(route.dependant, "query_params")
        found += [Way(known[method, route.path], of_path, of_query) for method in route.methods if (method, route.path) in known]
    assert len(found) == len(known) > 10
    return found


def _names(dependant: Dependant, kind: str) -> tuple[str, ...]:
    own = [each.alias for each in getattr(dependant, kind)]
    return tuple(dict.fromkeys((*own, *(name for inner in dependant.dependencies for name in _names(inner, kind)))))


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_hostile_in_any_part_of_any_request_comes_back_in_a_header(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    people = {kind: one.as_(SOMEBODY[kind], *ROLES[kind]) for kind in Kind}
    wrong: list[str] = []
    for way in ways(one.app.routes):
        if way.door.path.startswith(PAGES):
            continue
        client = next((people[kind] for kind in Kind if any(way.door.lets_in(kind, role) for role in ROLES[kind])), people[Kind.CONSORTIUM])
        wrong += [each async for each in _asked(client, way, {})]
        plain = await client.request(way.door.method, way.address(), json={})
        wrong += wrong_in(plain, f"{way.door.method} {way.address()}")
    assert not wrong, "\n".join(wrong)


async def test_nothing_hostile_in_any_part_of_a_pages_request_comes_back_in_a_header(running: Any) -> None:
    service, _ = await running_pages(running)
    client, held = await signed_in(service, "consortium", "project_manager")
    wrong: list[str] = []
    for way in ways(service.app.routes):
        if way.door.path.startswith(PAGES) and way.door.path not in PAGES_BEFORE_SIGN_IN:
            wrong += [each async for each in _asked(client, way, {"form_token": held.form_token})]
    assert not wrong, "\n".join(wrong)


async def _asked(client: httpx.AsyncClient, way: Way, form: dict[str, str]) -> AsyncIterator[str]:
    method = way.door.method
    sent = {} if method == "GET" else {"data": form} if form else {"json": {}}
    for hostile in HOSTILE:
        for address in way.addresses(hostile):
            reply = await client.request(method, address, **sent)
            for said in wrong_in(reply, f"{method} {address}"):
                yield said
            if reply.status_code >= 500:
                yield f"{method} {address} → {reply.status_code}"
            if reply.status_code < 400 and "planted" in address.partition("?")[0].lower():
                yield f"{method} {address} → {reply.status_code}: taken as a name"
        headers = {name: hostile.encode() for name in IN_HEADERS if not (form and name == "cookie")}
        reply = await client.request(method, way.address(), headers=headers, **sent)
        for said in wrong_in(reply, f"{method} {way.address()} with {hostile!r} in its headers"):
            yield said


@pytest.mark.parametrize("service", SERVICES)
async def test_no_address_leads_to_the_site_that_a_caller_names_as_host(running: Any, service: str) -> None:
    one: RunningService = await running(service)
    for client in (one.with_token(None), one.as_("consortium")):
        for way in ways(one.app.routes):
            for address in (f"{way.address()}/", f"/{way.address()}"):
                reply = await client.request(way.door.method, f"http://planted.example{address}", headers={"x-forwarded-host": "planted"})
                assert not list(wrong_in(reply, address)), address
                assert reply.status_code in (401, 403, 404, 405, 422), address


async def test_signing_in_leads_on_to_our_own_pages_alone(running: Any) -> None:
    service, _ = await running_pages(running)
    at = Doorway.of(service.settings)
    browser = a_browser(service)
    for hostile in (
        *HOSTILE,
        "https://planted.example",
        "/pages@planted.example",
        "/pages.planted.example",
        "/pages/\r\nSet-Cookie: planted=1",
    ):
        browser.cookies.set(at.attempt_cookie, f"secret.{quote(hostile, safe='')}")
        for place in ("sign-in", "signed-in"):
            for name in ("next", "state", "code", "error", "iss"):
                reply = await browser.get(f"{PAGES}/{place}", params={name: hostile})
                assert not MARK.search(str(reply.headers)), (place, name, hostile, reply.headers)


def test_what_may_be_in_a_header_is_told_from_what_may_not() -> None:
    for name, value in (
        ("location", "//planted.example/"),
        ("location", "http://hearth.test/settings"),
        ("location", "/offers/1\r\nset-cookie: a=b"),
        ("content-disposition", 'attachment; filename="a"; filename="b.csv"'),
        ("content-disposition", 'attachment; filename="../a.csv"'),
        ("x-request-id", "planted-0001"),
        ("set-cookie", "a=b"),
    ):
        assert list(wrong_in(httpx.Response(200, headers={name: value}), "")), (name, value)
