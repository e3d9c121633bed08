"""Texts on their way into a file that a spreadsheet opens: never a formula there, and never a character that the file may not hold."""

from __future__ import annotations

import unicodedata

_SIGNS = ("=", "+", "-", "@", "|", "%")
_DROPPED = ("\t", "\r", "\n")
"""What some programs drop, or take for the next cell, before they look at a sign."""


def begins_a_formula(text: str) -> bool:
    """Whether some spreadsheet would take the text for a formula: it drops spaces before the sign, and takes a wide sign for the usual."""
    return text.startswith(_DROPPED) or unicodedata.normalize("NFKC", text).lstrip().startswith(_SIGNS)


def harmless(text: str) -> str:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it; any other as it is."""
    return f"'{text}" if begins_a_formula(text) else text


def harmless_and_whole(text: str) -> str:
    """The same for a file that is read again, where one apostrophe before a text is taken off: one that is there stays."""
    return f"'{text}" if text.startswith("'") or begins_a_formula(text) else text


def printable(text: str) -> str:
    """Without the control characters that no workbook may hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")
