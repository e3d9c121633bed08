"""Requests made from what a service says of itself: an ordinary value in every field, and something hostile in one of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

SOME_ID = "01920000-0000-7000-8000-000000000001"
DEEPEST = 6

ORDINARY = {"uuid": SOME_ID, "date": "2026-01-05", "date-time": "2026-01-05T12:00:00+00:00", "uri": "https://hooks.example/"}
WORDS = {"council": "E06000045", "agency": "SC900001", "postcode": "SO14 7LY", "month": "2026-01", "cursor": ""}


@dataclass(frozen=True)
class Asked:
    """One request, and which of its fields holds the hostile value."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    media_type: str = "application/json"
    where: str = ""


class Interface:
    """A service's OpenAPI document, read for what may be sent."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Each address and method with its description."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def requests(self, hostile: str) -> Iterator[Asked]:
        """For every text field of every body, query and path: one request with ``hostile`` in that field alone."""
        for method, path, operation in self.operations():
            parameters = [self._resolved(each) for each in operation.get("parameters", [])]
            ordinary_path = {each["name"]: self._text(each) for each in parameters if each["in"] == "path"}
            ordinary_query = {each["name"]: self._text(each) for each in parameters if each["in"] == "query" and each.get("required")}
            media_type, schema = self._body(operation)
            body = None if schema is None else self.value(schema)
            for each in parameters:
                name = each["name"]
                if each["in"] == "path":
                    yield Asked(method, _filled(path, ordinary_path | {name: hostile}), ordinary_query, body, media_type, f"path.{name}")
                elif each["in"] == "query":
                    yield Asked(method, _filled(path, ordinary_path), ordinary_query | {name: hostile}, body, media_type, f"query.{name}")
            at = _filled(path, ordinary_path)
            if isinstance(body, str) or (schema is not None and media_type != "application/json"):
                yield Asked(method, at, ordinary_query, hostile, media_type, "body")
            elif schema is not None:
                for where in texts(body):
                    yield Asked(method, at, ordinary_query, put(body, where, hostile), media_type, ".".join(map(str, ("body", *where))))

    def requests_with_all(self, hostile: str) -> Iterator[Asked]:
        """For every operation with a body or a query: one request with ``hostile`` in all its free texts together."""
        for method, path, operation in self.operations():
            parameters = [self._resolved(each) for each in operation.get("parameters", [])]
            at = _filled(path, {each["name"]: self._text(each) for each in parameters if each["in"] == "path"})
            query = {each["name"]: hostile for each in parameters if each["in"] == "query" and _is_free(self._text(each))}
            media_type, schema = self._body(operation)
            body = None if schema is None else self.value(schema)
            for where in list(texts(body)):
                if _is_free(said_at(body, where)):
                    body = put(body, where, hostile)
            yield Asked(method, at, query, body, media_type, "every free text")

    def ordinary_body(self, operation: dict[str, Any]) -> Any:
        """A body as it might be; None where there is none."""
        _, schema = self._body(operation)
        return None if schema is None else self.value(schema)

    def parameter(self, operation: dict[str, Any], where: str) -> Any:
        """An ordinary value of what ``Asked.where`` names: ``query.until``."""
        place, _, name = where.partition(".")
        found = next(each for each in map(self._resolved, operation["parameters"]) if (each["in"], each["name"]) == (place, name))
        return self.value(found.get("schema", {}), name)

    def _body(self, operation: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        content = operation.get("requestBody", {}).get("content", {})
        for media_type, described in content.items():
            return media_type, described.get("schema", {})
        return "application/json", None

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def _text(self, parameter: dict[str, Any]) -> str:
        return str(self.value(parameter.get("schema", {}), parameter["name"]))

    def value(self, schema: dict[str, Any], name: str = "", depth: int = 0) -> Any:
        """An ordinary value: every property filled, lists with one element, unions by their first kind that is not null."""
        schema = self._resolved(schema)
        for union in ("anyOf", "oneOf", "allOf"):
            if union in schema:
                kinds = [each for each in map(self._resolved, schema[union]) if each.get("type") != "null"]
                return self.value(kinds[0], name, depth)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if schema.get("default") not in (None, [], {}):
            return schema["default"]
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            if depth > DEEPEST:
                return {}
            inside = {each: self.value(inner, each, depth + 1) for each, inner in schema.get("properties", {}).items()}
            if not inside and isinstance(schema.get("additionalProperties"), dict):
                return {"x": self.value(schema["additionalProperties"], "x", depth + 1)}
            return inside
        if kind == "array":
            return [self.value(schema.get("items", {}), name, depth + 1)] if depth <= DEEPEST else []
        if kind in ("integer", "number"):
            return schema.get("minimum", schema.get("exclusiveMinimum", 0)) + 1
        if kind == "boolean":
            return True
        return ORDINARY.get(schema.get("format", ""), WORDS.get(name, "A" * max(1, schema.get("minLength", 1))))


def texts(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a body its texts are."""
    if isinstance(value, str):
        yield where
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from texts(inner, (*where, name))


def values_of(kind: type, value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a body its values of a kind are."""
    if type(value) is kind:
        yield where
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from values_of(kind, inner, (*where, name))


def _is_free(text: str) -> bool:
    return set(text) == {"A"}


def said_at(body: Any, where: tuple[Any, ...]) -> str:
    """What a body says at one place."""
    for name in where:
        body = body[name]
    return str(body)


def put(body: Any, where: tuple[Any, ...], text: Any) -> Any:
    """The body with something else at one place."""
    if not where:
        return text
    changed = copy.deepcopy(body)
    inside = changed
    for name in where[:-1]:
        inside = inside[name]
    inside[where[-1]] = text
    return changed


def _filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="", errors="surrogatepass"))
    return path
