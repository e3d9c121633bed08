"""``python -m tests.bench.traced``: processor time of one small write with tracing off, on, and on with nothing kept, in turns.

Off, the calls that tracing has in a request's way are timed alone as well, and given as a part of that write. Printed, never kept: what
tracing costs decides whether it is switched on, and nothing else.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from shared import logs, tracing
from shared.settings import Settings
from tests.conftest import in_own_loop
from tests.running.databases import TestDatabase, TestDatabases
from tests.running.postgresql import postgres_url
from tests.running.services import RunningService, SigningKey
from tests.shared.conftest import _run
from tests.shared.notes_service import SERVICE, STATEMENTS

ROUNDS = 12
WRITES = 150
CALLS = 100_000
COUNCIL = "council:E06000045"
NEEDED = {"database_url": "postgresql://unused", "broker_url": "postgresql://unused", "issuer": "http://issuer.test"}


class Dropped(SpanExporter):
    """Where spans go without a collector."""

    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


async def write_seconds(database: TestDatabase, key: SigningKey) -> float:
    """Processor seconds of one POST that writes a row and an event."""
    service = RunningService.start(SERVICE, {None: (database.app_url, database.owner_url)}, key)
    async with service.as_(COUNCIL) as client:
        for _ in range(20):
            await client.post("/notes", json={"words": "x"})
        began = time.process_time()
        for _ in range(WRITES):
            (await client.post("/notes", json={"words": "x"})).raise_for_status()
        spent = (time.process_time() - began) / WRITES
    await service.close()
    return spent


def calls_seconds() -> float:
    """Seconds of what tracing does in one such write while it is off."""

    def one() -> None:
        with tracing.serving("POST", {}) as span:
            tracing.recorded("vacancy.closed", "id")
            tracing.identifiers()
            tracing.on()
            span.named("POST /notes")
            span.tell({"http.route": "/notes", "http.response.status_code": 201})

    began = time.process_time()
    for _ in range(CALLS):
        one()
    return (time.process_time() - began) / CALLS


def on(ratio: float) -> Callable[[], None]:
    return lambda: tracing.start(Settings(**NEEDED, traces_ratio=ratio), "bench", exporter=Dropped())  # type: ignore[arg-type]


def main() -> None:
    logs.configure("bench", "ERROR")
    databases = TestDatabases(postgres_url())
    databases.tables_of["notes"] = lambda url: _run(url, STATEMENTS)
    database, key = in_own_loop(lambda: databases.take("notes")), SigningKey.new()
    ways: dict[str, Callable[[], None]] = {"off": lambda: None, "on, nothing kept": on(0.0), "on, everything kept": on(1.0)}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    try:
        for _ in range(ROUNDS):
            for name, begin in ways.items():
                begin()
                spent[name].append(asyncio.run(write_seconds(database, key)))
                tracing.stop()
    finally:
        in_own_loop(databases.drop_all)
    off = statistics.median(spent["off"])
    print(f"one write, tracing off: {off * 1e3:.2f} ms of processor time; of that tracing's own calls {calls_seconds() / off:.4f}")
    for name in ways:
        ratio = statistics.median(one / before for one, before in zip(spent[name], spent["off"], strict=True))
        print(f"{name} / off: {ratio:.2f}")


if __name__ == "__main__":
    main()
