"""Saying no, in words: raised below HTTP, turned into problem+json by ``shared.problems``.

A message names the field and the rule and says what to do next. It never repeats what the caller sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class RefusalKind(StrEnum):
    """Why something is refused; the status that goes with each is chosen in ``shared.problems``."""

    MALFORMED = "malformed"
    NOT_SIGNED_IN = "not-signed-in"
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    GONE = "gone"
    STALE = "stale-version"
    TOO_SLOW = "too-slow"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported-media-type"
    INVALID = "invalid"
    VERSION_NEEDED = "version-needed"
    TOO_MANY = "too-many-requests"
    HEADERS_TOO_LARGE = "headers-too-large"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Reason:
    """One rule that was broken: the field, the rule's name, and a sentence for the person who must mend it."""

    field: str
    rule: str
    message: str


class Refused(Exception):
    """The request cannot be done. Carries every reason, not the first; nothing has been written when it is raised.

    ``retry_after``: the seconds after which the same request may be done.
    """

    def __init__(self, kind: RefusalKind, detail: str, reasons: Iterable[Reason] = (), *, retry_after: int | None = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.reasons = tuple(reasons)
        self.retry_after = retry_after


def invalid(*reasons: Reason, detail: str = "") -> Refused:
    """What was sent breaks one or more rules; each is named."""
    count = len(reasons)
    words = detail or (reasons[0].message if count == 1 else f"{count} things need mending; each is listed under errors.")
    return Refused(RefusalKind.INVALID, words, reasons)


def conflict(detail: str, *reasons: Reason) -> Refused:
    """The thing is not in a state that allows this."""
    return Refused(RefusalKind.CONFLICT, detail, reasons)


def not_found(noun: str) -> Refused:
    """No such thing, or none this organisation may know of: the two are told apart by nobody."""
    return Refused(RefusalKind.NOT_FOUND, f"There is no such {noun}, or it is not yours to see.")


def not_allowed(detail: str, *reasons: Reason) -> Refused:
    """Signed in, but this is for another organisation or role."""
    return Refused(RefusalKind.NOT_ALLOWED, detail, reasons)


def unavailable(detail: str) -> Refused:
    """Something this needs does not answer just now; the caller may try again."""
    return Refused(RefusalKind.UNAVAILABLE, detail)
