"""The first caller of a process does not wait until the framework has worked out every route."""

from __future__ import annotations

from typing import Any

import fastapi.routing
import pytest

from shared.service import understand_routes
from tests.running.services import RunningService


async def test_once_the_routes_are_understood_the_first_request_works_out_none(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service: RunningService = await running("monitoring", max_body_bytes=1_000_003)  # no application of another test is like it
    understand_routes(service.app)

    def too_late(*_: Any, **__: Any) -> None:
        raise AssertionError("a route was worked out while somebody waited")

    monkeypatch.setattr(fastapi.routing, "_populate_api_route_state", too_late)
    assert (await service.as_("consortium").get("/kpis")).status_code == 200
