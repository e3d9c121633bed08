"""What a body of JSON would cost or break, told from its bytes: how deep it is nested, how many values it holds, and where a null byte is.

What parses or walks it afterwards does so by recursion, and makes an object of each value and an error of each that is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Every text, the last one also when it never ends: no byte is looked at twice, whatever is sent."""
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NULL_WRITTEN = b"\\u0000"


def deeper_than(most: int, body: bytes) -> bool:
    """Whether lists and objects are nested deeper than ``most``; brackets inside texts do not count. Whether it is JSON is not asked."""
    if body.count(b"[") + body.count(b"{") <= most:
        return False
    brackets = _TEXTS.sub(b"", body).translate(None, _NOT_BRACKETS)
    return max(accumulate(_STEP[bracket] for bracket in brackets), default=0) > most


def more_values_than(most: int, body: bytes) -> bool:
    """Whether a body holds more than ``most`` lists, objects and further values in them: opening brackets and commas outside texts."""
    if _parts(body) <= most:
        return False
    return _parts(_TEXTS.sub(b"", body)) > most


def _parts(body: bytes) -> int:
    return body.count(b"[") + body.count(b"{") + body.count(b",")


def null_bytes_in(body: bytes) -> Iterator[tuple[str | int, ...]]:
    """The path of each text that holds a null byte, which PostgreSQL keeps in none; a key that does is named by its object's path.

    None where there is none, or where the body is no JSON, which whoever reads it says better.
    """
    if _NULL_WRITTEN not in body:
        return
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    yield from _null_bytes(value, ())


def _null_bytes(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        if "\0" in value:
            yield path
    elif isinstance(value, dict):
        if any("\0" in key for key in value):
            yield path
        for key, inner in value.items():
            yield from _null_bytes(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _null_bytes(inner, (*path, number))
