"""What is traced in a test's own process, and what may stand in a span at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import tracing
from shared.contracts import HEARD_BY
from shared.settings import Settings

_SQL = r"[\w\s.,:;()$%\"?*=<>!&|@#~^{}\[\]/+-]+"
"""Any statement whose literals were taken out: no quote and no figure but in a name or a parameter."""

FORMS: Mapping[str, str] = {
    "http.request.method": "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|other",
    "http.route": r"\(none\)|\(busy\)|(/[a-z0-9._-]+|/\{[a-z_]+\})+",
    "http.response.status_code": r"\d{3}",
    "error.type": r"[A-Za-z_]+|5\d\d",
    "messaging.system": "hearth",
    "messaging.operation.type": "create|send|process",
    "messaging.destination.name": "|".join(re.escape(type) for type in HEARD_BY),
    "messaging.message.id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "db.system.name": "postgresql",
    "db.query.summary": r"[A-Z]+( [\w.]+){0,3}|statement",
    "db.query.text": rf"(?!.*(?<![\w$.])\d){_SQL}",
    "db.response.status_code": r"[0-9A-Z]{5}",
    "hearth.webhook.outcome": "[a-z_]+",
}
"""Each attribute a span may have, and the closed form its value has."""


def open_values(name: str, attributes: Mapping[str, object]) -> list[str]:
    """What of a span's name and attributes is not in a closed form; a test wants none."""
    wrong = [f"{key}={value}" for key, value in attributes.items() if not re.fullmatch(FORMS.get(key, "(?!)"), str(value), re.DOTALL)]
    named = (
        rf"({FORMS['http.request.method']}) ({FORMS['http.route']}|webhook)|(create|send|process) ({FORMS['messaging.destination.name']})"
    )
    if not re.fullmatch(f"{named}|{FORMS['db.query.summary']}", name):
        wrong.append(f"name={name}")
    return wrong


@contextmanager
def traced(**changes: object) -> Iterator[InMemorySpanExporter]:
    """Tracing on in this process, its spans kept here; engines opened inside are watched."""
    kept = InMemorySpanExporter()
    needed = {"database_url": "postgresql://unused", "broker_url": "postgresql://unused", "issuer": "http://issuer.test"}
    tracing.start(Settings(**(needed | changes)), "test", exporter=kept)  # type: ignore[arg-type]
    try:
        yield kept
    finally:
        tracing.stop()


def tree(spans: tuple[ReadableSpan, ...], *, statements: bool = False) -> list[str]:
    """Spans as indented lines, children in order of their start; statements left out unless asked for."""
    shown = [one for one in spans if statements or "db.system.name" not in (one.attributes or {})]
    ids = {one.context.span_id for one in shown if one.context}

    def below(parent: int | None, depth: int) -> Iterator[str]:
        here = [one for one in shown if (one.parent.span_id if one.parent and one.parent.span_id in ids else None) == parent]
        for one in sorted(here, key=lambda span: span.start_time or 0):
            yield f"{'  ' * depth}{one.name}"
            assert one.context
            yield from below(one.context.span_id, depth + 1)

    return list(below(None, 0))
