"""A request's route is looked for by the first word of its address, and what is found is what the framework would have found."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from shared.finding_routes import ByFirstWord, first_words
from shared.service import create_app
from shared.settings import Settings

SETTINGS = Settings(
    database_url="postgresql://nobody@127.0.0.1:1/none", broker_url="amqp://unused.test/", issuer="http://issuer.test", audience="hearth",
    development=True,
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


async def answer(app: FastAPI, method: str, path: str) -> tuple[Any, ...]:
    """Which function a request leads to, with which parts of its address, and what comes back to somebody who has not signed in."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method}
    scope |= {"path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "headers": []}
    scope |= {"client": ("127.0.0.1", 1), "server": ("service.test", 80)}
    await app(scope, receive, send)
    headers = dict(sent[0]["headers"])
    return scope.get("endpoint"), scope.get("path_params"), sent[0]["status"], headers.get(b"allow"), headers.get(b"location")


@pytest.mark.parametrize("service", ["referrals", "monitoring"])
async def test_every_address_leads_where_the_framework_alone_would_lead_it(service: str) -> None:
    declared = importlib.import_module(f"{service}.app").SERVICE
    app = create_app(declared, SETTINGS)
    quick = app.router.middleware_stack
    assert isinstance(quick, ByFirstWord)
    paths = [route.path for router in declared.routers for route in router.routes]
    known = [re.sub(r"\{[^}]+\}", "3f0e1c2a-0b6c-4f43-9d57-000000000000", path) for path in paths]
    odd = ["/", "/nowhere", "/health", "/health/live/", "/docs", "/pages/none/at/all", "//referrals", *(f"{path}/" for path in known[::9])]
    for number, path in enumerate([*known, *odd]):
        for method in (METHODS[number % 5], METHODS[(number + 1) % 5]):
            app.router.middleware_stack = app.router.app
            expected = await answer(app, method, path)
            app.router.middleware_stack = quick
            assert await answer(app, method, path) == expected, f"{method} {path}"


def test_an_address_that_begins_with_a_parameter_is_refused_when_the_service_is_built() -> None:
    router = APIRouter()
    router.add_api_route("/{anything}", lambda: None)
    with pytest.raises(ValueError, match="begins with a parameter"):
        first_words(router)
