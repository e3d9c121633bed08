"""Most writes take a body, who asks, an Idempotency-Key, an If-Match and the ids of their address: such a request is read in one go.

The framework asks of each parameter of each request anew what kind it is and where it comes from, which was an eighth of a small write's
processor time. Only what is right in every part is read here. Whatever is not (a body of another kind, a value that breaks a rule) is given
to the framework as it came, so what is refused, in which order and in which words stays the framework's own.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.params import Depends
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.idempotency import IdempotencyKey
from shared.signin import ByToken
from shared.versions import Expected, IfMatch, IfMatchHeader

Handler = Callable[[Request], Awaitable[Response]]
_JSON = "application/json"
_KEY: TypeAdapter[str | None] = TypeAdapter(IdempotencyKey)
_VERSION: TypeAdapter[str | None] = TypeAdapter(IfMatchHeader)
_HEADERS: tuple[tuple[Any, str, Callable[[str | None], Any]], ...] = (
    (IdempotencyKey, "idempotency-key", _KEY.validate_python),
    (IfMatch, "if-match", lambda given: Expected(_VERSION.validate_python(given))),
)


@dataclass(frozen=True)
class Plain:
    """What an endpoint takes, by the names of its parameters."""

    body: tuple[str, TypeAdapter[Any]]
    caller: tuple[str, ByToken]
    request: str | None
    headers: Mapping[str, tuple[str, Callable[[str | None], Any]]]
    address: Mapping[str, TypeAdapter[Any]]


def plainly(endpoint: Callable[..., Any], path: str) -> Plain | None:
    """What an endpoint takes, when that is a body, a caller known by token, the two headers of writes, the request and words of its
    address, and it makes its reply itself; None for any other."""
    hints = get_type_hints(endpoint, include_extras=True)
    if hints.pop("return", None) is not Response or not inspect.iscoroutinefunction(endpoint):
        return None
    found: dict[str, dict[str, Any]] = {kind: {} for kind in ("body", "caller", "request", "header", "address")}
    for name, parameter in inspect.signature(endpoint).parameters.items():
        kind, reads = _kind(hints[name], in_address=f"{{{name}}}" in path)
        if kind not in found or parameter.default is not inspect.Parameter.empty:
            return None
        found[kind][name] = reads
    if len(found["body"]) != 1 or len(found["caller"]) != 1:
        return None
    return Plain(
        next(iter(found["body"].items())),
        next(iter(found["caller"].items())),
        next(iter(found["request"]), None),
        found["header"],
        found["address"],
    )


def _kind(hint: Any, *, in_address: bool) -> tuple[str, Any]:
    if in_address:
        return ("address", TypeAdapter(hint)) if hint in (str, UUID) else ("", None)
    if hint is Request:
        return "request", None
    for declared, header, reads in _HEADERS:
        if hint is declared:
            return "header", (header, reads)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "body", TypeAdapter(hint)
    by = next((said.dependency for said in get_args(hint)[1:] if isinstance(said, Depends)), None)
    return ("caller", by) if isinstance(by, ByToken) else ("", None)


def _values(plain: Plain, request: Request, given: Any) -> dict[str, Any]:
    """What the endpoint is called with, but for the caller. Raises whatever a value raises that is not right."""
    body, reads = plain.body
    values = {name: words.validate_python(request.path_params[name]) for name, words in plain.address.items()}
    values[body] = reads.validate_python(given)
    if plain.request is not None:
        values[plain.request] = request
    for name, (header, read) in plain.headers.items():
        values[name] = read(request.headers.get(header))
    return values


def reading_plainly(plain: Plain, endpoint: Callable[..., Awaitable[Response]], framework: Handler) -> Handler:
    """Answer a request that is right in every part; give any other to the framework."""
    name, by = plain.caller

    async def answer(request: Request) -> Response:
        if request.headers.get("content-type") != _JSON or request.app.dependency_overrides:
            return await framework(request)
        try:
            given = await request.json()
        except HTTPException:  # the body was too large, too deep or too slow
            raise
        except Exception:  # whatever it was, the framework finds it again and says it in its words
            return await framework(request)
        caller = await by(request)  # before anything of the body is looked at: a stranger's is not worth the time
        try:
            values = _values(plain, request, given)
        except Exception:
            return await framework(request)
        return await endpoint(**values, **{name: caller})

    return answer


class PlainRoute(APIRoute):
    """A route whose request is read in one go when it is plain."""

    def get_route_handler(self) -> Handler:  # type: ignore[override]
        """The framework's hook for a route that handles its requests itself."""
        framework = super().get_route_handler()
        plain = plainly(self.endpoint, self.path)
        return framework if plain is None else reading_plainly(plain, self.endpoint, framework)


def router(**of_the_framework: Any) -> APIRouter:
    """A router of such routes. Dependencies that a router gives all its routes would be passed over, so it takes none."""
    if "dependencies" in of_the_framework:
        raise TypeError("what a whole router depends on is for the framework's own routes")
    return APIRouter(route_class=PlainRoute, **of_the_framework)
