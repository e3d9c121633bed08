"""JSON logs that join on the request id and hold nothing about a child or a carer.

A line keeps only keys that are declared here: what is not on the list is dropped, so that nobody logs a name by accident. An
exception is logged as its type and the places it passed, never its message: a database's message quotes the row.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import structlog
from pydantic_core import to_json
from structlog.typing import FilteringBoundLogger

from shared import tracing

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The call, or the event it caused, that this work is for."""

DECLARED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "request_id", "method", "route", "status", "milliseconds", "organisation",
        "event_id", "event_type", "queue", "count", "attempt", "error", "where", "rule", "kind", "council", "version", "seconds",
        "address", "roles", "reason", "database", "position", "process", "trace_id", "span_id", "tries_left",
    }
)  # fmt: skip


event_worked_on: ContextVar[tuple[UUID, str] | None] = ContextVar("event_worked_on", default=None)
"""The event being delivered: its id and type. Put into a line only when one is written, since most events cause none."""


traced: ContextVar[tuple[str, str] | None] = ContextVar("traced", default=None)
"""The trace and span that recorded the event being delivered, for lines that are written when its own span is over."""


def _with_event(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (current := event_worked_on.get()) is not None:
        line.setdefault("event_id", str(current[0]))
        line.setdefault("event_type", current[1])
    return line


def _with_request_id(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (current := request_id.get()) is not None:
        line.setdefault("request_id", current)
    return line


def _with_trace(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (here := tracing.identifiers() or traced.get()) is not None:
        line["trace_id"], line["span_id"] = here
    return line


def _without_messages(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and the places it passed."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        line["where"] = [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return line


def _only_declared_keys(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in [key for key in line if key not in DECLARED_KEYS and not key.startswith("_")]:
        del line[key]
    return line


def _as_json(line: MutableMapping[str, Any], **_: Any) -> str:
    """One line's text; what JSON has no form for is told as Python shows it. Several times as fast as the standard library's."""
    return to_json(line, fallback=repr).decode()


def configure(service: str, level: str = "INFO", *, once: bool = False) -> None:
    """Send every log line of the process, libraries' included, to standard output as one JSON object a line.

    ``once``: it is not called again in this process, so each logger may be put together at its first line in place of at every one.
    """

    def named(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if (module := line.pop("_module", None)) is not None:
            line["logger"] = module
        line["service"] = service
        return line

    steps: list[Any] = [
        _with_event,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        named,
        _with_request_id,
        _with_trace,
        _without_messages,
        _only_declared_keys,
    ]
    # Hearth's own lines are written straight: the standard library's record of each, made twice over, cost more than all else of an event.
    structlog.configure(
        processors=[*steps, structlog.processors.JSONRenderer(_as_json)],
        logger_factory=structlog.WriteLoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=once,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(_as_json)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("uvicorn.access", "sqlalchemy", "httpx", "httpcore", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # seven lines for each try while the broker is away; whoever tries says it once


def logger(name: str) -> FilteringBoundLogger:
    """A logger for one module."""
    bound: FilteringBoundLogger = structlog.get_logger(_module=name)
    return bound
