"""Every no as problem+json (RFC 9457): the one place where a status is chosen, and nothing of what was sent is repeated.

A problem names each field and rule in words. Field names are given only when they are ours: a name that the caller made up, such
as an unknown field or a key of a map, is itself input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Route

from shared import failures, logs
from shared.bodies import PACKED, RefusedBody
from shared.reasons import in_all, named, reasons_of, unwritable
from shared.refusals import Reason, RefusalKind, Refused

MEDIA_TYPE = "application/problem+json"

broken_rules: ContextVar[list[str] | None] = ContextVar("broken_rules", default=None)
"""The rules by which the request in hand was refused, for whoever accounts for it."""

_NAME_OF_A_RULE = re.compile(r"[A-Za-z0-9_.-]{1,60}")

STATUS: dict[RefusalKind, tuple[int, str]] = {
    RefusalKind.MALFORMED: (400, "The request cannot be read"),
    RefusalKind.NOT_SIGNED_IN: (401, "Sign in first"),
    RefusalKind.NOT_ALLOWED: (403, "Not for this organisation or role"),
    RefusalKind.NOT_FOUND: (404, "Not found"),
    RefusalKind.TOO_SLOW: (408, "Too slow"),
    RefusalKind.CONFLICT: (409, "Not possible as things stand"),
    RefusalKind.GONE: (410, "No longer here"),
    RefusalKind.STALE: (412, "Changed since you read it"),
    RefusalKind.TOO_LARGE: (413, "Too much at once"),
    RefusalKind.UNSUPPORTED: (415, "Not a form that is read here"),
    RefusalKind.INVALID: (422, "Something needs mending"),
    RefusalKind.VERSION_NEEDED: (428, "Say which version you are changing"),
    RefusalKind.TOO_MANY: (429, "Too many requests"),
    RefusalKind.HEADERS_TOO_LARGE: (431, "Too much in the headers"),
    RefusalKind.UNAVAILABLE: (503, "Not available just now"),
}
"""Each kind of refusal, its status and its title."""


class ProblemReason(BaseModel):
    """One broken rule."""

    field: str = Field(description="the field, as a path: children.0.age_years")
    rule: str = Field(description="the rule's name, for programs")
    message: str = Field(description="what is wrong and what to do, for people")


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemReason] = []
    request_id: str | None = Field(default=None, description="quote this when you ask for help")


_OPENAPI_REPLY = {"model": Problem, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}

DECLARED: dict[int | str, dict[str, Any]] = {
    status: {**_OPENAPI_REPLY, "description": title}
    for status, title in [*STATUS.values(), (500, "A fault on our side"), (405, "Not done here")]
}
"""The refusals every route may give, for the OpenAPI document."""


def problem(
    kind: str, status: int, title: str, detail: str, reasons: Iterable[Reason] = (), headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem+json reply."""
    body = Problem(
        type=f"/problems/{kind}",
        title=title,
        status=status,
        detail=detail,
        errors=[ProblemReason(field=each.field, rule=each.rule, message=each.message) for each in reasons],
        request_id=logs.request_id.get(),
    )
    return JSONResponse(body.model_dump(mode="json"), status_code=status, media_type=MEDIA_TYPE, headers=headers)


_RETRY_AFTER = {RefusalKind.UNAVAILABLE: 2, RefusalKind.TOO_MANY: 10}
"""Seconds, where who refuses does not know better."""


def of_refusal(refused: Refused) -> JSONResponse:
    """The reply to something refused below HTTP."""
    note(refused)
    status, title = STATUS[refused.kind]
    headers = headers_of(refused)
    if refused.kind is RefusalKind.NOT_SIGNED_IN:
        headers["WWW-Authenticate"] = 'Bearer realm="hearth"'
    return problem(refused.kind, status, title, refused.detail, refused.reasons, headers)


def headers_of(refused: Refused) -> dict[str, str]:
    """What goes out with a refusal, whatever form it has: when to try again, that nothing more is read, and what would be."""
    if refused.kind is RefusalKind.TOO_SLOW:
        return {"Connection": "close"}
    if refused is PACKED:
        return {"Accept-Encoding": "identity"}
    seconds = refused.retry_after or _RETRY_AFTER.get(refused.kind)
    return {"Retry-After": str(seconds)} if seconds else {}


def note(refused: Refused) -> None:
    """Account for a refusal that is made into a reply: by the name of each rule, or of its kind where it names none."""
    if (broken := broken_rules.get()) is not None:
        names = {str(each.rule) for each in refused.reasons} or {str(refused.kind)}
        broken.extend(name if _NAME_OF_A_RULE.fullmatch(name) else "other" for name in names)


