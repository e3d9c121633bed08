"""One trace from a council's request to the last handler of its news, told to an OpenTelemetry collector; off unless its address is set.

Off, OpenTelemetry's SDK and exporter are not loaded and a span costs one comparison. On, a request is a span; what it records is a span
whose context travels in the event's envelope (CloudEvents' distributed tracing extension); the relay, each handler and each webhook go on
from there.

A span says what a process does and never for whom: it keeps only attributes that are declared here, its name is made of routes, event
types and tables, and a failure is the error's type, because a message could quote a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from shared import clock

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter

    from shared.settings import Settings

DECLARED_ATTRIBUTES: Final = frozenset(
    {
        "http.request.method", "http.route", "http.response.status_code", "error.type",
        "messaging.system", "messaging.operation.type", "messaging.destination.name", "messaging.message.id",
        "db.system.name", "db.query.summary", "db.query.text", "db.response.status_code", "hearth.webhook.outcome",
    }
)  # fmt: skip

MOST_CHARACTERS: Final = 2000
"""Of one attribute; a statement that is longer is cut."""

_OWN_STATE = re.compile(r"ot=(?:(?:th|rv):[0-9a-f]{1,14};?){1,2}")
"""OpenTelemetry's own entry of ``tracestate``: sampling threshold and random value. Anybody else's is free text and goes no further."""


class Kind(Enum):
    """Whose part of the work a span is, in OpenTelemetry's words."""

    SERVER = "SERVER"
    CLIENT = "CLIENT"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"


@dataclass(frozen=True, slots=True)
class Carried:
    """A span's context as it travels: W3C Trace Context's two fields, absent when nothing is traced."""

    traceparent: str | None = None
    tracestate: str | None = None

    def headers(self) -> dict[str, str]:
        """As headers of a request to another service of ours."""
        return {name: text for name, text in (("traceparent", self.traceparent), ("tracestate", self.tracestate)) if text}


NOTHING: Final = Carried()


class Span:
    """One piece of work in hand. Also what is given when nothing is traced: it then does nothing."""

    __slots__ = ("_real", "_token")

    def __init__(self, real: Any = None) -> None:
        self._real = real
        self._token: Any = None

    def named(self, name: str) -> None:
        """Give it the name that is only known now."""
        if self._real is not None:
            self._real.update_name(name)

    def tell(self, attributes: Mapping[str, str | int | None]) -> None:
        """Add what is known by now; what is not declared above is dropped."""
        if self._real is not None:
            self._real.set_attributes(_declared(attributes))

    def failed(self, error: str) -> None:
        """It did not succeed: the kind of error, a status or a type's name."""
        if self._real is not None:
            from opentelemetry.trace import StatusCode

            self._real.set_attribute("error.type", error)
            self._real.set_status(StatusCode.ERROR)

    def __enter__(self) -> Self:
        if self._real is not None:
            from opentelemetry import context, trace

            self._token = context.attach(trace.set_span_in_context(self._real))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        if self._real is None:
            return
        from opentelemetry import context

        if kind is not None:
            self.failed(kind.__name__)
        context.detach(self._token)
        self._real.end()


NO_SPAN: Final = Span()


class _Tracing:
    """What there is while tracing is on."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self.provider = provider
        self.tracer = provider.get_tracer("hearth")
        self.kinds = {kind: SpanKind[kind.value] for kind in Kind}
        self.propagator = TraceContextTextMapPropagator()
        self.empty = Context()

    def context(self, parent: Carried | None) -> Context | None:
        if parent is None:
            return None  # wherever we are
        if parent.traceparent is None:
            return self.empty
        return self.propagator.extract(parent.headers(), context=self.empty)


_on: _Tracing | None = None


def start(settings: Settings, service: str, *, exporter: SpanExporter | None = None) -> None:
    """Tell what this process does to the collector that the settings name; without one, nothing. ``exporter`` is for tests."""
    global _on
    if not settings.traces_endpoint and exporter is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    provider = TracerProvider(
        # Decided by the trace's id alone: every process of a trace decides alike, and no caller decides for us.
        sampler=TraceIdRatioBased(settings.traces_ratio),
        resource=Resource.create({"service.name": f"hearth-{service}", "service.namespace": "hearth"}),
        span_limits=SpanLimits(max_attribute_length=MOST_CHARACTERS),
        shutdown_on_exit=False,
    )
    if exporter is None:
        sending = OTLPSpanExporter(endpoint=settings.traces_endpoint, headers=dict(settings.traces_headers))
        provider.add_span_processor(BatchSpanProcessor(sending))
    else:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    _on = _Tracing(provider)


def stop() -> None:
    """Tell what is still held back, and trace no more. It waits for the collector, at most as long as one request may take."""
    global _on
    if _on is not None:
        held, _on = _on, None
        held.provider.shutdown()


def on() -> bool:
    """Whether anything is traced."""
    return _on is not None


def span(name: str, kind: Kind, *, parent: Carried | None = None, attributes: Mapping[str, str | int | None] | None = None) -> Span:
    """A span to enter with ``with``: below ``parent`` where one is given (a new trace if that is empty), else the current one."""
    if _on is None:
        return NO_SPAN
    return Span(_on.tracer.start_span(name, _on.context(parent), _on.kinds[kind], _declared(attributes or {})))


def serving(method: str, headers: Mapping[str, str]) -> Span:
    """The span of a request, below the caller's if it named one. ``headers`` have lower-case names."""
    if _on is None:
        return NO_SPAN
    parent = Carried(headers.get("traceparent"), own_state(headers.get("tracestate", "")))
    return span(method, Kind.SERVER, parent=parent, attributes={"http.request.method": method})


