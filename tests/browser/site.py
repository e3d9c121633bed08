"""A seeded Hearth with its pages, served on loopback in the test's own process, beside the local issuer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn

from hearth.issuer import Keys, ordinary_roles, token
from hearth.serving import issuer_running
from monitoring.actions import recounting
from monitoring.app import SERVICE, create_app
from monitoring.domain.alert import Cause, Found
from monitoring.domain.period import Period
from monitoring.domain.special_cause import Reading, Way
from monitoring.handlers import watching
from monitoring.handlers.alerts import raise_alert
from shared import clock, tenancy
from shared.organisation import CONSORTIUM
from shared.settings import Settings
from shared.tenancy import Databases
from tests.browser.history import envelopes
from tests.monitoring.returns.filled import RIGHT, SLOUGH, body, last_quarter
from tests.running.child import free_port


@dataclass(frozen=True)
class Site:
    """Where the pages are, and the issuer people sign in at."""

    origin: str
    issuer: str
    settings: Settings


@contextmanager
def seeded_site(database_url: str, folder: Path) -> Iterator[Site]:
    """Serve on an empty database, once the history has been brought in by the API and counted."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    keys = Keys.kept_in(folder / "issuer.json")
    with issuer_running(keys, free_port(), development=True, redirects=[f"{origin}/pages/signed-in"]) as issuer:
        settings = Settings(
            database_url=database_url, broker_url="amqp://unused.test/", issuer=issuer, port=port, pages_url=origin, development=True
        )
        with _served(settings):
            manager = token(keys, issuer, CONSORTIUM, ordinary_roles(CONSORTIUM))
            lines = b"\n".join(each.model_dump_json().encode() for each in envelopes(clock.today()))
            headers = {"Authorization": f"Bearer {manager}", "Content-Type": "application/x-ndjson"}
            reply = httpx.post(f"{origin}/past", content=lines, headers=headers, timeout=60)
            assert reply.status_code == 200, reply.text[:2000]
            made = {"returns": [_a_return(last_quarter(1))]}
            reply = httpx.post(f"{origin}/past-returns", json=made, headers={"Authorization": f"Bearer {manager}"}, timeout=60)
            assert reply.status_code == 200, reply.text[:2000]
            with ThreadPoolExecutor(1) as apart:  # this thread may have a loop of its own already
                apart.submit(lambda: asyncio.run(_counted(settings))).result()
            _a_meeting(origin, headers | {"Content-Type": "application/json"})
            yield Site(origin, issuer, settings)


def _a_return(quarter: Period) -> dict[str, object]:
    """An agency's return of a quarter, as it was received a fortnight after."""
    received = quarter.last + timedelta(days=14)
    typed = {name.replace(SLOUGH, "E06000044"): value for name, value in RIGHT.items()}  # councils of this history
    return {"form": "quarterly", "begins": str(quarter.first), "agency": "SC900001", "received_on": str(received)} | body(typed)


@contextmanager
def _served(settings: Settings) -> Iterator[None]:
    config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=settings.port, log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="pages", daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def _a_meeting(origin: str, headers: dict[str, str]) -> None:
    """A visit to one agency, with its pack."""
    day = clock.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=14)
    plan = {
        "kind": "monitoring_visit",
        "agency": "SC900002",
        "starts_at": day.isoformat(),
        "ends_at": (day + timedelta(hours=2)).isoformat(),
        "place": "Agency office",
        "leads": "consortium",
        "lead_person": "Project manager",
    }
    made = httpx.post(f"{origin}/meetings", json=plan, headers=headers, timeout=60)
    assert made.status_code == 201, made.text[:2000]
    assert httpx.post(f"{origin}/meetings/{made.json()['id']}/pack", headers=headers, timeout=60).status_code == 200


def _late(scope: str) -> Found:
    """A signal about those whose people read here and about one other agency, so that each reader has one to look at."""
    month = clock.today().replace(day=1)
    words = "Unplanned endings: rose to 60.0 per cent (9 of 15), from 20.0 per cent (20 of 100) before."
    return Found("unplanned_endings", scope, Cause.CHANGED_SHARE, Way.UP, Reading.CONCERN, month, month, 0.0002, words, {"marked": 9})


async def _counted(settings: Settings) -> None:
    databases = Databases.from_settings(settings, service=SERVICE.name)
    try:
        await recounting.sweep(databases)
        await watching.catch_up(databases)
        async with tenancy.transaction(databases, CONSORTIUM) as transaction:
            for scope in ("agency:SC900001", "agency:SC900002", "council:E06000045"):
                await raise_alert(transaction, _late(scope), now=clock.now())
    finally:
        await databases.close()
