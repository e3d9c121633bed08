"""How deep JSON is nested, told without parsing it: what parses or walks it afterwards does so by recursion."""

from __future__ import annotations

import re
from itertools import accumulate

_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Every text, the last one also when it never ends: no byte is looked at twice, whatever is sent."""
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def deeper_than(most: int, body: bytes) -> bool:
    """Whether lists and objects are nested deeper than ``most``; brackets inside texts do not count. Whether it is JSON is not asked."""
    if body.count(b"[") + body.count(b"{") <= most:
        return False
    brackets = _TEXTS.sub(b"", body).translate(None, _NOT_BRACKETS)
    return max(accumulate(_STEP[bracket] for bracket in brackets), default=0) > most
