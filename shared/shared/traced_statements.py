"""Each statement of a traced piece of work as a span: its text with every literal taken out, its parameters never.

The driver and SQLAlchemy are asked by the hooks that they offer: statements of SQLAlchemy by its cursor events, the kit's own by asyncpg's
query loggers. The two never see the same statement.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlparse import lexer
from sqlparse import tokens as T  # noqa: N812  the library's own name for them

from shared import tracing

_MOST_WORDS: Final = 4
_tokens: Any = lexer.tokenize
_TAKES_TABLE: Final = frozenset({"FROM", "INTO", "UPDATE"})


def watch(engine: AsyncEngine) -> None:
    """From now on tell of this engine's statements."""
    event.listen(engine.sync_engine, "connect", _connected)
    event.listen(engine.sync_engine, "before_cursor_execute", _before)
    event.listen(engine.sync_engine, "after_cursor_execute", _after)
    event.listen(engine.sync_engine, "handle_error", _failed)


@lru_cache(maxsize=2000)
def described(statement: str) -> tuple[str, str | None]:
    """(what it does to which table, its text without literals and comments). No text when it cannot be told what is a literal in it."""
    # sqlparse takes a backslash for an escape in every string, PostgreSQL only in E'…': with one, literals could pass for words.
    tokens = [] if "\\" in statement else [(kind, word) for kind, word in _tokens(statement) if kind not in T.Comment]
    if not tokens or any(kind in T.Error for kind, _ in tokens):
        return "statement", None
    written = "".join("?" if kind in T.Literal and kind not in T.String.Symbol else word for kind, word in tokens)
    return _summary(tokens), " ".join(written.split())


def _summary(tokens: list[tuple[Any, str]]) -> str:
    """As ``INSERT outbox``: the statement's verb and the tables it names, in the order in which it does."""
    words = [(kind, word) for kind, word in tokens if not word.isspace()]
    verb = next((word.upper() for kind, word in words if kind in T.Keyword.DML), words[0][1].upper())
    named = [word for (_, before), (kind, word) in pairwise(words) if before.upper() in _TAKES_TABLE and kind in T.Name]
    return " ".join([verb, *dict.fromkeys(named)][:_MOST_WORDS])


def _attributes(statement: str) -> tuple[str, dict[str, str | int | None]]:
    summary, text = described(statement)
    return summary, {"db.system.name": "postgresql", "db.query.summary": summary, "db.query.text": text}


def _connected(connection: Any, _: Any) -> None:
    connection.driver_connection.add_query_logger(_asked_of_driver)


def _asked_of_driver(asked: Any) -> None:
    """asyncpg says what was asked once it is answered, in the context of whoever asked."""
    if tracing.inside():
        span = tracing.begun(*_attributes(asked.query), seconds_ago=asked.elapsed)
        _end(span, asked.exception)


def _before(_: Any, __: Any, statement: str, ___: Any, context: Any, ____: bool) -> None:
    if context is not None and tracing.inside():
        context.hearth_span = tracing.begun(*_attributes(statement))


def _after(_: Any, __: Any, ___: str, ____: Any, context: Any, _____: bool) -> None:
    if span := context and context.__dict__.pop("hearth_span", None):
        _end(span, None)


def _failed(error: Any) -> None:
    if span := error.execution_context and error.execution_context.__dict__.pop("hearth_span", None):
        _end(span, error.original_exception)


def _end(span: Any, error: BaseException | None) -> None:
    if error is not None:
        ours = tracing.Span(span)
        ours.failed(type(error).__name__)
        ours.tell({"db.response.status_code": getattr(error, "sqlstate", None)})
    span.end()
