"""A body's JSON Schema whole, for the OpenAPI document, where a route reads its body itself and the framework is not told of the model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema with its parts written in place: a reference would point to where the document has nothing."""
    schema = model.model_json_schema(ref_template="{model}")
    parts = schema.pop("$defs", {})

    def in_place(node: Any) -> Any:
        if isinstance(node, list):
            return [in_place(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return in_place({**parts[node["$ref"]], **{name: value for name, value in node.items() if name != "$ref"}})
        return {name: in_place(value) for name, value in node.items()}

    whole: dict[str, Any] = in_place(schema)
    return whole
