"""An OpenTelemetry collector on loopback, as small as can be: it takes OTLP over HTTP and keeps the spans it is told of."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse


@dataclass(frozen=True)
class Told:
    """One span as a collector is told of it."""

    service: str
    trace: str
    id: str
    parent: str
    name: str
    kind: int
    attributes: dict[str, object]
    began: int
    failed: bool
    message: str
    events: int


@dataclass
class Collector:
    """``address`` is what OTEL_EXPORTER_OTLP_ENDPOINT names."""

    address: str
    spans: list[Told] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def take(self, path: str, body: bytes) -> None:
        """Keep what one request tells."""
        if path != "/v1/traces":
            self.refused.append(path)
            return
        told = ExportTraceServiceRequest.FromString(body)
        for resource in told.resource_spans:
            about = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [_told(about["service.name"], span) for span in scope.spans]

    def wait_for(self, enough: Callable[[list[Told]], bool], seconds: float = 60.0, rest: float = 0.0) -> list[Told]:
        """What it was told once that is enough and nothing came for ``rest`` seconds; AssertionError with the names when it takes too long.

        Each process tells when it likes, so one that has told the last step may be before another that has yet to tell an earlier one.
        """
        deadline = time.monotonic() + seconds
        known, since = -1, time.monotonic()
        while True:
            spans, now = list(self.spans), time.monotonic()
            if len(spans) != known:
                known, since = len(spans), now
            if now - since >= rest and enough(spans):
                return spans
            assert now < deadline, sorted({f"{one.service} {one.name}" for one in spans})
            time.sleep(0.2)


def _told(service: str, span: Any) -> Told:
    attributes = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}
    return Told(
        service, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.name, span.kind, attributes,
        span.start_time_unix_nano, span.status.code == 2, span.status.message, len(span.events),
    )  # fmt: skip


def paths(spans: list[Told], root: Told) -> set[tuple[str, ...]]:
    """Every way from a root down to each span that is no statement, as "service name"."""
    below: dict[str, list[Told]] = {}
    for one in spans:
        if one.trace == root.trace and "db.system.name" not in one.attributes:
            below.setdefault(one.parent, []).append(one)

    def walk(here: Told, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        step = (*way, f"{here.service.removeprefix('hearth-')}: {here.name}")
        yield step
        for one in below.get(here.id, []):
            yield from walk(one, step)

    return set(walk(root, ()))


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector for as long as the block lasts."""
    kept: list[Collector] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept[0].take(self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.append(Collector(f"http://127.0.0.1:{server.server_address[1]}"))
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield kept[0]
    finally:
        server.shutdown()
        server.server_close()
