"""The disclosure ledger's chain: each line's hash covers what the line says and the hash of the line before, one chain a council.

How a hash is made, so that anybody can work it out again:

* before the first line stands SHA-256 of ``hearth/1/ledger``, a zero byte, and the council as in ``council:E06000045``;
* a line's hash is SHA-256 of ``hearth/1/ledger-line``, a zero byte, the 32 bytes of the hash before it, and the line as :func:`canonical`
  writes it: a JSON object, keys in alphabetical order, no spaces, every character that is not ASCII escaped, ids in lower case, the
  moment in UTC to the microsecond, what is absent as null.

A line that a placement decision is written by holds its id and the hash of its record too, and is of the second form: its object has
besides ``decision``, ``decision_hash`` (64 hexadecimal digits) and ``form`` (2), and its hash begins with ``hearth/2/ledger-line``. Lines
of the first form are what they were, so a ledger begun before the second form is checked as before.

The form follows RFC 8785 as far as strings, whole numbers, lists and null go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True)
class Entry:
    """What one line says: who saw, or was given the right to see, which fields of which child, when, by which right."""

    organisation: str
    id: UUID
    child: UUID
    placement: UUID | None
    seen_by: str
    subject: str
    act: str
    right: str
    fields: tuple[str, ...]
    at: datetime
    decision: UUID | None = None
    decision_hash: bytes | None = None
    """Of the decision's record, which ``matching`` keeps; there exactly if ``decision`` is."""


@dataclass(frozen=True)
class Position:
    """A place in a council's chain: how many lines lie before it, and the hash of the last of them."""

    line: int
    hash: bytes


@dataclass(frozen=True)
class Line:
    """An entry with its place in the chain: its number from 1, the hash of the line before, and its own."""

    entry: Entry
    number: int
    previous: bytes
    hash: bytes


class Rule(StrEnum):
    """What a line of a whole chain keeps to."""

    IN_ITS_PLACE = "in_its_place"
    NOT_MISSING = "not_missing"
    FOLLOWS_THE_LINE_BEFORE = "follows_the_line_before"
    AS_WRITTEN = "as_written"
    WRITTEN_BY_THE_SERVICE = "written_by_the_service"
    ENDS_AS_WRITTEN = "ends_as_written"
    AS_KEPT_ELSEWHERE = "as_kept_elsewhere"


BROKEN_WORDS = {
    Rule.IN_ITS_PLACE: "Another line stands where this number belongs: lines were added, moved or numbered anew.",
    Rule.NOT_MISSING: "This line is missing: it was deleted, or moved elsewhere.",
    Rule.FOLLOWS_THE_LINE_BEFORE: "This line does not follow the one before it: a line was put in, moved or replaced here.",
    Rule.AS_WRITTEN: "What this line says is not what was written: it was altered.",
    Rule.WRITTEN_BY_THE_SERVICE: "This line was added behind the end of the ledger by other means than the service.",
    Rule.ENDS_AS_WRITTEN: "The note of where the ledger ends was altered.",
    Rule.AS_KEPT_ELSEWHERE: "The hash of this line is not the one you kept: the ledger up to here was written anew.",
}


@dataclass(frozen=True)
class Break:
    """The first broken link: the line's number, its id if there is such a line, and the rule it breaks."""

    line: int
    id: UUID | None
    rule: Rule


def beginning(organisation: str) -> Position:
    """Where a council's chain begins; its hash differs from every other council's."""
    return Position(0, hashlib.sha256(b"hearth/1/ledger\0" + organisation.encode()).digest())


def canonical(entry: Entry, number: int) -> bytes:
    """A line in the one form that is hashed."""
    said: dict[str, object] = {
        "act": str(entry.act),
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "child": str(entry.child),
        "fields": [str(field) for field in entry.fields],
        "id": str(entry.id),
        "line": number,
        "organisation": entry.organisation,
        "placement": str(entry.placement) if entry.placement else None,
        "right": str(entry.right),
        "seen_by": entry.seen_by,
        "subject": entry.subject,
    }
    if _second_form(entry):
        said["decision"] = str(entry.decision) if entry.decision else None
        said["decision_hash"] = entry.decision_hash.hex() if entry.decision_hash is not None else None
        said["form"] = 2
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def hash_of(entry: Entry, number: int, previous: bytes) -> bytes:
    """A line's hash, 32 bytes."""
    form = b"hearth/2/ledger-line\0" if _second_form(entry) else b"hearth/1/ledger-line\0"
    return hashlib.sha256(form + previous + canonical(entry, number)).digest()


def _second_form(entry: Entry) -> bool:
    return entry.decision is not None or entry.decision_hash is not None


def chained(entries: Iterable[Entry], after: Position) -> Iterator[Line]:
    """The entries as the lines that follow ``after``, in the order given."""
    for entry in entries:
        line = Line(entry, after.line + 1, after.hash, hash_of(entry, after.line + 1, after.hash))
        after = Position(line.number, line.hash)
        yield line


def follow(after: Position, lines: Iterable[Line]) -> tuple[Position, Break | None]:
    """How far the chain is whole over these lines, the next in number, and the first of them that is not as it was written."""
    for line in lines:
        if broken := _broken(after, line):
            return after, broken
        after = Position(line.number, line.hash)
    return after, None


def _broken(after: Position, line: Line) -> Break | None:
    if line.number > after.line + 1:
        return Break(after.line + 1, None, Rule.NOT_MISSING)
    if line.number <= after.line:
        return Break(line.number, line.entry.id, Rule.IN_ITS_PLACE)
    if line.previous != after.hash:
        return Break(line.number, line.entry.id, Rule.FOLLOWS_THE_LINE_BEFORE)
    if line.hash != hash_of(line.entry, line.number, line.previous):
        return Break(line.number, line.entry.id, Rule.AS_WRITTEN)
    return None


def ended(reached: Position, noted: Position) -> Break | None:
    """Whether the ledger ends where the service noted that it ends; None when it does.

    ``reached`` is the last line found, ``noted`` what the service wrote down with the last line. Lines deleted at the end, or added there
    by hand, are found only so.
    """
    if reached.line < noted.line:
        return Break(reached.line + 1, None, Rule.NOT_MISSING)
    if reached.line > noted.line:
        return Break(noted.line + 1, None, Rule.WRITTEN_BY_THE_SERVICE)
    return None if reached.hash == noted.hash else Break(noted.line, None, Rule.ENDS_AS_WRITTEN)
