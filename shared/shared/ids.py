"""The only place that makes identifiers."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

READABLE_LETTERS = "34679ACDEFGHJKMNPQRTWXY"
"""No 0 or O, 1 I or L, 2 or Z, 5 or S, 8 or B, U or V: what is left is not misread."""


def new_id() -> UUID:
    """A new id, ordered by the time it was made, so that an index grows at one end."""
    return uuid7()


def blinding() -> str:
    """128 random bits as hexadecimal digits: put into what is hashed, they keep anybody from trying guesses against the hash."""
    return secrets.token_hex(16)


def unguessable() -> str:
    """256 random bits in letters that an address and a cookie take as they are."""
    return secrets.token_urlsafe(32)


def readable_reference(length: int = 8) -> str:
    """A random reference people can read aloud over the telephone: ``K7M4-WQ3P``."""
    number, letters = secrets.randbelow(len(READABLE_LETTERS) ** length), ""
    for _ in range(length):
        number, letter = divmod(number, len(READABLE_LETTERS))
        letters += READABLE_LETTERS[letter]
    return "-".join(letters[start : start + 4] for start in range(0, length, 4))
