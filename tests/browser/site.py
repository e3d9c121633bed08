"""A seeded Hearth with its pages, served on loopback in the test's own process, beside the local issuer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import httpx
import uvicorn

from hearth.issuer import Keys, ordinary_roles, token
from hearth.serving import issuer_running
from monitoring.actions import recounting
from monitoring.app import SERVICE, create_app
from monitoring.domain.alert import Cause, Found
from monitoring.domain.monthly import months_before
from monitoring.domain.period import Period
from monitoring.domain.special_cause import Reading, Way
from monitoring.handlers import watching
from monitoring.handlers.alerts import raise_alert
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from shared.settings import Settings
from shared.tenancy import Databases
from tests.browser.history import COUNCILS, envelopes
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
            _savings(origin, lambda whose: f"Bearer {token(keys, issuer, whose, ordinary_roles(whose))}")
            made = {"returns": [_a_return(last_quarter(1))]}
            reply = httpx.post(f"{origin}/past-returns", json=made, headers={"Authorization": f"Bearer {manager}"}, timeout=60)
            assert reply.status_code == 200, reply.text[:2000]
            with ThreadPoolExecutor(1) as apart:  # this thread may have a loop of its own already
                apart.submit(lambda: asyncio.run(_counted(settings))).result()
            _a_meeting(origin, headers | {"Content-Type": "application/json"})
            yield Site(origin, issuer, settings)


def _savings(origin: str, signed: Callable[[Organisation], str]) -> None:
    """What savings are measured by: each council's former prices and nights, an index up to four months ago, what a move costs."""

    def put(whose: Organisation, address: str, body: dict[str, object]) -> None:
        reply = httpx.put(f"{origin}{address}", json=body, headers={"Authorization": signed(whose)}, timeout=60)
        assert reply.status_code == 200, reply.text[:2000]

    held_from = str(months_before(clock.today().replace(day=1), 36))
    bands = {"0-4": "790.00", "5-10": "835.00", "11-17": "905.00"}
    for code in COUNCILS:
        prices = [{"lot": "general", "band": band, "from_date": held_from, "pounds_per_week": pounds} for band, pounds in bands.items()]
        cells = [{"lot": "general", "band": band, "nights": nights} for band, nights in zip(bands, ("1900", "2900", "4100"), strict=True)]
        put(Organisation.council(code), "/baseline-prices", {"prices": prices})
        put(Organisation.council(code), "/baseline-nights", {"first": "2011-04-01", "last": "2012-03-31", "cells": cells})
    until = months_before(clock.today().replace(day=1), 4)
    months = [(year, month) for year in range(2012, until.year + 1) for month in range(1, 13) if date(year, month, 1) <= until]
    told = [{"month": f"{year}-{month:02d}", "value": str(100 + place / 8)} for place, (year, month) in enumerate(months)]
    put(CONSORTIUM, "/price-index", {"source": "An index made up for tests", "months": told})
    costs = [{"event": "move", "unit_cost": "5000.00", "per_1000_nights": "1.9", "source": "an example for tests"}]
    put(CONSORTIUM, "/unit-costs", {"costs": costs})


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
    figures = {"marked": 9, "records": 15, "marked_before": 20, "records_before": 100}
    return Found("unplanned_endings", scope, Cause.CHANGED_SHARE, Way.UP, Reading.CONCERN, month, month, 0.0002, words, figures)


async def _counted(settings: Settings) -> None:
    databases = Databases.from_settings(settings, service=SERVICE.name)
    try:
        with mock.patch.object(recounting, "STILL_COMING", timedelta(seconds=-5)):  # all of the past has come
            await recounting.sweep(databases)
        await watching.catch_up(databases)
        async with tenancy.transaction(databases, CONSORTIUM) as transaction:
            for scope in ("agency:SC900001", "agency:SC900002", "council:E06000045"):
                await raise_alert(transaction, _late(scope), now=clock.now())
    finally:
        await databases.close()
