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

from shared import tracing

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The call, or the event it caused, that this work is for."""

DECLARED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "request_id", "method", "route", "status", "milliseconds", "organisation",
        "event_id", "event_type", "queue", "count", "attempt", "error", "where", "rule", "kind", "council", "version", "seconds",
        "address", "roles", "reason", "database", "position", "process", "trace_id", "span_id",
    }
)  # fmt: skip


event_worked_on: ContextVar[tuple[UUID, str] | None] = ContextVar("event_worked_on", default=None)
"""The event being delivered: its id and type. Put into a line only when one is written, since most events cause none."""


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
    if (here := tracing.identifiers()) is not None:
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


def configure(service: str, level: str = "INFO") -> None:
    """Send every log line of the process, libraries' included, to standard output as one JSON object a line."""

    def named(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["service"] = service
        return line

    shared_steps: list[Any] = [
        _with_event,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        named,
        _with_request_id,
        _with_trace,
        _without_messages,
        _only_declared_keys,
    ]
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("uvicorn.access", "sqlalchemy", "pika", "httpx", "httpcore", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for one module."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
