"""A text as a machine compares it, each of its characters tied to its place in the text as it was written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe58\ufe63\uff0d"
_QUOTES = "\u2018\u2019\u201a\u201b\u02bc\u00b4\u0060\u2032\uff07"


@dataclass(frozen=True)
class Folded:
    """``text`` with ``places[i]``, where its character ``i`` stands in the text it was folded from."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text as written of ``text[start:end]``, which is not empty."""
        return self.places[start], self.places[end - 1] + 1


def plain_character(character: str) -> str:
    """One character without its typography: full-width and other scripts' figures as 0 to 9, every dash a hyphen, every apostrophe a
    straight one, every space a space; what has no width is nothing."""
    if character < "\x7f":
        return " " if character in "\t\n\r\f\v" else character
    if character in _DASHES:
        return "-"
    if character in _QUOTES:
        return "'"
    kind = unicodedata.category(character)
    if kind == "Cf":
        return ""
    if kind in ("Zs", "Zl", "Zp"):
        return " "
    figure = unicodedata.decimal(character, None)
    return str(figure) if figure is not None else unicodedata.normalize("NFKC", character)


def folded(text: str, plain: Callable[[str], str] = plain_character) -> Folded:
    """The text, character by character through ``plain``; one character may become several, or none."""
    parts: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        part = plain(character)
        parts.append(part)
        places.extend([place] * len(part))
    return Folded("".join(parts), tuple(places))