def own_state(text: str) -> str | None:
    """What may be kept of a ``tracestate``: OpenTelemetry's own entry, in its closed form."""
    return next((entry for part in text.split(",") if _OWN_STATE.fullmatch(entry := part.strip())), None)


def carried() -> Carried:
    """The current span's context, for whoever goes on from here."""
    if _on is None:
        return NOTHING
    written: dict[str, str] = {}
    _on.propagator.inject(written)
    return Carried(written.get("traceparent"), own_state(written.get("tracestate", "")))


def recorded(type: str, id: object) -> Carried:
    """An event is being recorded: its own span, from which everybody who carries or hears it goes on."""
    if _on is None:
        return NOTHING
    with span(f"create {type}", Kind.PRODUCER, attributes=_of_message("create", type, id)):
        return carried()


def sent(envelopes: Iterable[str]) -> None:
    """The bus has confirmed these: a span each, from when it was recorded until now."""
    if _on is None:
        return
    for text in envelopes:
        told = json.loads(text)
        if traceparent := told.get("traceparent"):
            real = _on.tracer.start_span(
                f"send {told['type']}",
                _on.context(Carried(traceparent, told.get("tracestate"))),
                _on.kinds[Kind.PRODUCER],
                _of_message("send", told["type"], told["id"]),
                start_time=_nanoseconds(datetime.fromisoformat(told["time"])),
            )
            real.end()


def processing(type: str, id: object, parent: Carried) -> Span:
    """The work of a handler on one event."""
    if _on is None:
        return NO_SPAN
    return span(f"process {type}", Kind.CONSUMER, parent=parent, attributes=_of_message("process", type, id))


def identifiers() -> tuple[str, str] | None:
    """The trace and the span that this line of a log belongs to."""
    if _on is None:
        return None
    from opentelemetry import trace

    here = trace.get_current_span().get_span_context()
    return (trace.format_trace_id(here.trace_id), trace.format_span_id(here.span_id)) if here.is_valid else None


def recorded_by(traceparent: str | None) -> tuple[str, str] | None:
    """The trace and the span that a ``traceparent`` names (W3C Trace Context); None where there is none, or what is there is no such."""
    parts = (traceparent or "").split("-")
    return (parts[1], parts[2]) if len(parts) == 4 and (len(parts[1]), len(parts[2])) == (32, 16) else None


def inside() -> bool:
    """Whether the current work is traced and kept: what has no span of its own starts none, as a relay's many looks at its outbox."""
    if _on is None:
        return False
    from opentelemetry import trace

    # Not whether it still records: a driver says that COMMIT was answered when the reply may be on its way already.
    return trace.get_current_span().get_span_context().trace_flags.sampled


def begun(name: str, attributes: Mapping[str, str | int | None], *, seconds_ago: float = 0.0) -> Any:
    """A client's span below the current one, which the caller ends itself; for drivers that only say when a call began and ended."""
    assert _on is not None
    began = _nanoseconds(clock.now()) - int(seconds_ago * 1e9)
    return _on.tracer.start_span(name, None, _on.kinds[Kind.CLIENT], _declared(attributes), start_time=began)


def _of_message(operation: str, type: str, id: object) -> dict[str, str | int | None]:
    return {
        "messaging.system": "hearth",
        "messaging.operation.type": operation,
        "messaging.destination.name": type,
        "messaging.message.id": str(id),
    }


def _declared(attributes: Mapping[str, str | int | None]) -> dict[str, str | int]:
    return {name: value for name, value in attributes.items() if name in DECLARED_ATTRIBUTES and value is not None}


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1e9)
