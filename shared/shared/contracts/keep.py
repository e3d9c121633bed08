"""Keeps the JSON Schema of every event as released, and says what would break those who read it.

``python -m shared.contracts.keep`` writes what is new or was added to; it refuses to overwrite a contract that would break. A
break is a new type (``referral.broadcast.v2``) beside the old one; ``--replace`` is for a contract nobody has released yet.

A field may be added if it is optional. A closed list may gain a word: a consumer that does not know it yet puts the event among
its dead letters until it is upgraded and they are replayed, so consumers are upgraded first. Nothing else may change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.contracts import Event, event_types

FOLDER = Path(__file__).parent / "schemas"
_WORDS_FOR_PEOPLE = {"title", "description", "default", "examples", "$defs"}

Schema = Mapping[str, Any]


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema that a consumer of this event checks its data against."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:hearth:{event.type}"} | event.model_json_schema()


def kept(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Every kept schema by event type."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def breaks(before: Schema, now: Schema) -> list[str]:
    """What of ``before`` a reader or a waiting event could no longer rely on in ``now``; empty when it only grew."""
    return list(_compare(before, now, before, now, "data"))


def _compare(before: Schema, now: Schema, all_before: Schema, all_now: Schema, where: str) -> Iterator[str]:
    before, now = _resolved(before, all_before), _resolved(now, all_now)
    for gone in set(before.get("enum", ())) - set(now.get("enum", before.get("enum", ()))):
        yield f"{where}: the word {gone} was removed"
    for name in sorted((before.keys() | now.keys()) - _WORDS_FOR_PEOPLE):
        was, will = before.get(name), now.get(name)
        if name == "properties":
            yield from _fields(before, now, all_before, all_now, where)
        elif name == "required":
            yield from _required(before, now, where)
        elif name in ("items", "additionalProperties") and isinstance(was, dict) and isinstance(will, dict):
            yield from _compare(was, will, all_before, all_now, f"{where}[]")
        elif name in ("anyOf", "allOf", "oneOf", "prefixItems") and was and will and len(was) == len(will):
            for one, other in zip(was, will, strict=True):
                yield from _compare(one, other, all_before, all_now, where)
        elif name == "enum" and was and will:
            continue
        elif was != will and not name.startswith("$"):
            yield f"{where}: {name} was {was} and would be {will}"


def _fields(before: Schema, now: Schema, all_before: Schema, all_now: Schema, where: str) -> Iterator[str]:
    fields = now.get("properties", {})
    for name, was in before.get("properties", {}).items():
        if name not in fields:
            yield f"{where}.{name}: was removed"
        else:
            yield from _compare(was, fields[name], all_before, all_now, f"{where}.{name}")


def _required(before: Schema, now: Schema, where: str) -> Iterator[str]:
    was, will = set(before.get("required", ())), set(now.get("required", ()))
    for name in sorted(will - was):
        yield f"{where}.{name}: would be required, and events already on their way lack it"
    for name in sorted((was - will) & now.get("properties", {}).keys()):
        yield f"{where}.{name}: was always there and could be absent"


def _resolved(schema: Schema, whole: Schema) -> Schema:
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]] | {name: value for name, value in schema.items() if name != "$ref"}
    return schema


def main(arguments: list[str]) -> int:
    """Write the schemas; 1 when a contract would break and ``--replace`` was not given."""
    before = kept()
    broken = {type: breaks(before[type], schema_of(event)) for type, event in event_types.items() if type in before}
    broken |= {type: [f"{type}: was removed"] for type in before.keys() - event_types.keys()}
    problems = [f"{type}: {problem}\n" for type, found in broken.items() for problem in found]
    if problems and "--replace" not in arguments:
        sys.stderr.writelines([*problems, "Nothing written. Publish a new type beside the old one.\n"])
        return 1
    for type in before.keys() - event_types.keys():
        (FOLDER / f"{type}.json").unlink()
    for type, event in event_types.items():
        (FOLDER / f"{type}.json").write_text(json.dumps(schema_of(event), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