def _field_names(app: FastAPI) -> frozenset[str]:
    """Every field and parameter name that is ours, from the service's own OpenAPI document."""
    cached = getattr(app.state, "field_names", None)
    if cached is None:
        names: set[str] = {"body", "query", "path", "header"}

        def walk(node: Any) -> None:
            if isinstance(node, dict):
                names.update(node.get("properties", {}) if isinstance(node.get("properties"), dict) else ())
                if "in" in node and isinstance(node.get("name"), str):
                    names.update({node["name"], node["name"].lower(), node["name"].replace("-", "_").lower()})
                for inner in node.values():
                    walk(inner)
            elif isinstance(node, list):
                for inner in node:
                    walk(inner)

        walk(app.openapi())
        cached = app.state.field_names = frozenset(names)
    return cached


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return of_refusal(error)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return of_refusal(_refusal_of_request(error, _field_names(request.app)))


def _refusal_of_request(error: RequestValidationError, known: frozenset[str]) -> Refused:
    reasons = reasons_of(error.errors(), known)
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return Refused(RefusalKind.MALFORMED, "The body is not valid JSON.", reasons)
    return Refused(RefusalKind.INVALID, in_all(reasons), reasons)


_HTTP_WORDS = {
    400: (RefusalKind.MALFORMED, "The request cannot be read."),
    404: (RefusalKind.NOT_FOUND, "There is nothing at this address."),
    413: (RefusalKind.TOO_LARGE, "The request is larger than is taken at once. Send it in parts."),
    415: (RefusalKind.UNSUPPORTED, "The body is of a kind that is not read here. See the Content-Type this address takes."),
}


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error, RefusedBody):
        return of_refusal(_of_body(error, request.app))
    if error.status_code == 405:
        allowed = {"Allow": ", ".join(sorted(_methods_at(request.url.path, request.app.router.routes)))}
        return problem("method-not-allowed", 405, "Not done here", "This address does not do that.", headers=allowed)
    return of_refusal(_refusal_of_status(error.status_code))


def _of_body(error: RefusedBody, app: FastAPI) -> Refused:
    if not error.at:
        return error.refused
    known = _field_names(app)
    return unwritable(*(named(path, known) or "body" for path in error.at))


def null_byte_asked(app: FastAPI, path: str, query: bytes) -> Refused | None:
    """The refusal of an address with a null byte in it, which no id and no word here has; None for any other."""
    if "\0" in path:
        return _refusal_of_status(404)
    if b"%00" not in query:
        return None
    known = _field_names(app)
    given = [name for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if "\0" in name + value]
    return unwritable(*(name if name in known else "query" for name in given)) if given else None


def _methods_at(path: str, routes: Iterable[Any]) -> set[str]:
    """Every method of the address that a path is: the framework names only those of the first route that fits it. Where a word stands at
    the place of another address's id, it is the word's address."""
    fitting = [route for route in _single(routes) if route.path_regex.match(path)]
    address = min((route.path for route in fitting), key=lambda path: path.count("{"), default="")
    return set().union(*(route.methods or () for route in fitting if route.path == address))


def _single(routes: Iterable[Any]) -> Iterator[Route | APIRoute]:
    for route in routes:
        if (inside := getattr(route, "original_router", None)) is not None:
            yield from _single(inside.routes)
        elif isinstance(route, Route | APIRoute):
            yield route


def _refusal_of_status(status: int) -> Refused:
    return Refused(*_HTTP_WORDS.get(status, (RefusalKind.MALFORMED, "The request cannot be read.")))


async def _database_away(_: Request, error: Exception) -> JSONResponse:
    refused = refusal_of(error)
    return await of_fault(error) if refused is None else of_refusal(refused)


def refusal_of(error: Exception, known: frozenset[str] = frozenset()) -> Refused | None:
    """What an error refuses, for those who say it otherwise than as JSON; None for a fault that nobody foresaw.

    ``known`` are the names of fields that are ours and may be repeated.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, RequestValidationError):
        return _refusal_of_request(error, known | {"body", "query", "path", "header"})
    if isinstance(error, RefusedBody):
        return error.refused
    if isinstance(error, HTTPException):
        return _refusal_of_status(error.status_code)
    if failures.is_unwritable(error):
        return unwritable()
    # The driver's own errors too: many statements go to it straight, and a full disk or a silent line is no fault of the request.
    away = failures.is_outage(error) or isinstance(error, TimeoutError | InterfaceError | OperationalError)
    words = "The database does not answer just now. Nothing was written; please try again in a moment."
    return Refused(RefusalKind.UNAVAILABLE, words) if away else None


async def of_fault(error: Exception) -> JSONResponse:
    """The reply to what nobody foresaw: logged by type and place, and told nothing of."""
    logs.logger("shared.problems").error("fault", exc_info=error)
    words = "Something went wrong on our side. Nothing was written. Please try again, and quote the request id if you ask for help."
    return problem("fault", 500, "A fault on our side", words)


def install(app: FastAPI) -> None:
    """Give every no of an application this form."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database_away)
    app.add_exception_handler(PoolTimeout, _database_away)
    app.add_exception_handler(asyncpg.PostgresError, _database_away)
    app.add_exception_handler(asyncpg.InterfaceError, _database_away)
    app.add_exception_handler(asyncpg.InternalClientError, _database_away)
    app.add_exception_handler(UnicodeEncodeError, _database_away)
    app.add_exception_handler(TimeoutError, _database_away)
    app.add_exception_handler(ConnectionError, _database_away)
